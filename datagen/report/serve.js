"use strict";
// A page of the server: its cards; the rest is links and a form.

document.getElementById("gallery").append(...rows.map((row) => card(row)));
