"use strict";
// Search, filter and table of a report; what is shown follows from `query`, `group`, `order` and `listed`.

const PAGE = 4 * data.columns, LINES = 50; // four rows of cards
let query = [], group = null, shown = PAGE, listed = LINES;
let order = { column: "key", rising: true };

const by = (id) => document.getElementById(id);
const fits = (row) => (group === null || row.group === group) && query.every((word) => row.words.includes(word));

function fill(place, cards) {
  by(place).replaceChildren(...(cards.length ? cards : [element("p", { class: "none" }, "None fits.")]));
}

function draw_cards() {
  const fitting = data.gallery.map((number) => rows[number]).filter(fits);
  fill("gallery", fitting.slice(0, shown).map((row) => card(row)));
  by("more").hidden = fitting.length <= shown;
  by("more").querySelector("span").textContent = `${Math.min(shown, fitting.length)} of ${fitting.length}`;
  for (const place of ["worst", "odd"]) {
    if (by(place)) fill(place, data[place].filter(([number]) => fits(rows[number])).map(([number, why]) => card(rows[number], why)));
  }
}

const columns = {
  key: (row) => row.number, caption: (row) => row.caption ?? "", medium: (row) => data.groups[row.group].name,
  strokes: (row) => row.strokes, psnr: (row) => row.psnr ?? Infinity, bytes: (row) => row.bytes, odd: (row) => row.odd,
};

function draw_table() {
  const value = columns[order.column], sign = order.rising ? 1 : -1;
  const compare = (a, b) => (value(a) < value(b) ? -sign : value(a) > value(b) ? sign : a.number - b.number);
  const fitting = rows.filter(fits).sort(compare);
  by("lines").replaceChildren(...fitting.slice(0, listed).map(line));
  by("further").hidden = fitting.length <= listed;
  by("further").querySelector("span").textContent = `${count(Math.min(listed, fitting.length))} of ${count(fitting.length)}`;
  by("count").textContent = `${count(fitting.length)} of ${count(rows.length)} samples`;
  for (const head of document.querySelectorAll("th[data-column]")) {
    const sorted = head.dataset.column === order.column;
    head.setAttribute("aria-sort", sorted ? (order.rising ? "ascending" : "descending") : "none");
  }
}

function line(row) {
  const cell = (text, name = "") => element("td", name ? { class: "number", "data-name": name } : {}, text);
  const name = cell(row.key);
  if (data.films[row.number]) {
    const link = element("a", { href: "#" }, row.key);
    link.addEventListener("click", (event) => { event.preventDefault(); open_sheet(row); });
    name.replaceChildren(link);
  }
  const medium = element("td", { class: colour(row) }, element("span", { class: "dot" }), data.groups[row.group].name);
  return element("tr", {}, name, cell(row.caption ?? "–"), medium, cell(row.strokes ? count(row.strokes) : "–", "strokes"),
    cell(row.psnr === null ? "–" : row.psnr.toFixed(2), "PSNR"), cell(count(Math.round(row.bytes / 1000)), "kB"),
    cell(row.odd.toFixed(1), "oddness"));
}

function draw() {
  draw_cards();
  draw_table();
  for (const part of document.querySelectorAll("svg [data-group]")) {
    part.classList.toggle("dim", group !== null && part.dataset.group !== data.groups[group].name);
  }
}

by("search").addEventListener("input", (event) => {
  query = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  [shown, listed] = [PAGE, LINES];
  draw();
});
for (const chip of document.querySelectorAll(".chip")) {
  chip.addEventListener("click", () => {
    group = chip.dataset.number === "" ? null : Number(chip.dataset.number);
    for (const other of document.querySelectorAll(".chip")) other.setAttribute("aria-pressed", String(other === chip));
    [shown, listed] = [PAGE, LINES];
    draw();
  });
}
by("more").querySelector("button").addEventListener("click", () => { shown += PAGE; draw_cards(); });
by("further").querySelector("button").addEventListener("click", () => { listed += 4 * LINES; draw_table(); });
for (const head of document.querySelectorAll("th[data-column]")) {
  head.querySelector("button").addEventListener("click", () => {
    const column = head.dataset.column;
    // Numbers are asked for to see the largest.
    order = { column, rising: order.column === column ? !order.rising : !head.classList.contains("number") };
    draw_table();
  });
}
draw();
