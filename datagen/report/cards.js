"use strict";
// Cards, and the sheet that opens from one. Everything that comes from a corpus goes in as text, never as markup.

const data = JSON.parse(document.getElementById("data").textContent);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const rows = data.rows.map(([key, source, caption, group, strokes, psnr, bytes, height, width, odd], number) => ({
  key, source, caption, group, strokes, psnr, bytes, height, width, odd, number,
  words: `${caption ?? ""} ${key} ${source}`.toLowerCase(),
}));
const colour = (row) => `g${data.groups[row.group].colour}`;
const decibel = (psnr) => (psnr === null ? "–" : psnr.toFixed(1) + " dB");
const count = (number) => number.toLocaleString("en");
// The server gives addresses, the page on disk the pictures themselves, in Base64.
const address = (picture) => (picture.startsWith("/") ? picture : "data:image/webp;base64," + picture);

// A fresh blob each time, so that an animation begins with its blank sheet instead of somewhere in its middle.
const blobs = new Map();
async function film(row) {
  const text = address(data.films[row.number].film);
  if (!blobs.has(text)) blobs.set(text, fetch(text).then((answer) => answer.blob()));
  return URL.createObjectURL(new Blob([await blobs.get(text)], { type: "image/webp" }));
}

async function play(image, row) {
  image.dataset.wanted = "playing";
  const playing = await film(row);
  if (image.dataset.wanted === "playing") image.src = playing;
}

function rest(image, row) {
  image.dataset.wanted = "resting";
  if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
  image.src = address(data.films[row.number].poster);
}

function card(row, reason = "") {
  const shown = data.films[row.number];
  const image = element("img", { src: address(shown.poster), alt: "", loading: "lazy", decoding: "async" });
  image.addEventListener("load", () => image.classList.toggle("tiny", image.naturalWidth < 100));
  const made = element("button", { class: "card", "data-key": row.key, "aria-label": row.caption ?? row.source },
    element("span", { class: "picture", style: "display:block" }, image),
    element("img", { class: "strip", src: address(shown.strip), alt: "", loading: "lazy", decoding: "async" }),
    element("span", { class: "words" }, row.caption ?? row.source),
    element("span", { class: `facts-line ${colour(row)}` }, element("span", { class: "dot" }),
      `${data.groups[row.group].name}${row.psnr === null ? "" : " · " + decibel(row.psnr)}`));
  if (reason) made.append(element("span", { class: "why" }, reason));
  for (const name of ["pointerenter", "focus"]) made.addEventListener(name, () => play(image, row));
  for (const name of ["pointerleave", "blur"]) made.addEventListener(name, () => rest(image, row));
  made.addEventListener("click", () => open_sheet(row));
  return made;
}

const sheet = document.querySelector("dialog");

function open_sheet(row) {
  const shown = data.films[row.number];
  const image = element("img", { alt: row.caption ?? row.source });
  image.addEventListener("load", () => image.classList.toggle("tiny", image.naturalWidth < 100));
  const facts = element("dl");
  const phases = [...new Set(shown.phases)].filter((phase) => phase !== "blank").join(", ");
  for (const [name, value] of [
    ["key", row.key], ["source", row.source], ["medium", data.groups[row.group].name],
    ["canvas", `${row.width} × ${row.height} px`], ["frames", String(shown.curve.length)],
    ["strokes", row.strokes ? count(row.strokes) : "–"], ["phases", phases || "–"],
    ["PSNR", decibel(row.psnr)], ["size", count(Math.round(row.bytes / 1000)) + " kB"], ...shown.credits,
  ]) facts.append(element("dt", {}, name), element("dd", {}, value));
  const close = element("button", {}, "Close");
  close.addEventListener("click", () => sheet.close());
  sheet.replaceChildren(element("div", { class: "sheet" }, image,
    element("div", {}, element("h2", {}, row.caption ?? "(no caption)"), curve(row, shown.curve), facts, close)));
  sheet.showModal();
  play(image, row);
}

sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });

// PSNR of the frames; those that equal the target have none.
function curve(row, values) {
  const space = "http://www.w3.org/2000/svg";
  const [width, height, least, most] = [360, 74, Math.min(...values.filter((v) => v !== null)), Math.max(...values)];
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height + 20}`);
  const at = (value, index) => {
    const x = (index / Math.max(1, values.length - 1)) * width;
    return `${x.toFixed(1)},${(height - ((value - least) / (most - least || 1)) * (height - 8)).toFixed(1)}`;
  };
  const group = document.createElementNS(space, "g");
  group.setAttribute("class", `series ${colour(row)}`);
  const line = document.createElementNS(space, "polyline");
  line.setAttribute("points", values.map((v, i) => (v === null ? "" : at(v, i))).filter(Boolean).join(" "));
  group.append(line);
  const label = document.createElementNS(space, "text");
  label.setAttribute("y", String(height + 16));
  label.textContent = most > least ? `PSNR from ${decibel(least)} to ${decibel(most)}` : "";
  svg.append(group, label);
  return svg;
}
