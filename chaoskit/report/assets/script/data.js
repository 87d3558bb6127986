const data = JSON.parse(document.getElementById("lanes-data").textContent);
if (!data.lanes.length) return;

const STRIP = 36; // CSS pixels above each plot, for failed probes and outages
const ROWS = ["established", "fresh"]; // their order in the strip
const names = ["ink", "soft", "line", "established", "fresh", "fault", "fault-ink", "outage", "mark"];
const colours = {};
const charts = []; // {plot, lane, readout, rest}
const LAG = ["established", "fresh", "mark", "outage", "soft"]; // colours of replicas, in this order
const hasLag = Object.keys(data.lag?.bytes ?? {}).length > 0;
let axisWidth = 64;

// A stream's instants come as a first tick and distances, alone or with how often they repeat.
function instants(stream) {
  const at = [];
  let tick = stream.first;
  if (stream.latency_ms.length) at.push(tick / data.ticks_per_s);
  for (const run of stream.runs) {
    const [distance, times] = Array.isArray(run) ? run : [run, 1];
    for (let i = 0; i < times; i++) at.push((tick += distance) / data.ticks_per_s);
  }
  return at;
}

// A probe speaks for no more than two of the distances at which probes are drawn.
const reach = (stream) => 2 * (stream.interval_s ?? 1) * data.thinned;

// A line is broken where its clients were not there.
function line(stream) {
  const at = [...stream.at], ms = [...stream.latency_ms];
  for (const i of [...stream.broken].reverse()) {
    at.splice(i, 0, (at[i - 1] + at[i]) / 2);
    ms.splice(i, 0, null);
  }
  return [at, ms];
}

const lanes = data.lanes.map((lane) => ({
  ...lane,
  outages: data.outages.filter((o) => o.region === lane.region && o.operation === lane.operation),
  marks: data.marks.filter((m) => m.region === null || (m.region === lane.region && lane.operation === "write")),
  streams: lane.streams.map((s) => ({ ...s, at: instants(s), hollow: new Set(s.hollow), reach_s: reach(s) })),
}));

// One latency scale for all lanes, in whole decades, so that heights can be compared.
function decades() {
  const all = lanes.flatMap((lane) => lane.streams.flatMap((stream) => stream.latency_ms)).filter((ms) => ms > 0);
  if (!all.length) return [1, 1000];
  const decade = (round, pick) => round(Math.log10(all.reduce((a, b) => pick(a, b))));
  const from = decade(Math.floor, Math.min), to = decade(Math.ceil, Math.max);
  return [10 ** from, 10 ** Math.max(to, from + 1)];
}
