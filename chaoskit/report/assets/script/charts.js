// ---- charts ----
let shown = { from: data.begin_s, to: data.end_s };
function zoom(from, to) {
  if (shown.from === from && shown.to === to) return; // a chart repeats what it was told
  shown = { from, to };
  for (const { plot } of charts) plot.setScale("x", { min: from, max: to });
  remember(from, to);
}

// Never beyond the run, never nothing.
function show(from_s, to_s) {
  const from = Math.max(data.begin_s, Math.min(from_s, data.end_s - 0.01));
  zoom(from, Math.max(from + 0.01, Math.min(to_s, data.end_s)));
}

function options(width, height, top, hooks) {
  return {
    width, height,
    padding: [top, 22, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, sync: { key: "lanes", scales: ["x", null] }, drag: { x: true, y: false } },
    scales: { x: { time: false, min: shown.from, max: shown.to } },
    hooks: { ...hooks, setScale: [(plot, key) => key === "x" && zoom(plot.scales.x.min, plot.scales.x.max)] },
  };
}

function xAxis(show) {
  return {
    show: true, size: show ? 26 : 4, stroke: () => colours.soft, font: "11px system-ui, sans-serif",
    grid: { stroke: () => colours.line, width: 1 }, ticks: { show: false },
    values: (_, splits) => splits.map((s) => (show ? `${+s.toFixed(3)} s` : "")),
  };
}

function storyChart(place, width) {
  const height = 26 + data.faults.length * 22 + 60;
  const opts = options(width, height, 0, { draw: [paintStory], setCursor: [(plot) => read({ plot })] });
  opts.scales.y = { range: [0, 1] };
  opts.axes = [xAxis(true), { size: axisWidth, values: () => [], grid: { show: false }, ticks: { show: false } }];
  opts.series = [{}, { show: false }];
  const plot = new uPlot(opts, [[data.begin_s, data.end_s], [null, null]], place);
  charts.push({ plot, lane: null });
}

function laneChart(place, width, index, range) {
  const lane = lanes[index], readout = document.querySelector(`.readout[data-lane="${index}"]`);
  const chart = { lane, readout, rest: new Map() };
  for (const cell of readout.querySelectorAll("[data-connection]"))
    chart.rest.set(cell.dataset.connection, cell.dataset.rest ?? (cell.dataset.rest = cell.textContent));
  const opts = options(width, STRIP + 104, STRIP, {
    drawClear: [(plot) => paintFaults(plot)],
    draw: [(plot) => paintMarks(plot, lane.marks), (plot) => paintStrip(plot, lane)],
    setCursor: [(plot) => chart.plot && read(chart)],
  });
  opts.scales.ms = { distr: 3, range };
  opts.axes = [xAxis(index === lanes.length - 1 && !hasLag), {
    scale: "ms", size: axisWidth, stroke: () => colours.soft, font: "11px system-ui, sans-serif", gap: 4, space: 14,
    grid: { stroke: () => colours.line, width: 1 }, ticks: { show: false },
    splits: () => { const all = []; for (let v = range[0]; v <= range[1] * 1.001; v *= 10) all.push(v); return all; },
    values: (_, splits) => splits.map((v) => (v >= 1000 ? `${v / 1000} s` : `${+v.toPrecision(1)} ms`)),
  }];
  opts.series = [{}, ...lane.streams.map((stream) => ({
    label: stream.connection, scale: "ms", width: 1.25, stroke: () => colours[stream.connection] || colours.ink,
    dash: stream.connection === "fresh" ? [5, 3] : undefined, points: { show: false }, spanGaps: false,
  }))];
  // join() leaves "undefined" where only the other stream has a probe (no gap) and keeps null (a gap).
  const joined = uPlot.join(lane.streams.map(line));
  chart.plot = new uPlot(opts, joined, place);
  charts.push(chart);
}

// Replication lag: nothing, then powers of ten of KiB; a gap where nobody could tell.
function lagChart(place, width) {
  const nodes = Object.keys(data.lag.bytes), KIB = 1024;
  const most = Math.max(KIB, ...nodes.flatMap((node) => data.lag.bytes[node]).filter((bytes) => bytes !== null));
  const chart = { readout: document.getElementById("lag-readout"), lag: nodes };
  const opts = options(width, 140, 8, {
    drawClear: [(plot) => paintFaults(plot, 8)], setCursor: [(plot) => chart.plot && read(chart)],
  });
  opts.scales.bytes = { distr: 4, asinh: KIB, range: [0, most * 1.1] };
  opts.axes = [xAxis(true), {
    scale: "bytes", size: axisWidth, stroke: () => colours.soft, font: "11px system-ui, sans-serif", gap: 4, space: 14,
    grid: { stroke: () => colours.line, width: 1 }, ticks: { show: false },
    splits: () => { const all = [0]; for (let v = KIB; v <= most; v *= 10) all.push(v); return all; },
    values: (_, splits) => splits.map(size),
  }];
  opts.series = [{}, ...nodes.map((node, i) => ({
    label: node, scale: "bytes", width: 1.5, stroke: () => colours[LAG[i % LAG.length]], points: { show: true, size: 4 },
    dash: i >= LAG.length ? [5, 3] : undefined, spanGaps: false,
  }))];
  chart.plot = new uPlot(opts, [data.lag.t, ...nodes.map((node) => data.lag.bytes[node])], place);
  charts.push(chart);
  nameLag(chart);
}

function draw() {
  for (const chart of charts.splice(0)) chart.plot.destroy();
  const style = getComputedStyle(document.documentElement);
  for (const name of names) colours[name] = style.getPropertyValue("--" + name).trim();
  const places = document.querySelectorAll(".chart"), width = places[0].clientWidth, range = decades();
  axisWidth = width < 500 ? 48 : 64;
  for (const place of places)
    if (place.id === "lane-lag") lagChart(place, width);
    else if (place.dataset.lane === undefined) storyChart(place, width);
    else laneChart(place, width, Number(place.dataset.lane), range);
  drawn = width;
}

function aroundFaults() {
  const from = Math.min(...data.faults.map((f) => f.from_s));
  const to = Math.max(...data.outages.filter((o) => o.ended).map((o) => o.end_hi_s), ...data.marks.map((m) => m.at_s), from + 1);
  const margin = Math.max(1, (to - from) * 0.15);
  show(from - margin, to + margin);
}
