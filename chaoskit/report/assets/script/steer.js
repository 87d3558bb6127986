// ---- buttons, keys and addresses ----
let drawn = 0;
let cursor_s = null;
draw();
document.querySelector(".tools").hidden = false;
const whole = () => show(data.begin_s, data.end_s);
const buttons = document.querySelectorAll("[data-zoom]");
buttons[0].addEventListener("click", whole);
buttons[1].addEventListener("click", aroundFaults);
buttons[1].hidden = !data.faults.length;
for (const place of document.querySelectorAll(".chart")) place.addEventListener("dblclick", whole);
const again = () => requestAnimationFrame(draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
matchMedia("print").addEventListener("change", draw);
addEventListener("resize", () => document.querySelector(".chart").clientWidth !== drawn && again());

const edges = [...data.faults.flatMap((f) => [f.from_s, f.to_s]), ...data.marks.map((m) => m.at_s)].sort((a, b) => a - b);

function point(s) {
  const span = shown.to - shown.from;
  cursor_s = Math.max(data.begin_s, Math.min(s, data.end_s));
  if (cursor_s < shown.from || cursor_s > shown.to) show(cursor_s - span / 2, cursor_s + span / 2);
  const at = cursor_s; // every chart that is told writes it anew, to the pixel
  for (const { plot } of charts) plot.setCursor({ left: plot.valToPos(at, "x"), top: 1 });
}

function around(factor) {
  const { from, to } = shown, middle = cursor_s ?? (from + to) / 2;
  show(middle - (middle - from) * factor, middle + (to - middle) * factor);
}

const step = (share) => point((cursor_s ?? shown.from) + (shown.to - shown.from) * share);
const KEYS = {
  ArrowLeft: (wide) => step(wide ? -0.1 : -0.01), ArrowRight: (wide) => step(wide ? 0.1 : 0.01),
  "+": () => around(0.5), "=": () => around(0.5), "-": () => around(2), 0: whole, Escape: whole, f: aroundFaults,
  n: () => point(edges.find((s) => s > (cursor_s ?? -Infinity) + 1e-6) ?? data.end_s),
  p: () => point(edges.findLast((s) => s < (cursor_s ?? Infinity) - 1e-6) ?? data.begin_s),
};
document.getElementById("charts").addEventListener("keydown", (event) => {
  const act = event.ctrlKey || event.metaKey || event.altKey ? null : KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(event.shiftKey);
});

// What is shown is in the address, so that it can be sent to somebody: #t=12.0-31.5, #finding=read_your_writes.
function remember(from_s, to_s) {
  const all = from_s <= data.begin_s && to_s >= data.end_s;
  history.replaceState(null, "", all ? location.pathname : `#t=${from_s.toFixed(2)}-${to_s.toFixed(2)}`);
}

const TIME = /^#t=(-?[\d.]+)-(-?[\d.]+)$/;
function follow() {
  const time = TIME.exec(location.hash), place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (time) {
    show(Number(time[1]), Number(time[2]));
    document.getElementById("lanes").scrollIntoView();
  } else if (place) {
    place.scrollIntoView(); // again: the charts have moved it
    place.focus({ preventScroll: true });
  }
}
addEventListener("hashchange", follow);
follow();
