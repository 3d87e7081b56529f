// The stage: frames that the server sent, the slider through time, and playing, without asking the server again.
const canvas = element.querySelector(".canvas"), image = element.querySelector("img");
const label = element.querySelector(".label"), empty = element.querySelector(".empty");
const button = element.querySelector(".play"), slider = element.querySelector("input");
const place = element.querySelector("output");
let film = null, pictures = [], began = null;

function show(number) {
  slider.value = number;
  image.src = pictures[number].src;
  const words = pictures.length > 1 ? `${number + 1} / ${pictures.length}` : "";
  place.textContent = words;
  image.alt = pictures.length > 1 ? `the painting at frame ${words}` : "the picture";
}

function pause() {
  began = null;
  button.classList.remove("playing");
  button.setAttribute("aria-label", "Play");
}

function play() {
  const last = pictures.length - 1;
  const from = Number(slider.value) >= last ? 0 : Number(slider.value);
  const mine = began = performance.now() - (from / last) * film.seconds * 1000;
  button.classList.add("playing");
  button.setAttribute("aria-label", "Pause");
  const tick = () => {
    if (began !== mine) return;
    const number = Math.min(last, Math.floor(((performance.now() - mine) / 1000 / film.seconds) * (last + 1)));
    if (number !== Number(slider.value)) show(number);
    if (number === last) pause(); else requestAnimationFrame(tick);
  };
  show(from);
  requestAnimationFrame(tick);
}

function take() {
  pause();
  film = props.value;
  const some = Boolean(film && film.frames && film.frames.length);
  empty.hidden = some;
  image.hidden = !some;
  canvas.classList.toggle("filled", some);
  slider.disabled = button.disabled = !some || film.frames.length < 2;
  label.hidden = !(some && film.label);
  if (!some) { place.textContent = ""; return; }
  label.textContent = film.label;
  image.width = film.width;
  image.height = film.height;
  image.classList.toggle("tiny", film.tiny);
  pictures = film.frames.map((source) => { const each = new Image(); each.src = source; return each; });
  slider.max = Math.max(1, pictures.length - 1);
  show(film.playing ? 0 : pictures.length - 1);
  if (film.playing) play();
}

button.addEventListener("click", () => (began === null ? play() : pause()));
slider.addEventListener("input", () => { pause(); show(Number(slider.value)); });
watch("value", take);
take();
