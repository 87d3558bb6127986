"use strict";
// Draws the lanes. The page is complete without it: every figure that it shows is also in a table.
(() => {
  const data = JSON.parse(document.getElementById("lanes-data").textContent);
  if (!data.lanes.length) return;

  const STRIP = 36; // CSS pixels above each plot, for failed probes and outages
  const ROWS = ["established", "fresh"]; // their order in the strip
  const names = ["ink", "soft", "line", "established", "fresh", "fault", "fault-ink", "outage", "mark"];
  const colours = {};
  const charts = []; // {plot, lane, readout, rest}
  let axisWidth = 64;

  // A stream's instants come as a first tick and runs of equal distances.
  function instants(stream) {
    const at = [];
    let tick = stream.first;
    if (stream.latency_ms.length) at.push(tick / data.ticks_per_s);
    for (const [distance, times] of stream.runs)
      for (let i = 0; i < times; i++) at.push((tick += distance) / data.ticks_per_s);
    return at;
  }

  // A probe speaks for no more than two of the commonest distances around it.
  function reach(stream) {
    const [distance] = stream.runs.reduce((best, run) => (run[1] > best[1] ? run : best), [data.ticks_per_s, 0]);
    return (2 * distance) / data.ticks_per_s;
  }

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

  // ---- painting; plot is uPlot's, its canvas is in device pixels ----
  const dpr = () => window.devicePixelRatio || 1;
  const xOf = (plot, s) => plot.valToPos(s, "x", true);

  function clipped(plot, top, height, paint) {
    const c = plot.ctx;
    c.save();
    c.beginPath();
    c.rect(plot.bbox.left, top, plot.bbox.width, height);
    c.clip();
    paint(c);
    c.restore();
  }

  function paintFaults(plot) {
    const top = plot.bbox.top - STRIP * dpr(), height = plot.bbox.height + STRIP * dpr();
    clipped(plot, top, height, (c) => {
      c.fillStyle = colours.fault;
      for (const f of data.faults) c.fillRect(xOf(plot, f.from_s), top, xOf(plot, f.to_s) - xOf(plot, f.from_s), height);
    });
  }

  function paintMarks(plot, marks) {
    const { top, height } = plot.bbox;
    clipped(plot, top, height, (c) => {
      c.strokeStyle = colours.mark;
      c.lineWidth = dpr();
      c.setLineDash([3 * dpr(), 3 * dpr()]);
      for (const mark of marks) {
        const x = Math.round(xOf(plot, mark.at_s)) + 0.5;
        c.stroke(new Path2D(`M${x} ${top}v${height}`));
      }
    });
  }

  // Solid while certainly out, hatched between the last failed probe and the first good answer.
  function paintOutage(plot, c, outage, y, height) {
    const [from, sure, to] = [outage.begin_s, outage.end_lo_s, outage.end_hi_s].map((s) => xOf(plot, s));
    c.save();
    c.fillStyle = c.strokeStyle = colours.outage;
    c.lineWidth = dpr();
    c.setLineDash([]);
    c.fillRect(from, y, Math.max(sure - from, dpr()), height);
    c.strokeRect(from + 0.5, y + 0.5, Math.max(to - from - 1, 0), height - 1);
    c.beginPath();
    c.rect(sure, y, Math.max(to - sure, 0), height);
    c.clip();
    for (let x = sure - height; x < to; x += 4 * dpr()) c.stroke(new Path2D(`M${x} ${y + height}l${height} ${-height}`));
    c.restore();
  }

  function paintStrip(plot, lane) {
    const unit = dpr(), top = plot.bbox.top - STRIP * unit;
    clipped(plot, top, STRIP * unit, (c) => {
      for (const stream of lane.streams) {
        const row = Math.max(0, ROWS.indexOf(stream.connection));
        c.fillStyle = colours[stream.connection] || colours.ink;
        const y = top + (1 + row * 6) * unit;
        stream.latency_ms.forEach((ms, i) => {
          if (ms === null || stream.hollow.has(i)) c.fillRect(xOf(plot, stream.at[i]), y, unit, 5 * unit);
        });
      }
      for (const outage of lane.outages) {
        const row = Math.max(0, ROWS.indexOf(outage.connection));
        paintOutage(plot, c, outage, top + (15 + row * 7) * unit, 5 * unit);
      }
    });
    label(plot, "failed", top + 7 * unit);
    label(plot, "out", top + 21 * unit);
  }

  function label(plot, words, y) {
    const c = plot.ctx;
    c.font = `${11 * dpr()}px system-ui, sans-serif`;
    c.fillStyle = colours.soft;
    c.textAlign = "right";
    c.textBaseline = "middle";
    c.fillText(words, plot.bbox.left - 8 * dpr(), y);
  }

  // The top lane: each fault as a named bar, each failover step as a named line, no name over another.
  function paintStory(plot) {
    const unit = dpr(), top = plot.bbox.top, bar = 20 * unit;
    clipped(plot, top, plot.bbox.height, (c) => {
      c.font = `${12 * unit}px system-ui, sans-serif`;
      c.textAlign = "left";
      c.textBaseline = "middle";
      data.faults.forEach((f, i) => {
        const from = xOf(plot, f.from_s), to = xOf(plot, f.to_s), y = top + i * (bar + 2 * unit);
        c.fillStyle = colours.fault;
        c.fillRect(from, y, to - from, bar);
        c.fillStyle = colours["fault-ink"];
        c.fillRect(from, y, 2 * unit, bar);
        c.fillText(f.step, Math.max(from, plot.bbox.left) + 8 * unit, y + bar / 2);
      });
      const base = top + data.faults.length * (bar + 2 * unit);
      const placed = []; // from the right, each below those whose lines would cross its name
      for (const mark of together(data.marks, plot).reverse()) {
        const width = c.measureText(mark.label).width + 10 * unit;
        const x = Math.max(plot.bbox.left, Math.min(mark.x + 5 * unit, plot.bbox.left + plot.bbox.width - width));
        const row = Math.min(3, 1 + Math.max(-1, ...placed.filter((p) => p.x < x + width).map((p) => p.row)));
        placed.push({ x: Math.min(x, mark.x), row });
        c.fillStyle = colours.mark;
        c.fillRect(mark.x, base, unit, (row + 1) * 15 * unit);
        c.fillText(mark.label, x, base + (row * 15 + 8) * unit);
      }
    });
  }

  // Steps that fall on one pixel get one line and share its name; a narrow page has no room for the regions.
  function together(marks, plot) {
    const found = [], narrow = plot.width < 500;
    for (const mark of [...marks].sort((a, b) => a.at_s - b.at_s)) {
      const x = Math.round(xOf(plot, mark.at_s)), words = mark.region && !narrow ? `${mark.label} ${mark.region}` : mark.label;
      const last = found[found.length - 1];
      if (!last || x - last.x >= 4 * dpr()) found.push({ x, words: new Set([words]) });
      else last.words.add(words);
    }
    return found.map(({ x, words }) => ({ x, label: [...words].join(", ") }));
  }

  // ---- the readout: each stream answers with its own nearest probe, so none is ever blank ----
  function nearest(at, s) {
    let low = 0, high = at.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (at[middle] < s) low = middle;
      else high = middle;
    }
    return s - at[low] <= at[high] - s ? low : high;
  }

  const milliseconds = (ms) => (ms >= 100 ? ms.toFixed(0) : ms.toFixed(ms >= 10 ? 1 : 2)) + " ms";

  function answer(stream, s) {
    if (!stream.at.length) return "no probes";
    const i = nearest(stream.at, s), ms = stream.latency_ms[i];
    if (Math.abs(stream.at[i] - s) > stream.reach_s) return "no probe";
    const words = ms === null ? "failed" : stream.hollow.has(i) ? `answered in ${milliseconds(ms)}, then lost` : milliseconds(ms);
    return `${words} at ${stream.at[i].toFixed(3)} s`;
  }

  function read(chart) {
    const { left } = chart.plot.cursor, inside = left !== undefined && left >= 0;
    const s = inside ? chart.plot.posToVal(left, "x") : null;
    for (const stream of chart.lane ? chart.lane.streams : []) {
      const cell = chart.readout.querySelector(`[data-connection="${CSS.escape(stream.connection)}"]`);
      if (!cell) continue;
      cell.classList.toggle("now", inside);
      cell.textContent = inside ? answer(stream, s) : chart.rest.get(stream.connection);
    }
    document.getElementById("cursor-time").textContent = inside ? `${s.toFixed(2)} s after t0` : "";
  }

  // ---- charts ----
  let zooming = false;
  function zoom(from_s, to_s, source) {
    if (zooming) return;
    zooming = true;
    for (const chart of charts) if (chart.plot !== source) chart.plot.setScale("x", { min: from_s, max: to_s });
    zooming = false;
  }

  function options(width, height, top, hooks) {
    return {
      width, height,
      padding: [top, 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, sync: { key: "lanes", scales: ["x", null] }, drag: { x: true, y: false } },
      scales: { x: { time: false, min: data.begin_s, max: data.end_s } },
      hooks: { ...hooks, setScale: [(plot, key) => key === "x" && zoom(plot.scales.x.min, plot.scales.x.max, plot)] },
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
      drawClear: [paintFaults],
      draw: [(plot) => paintMarks(plot, lane.marks), (plot) => paintStrip(plot, lane)],
      setCursor: [(plot) => chart.plot && read(chart)],
    });
    opts.scales.ms = { distr: 3, range };
    opts.axes = [xAxis(index === lanes.length - 1), {
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

  function draw() {
    const { min, max } = charts.length ? charts[0].plot.scales.x : { min: data.begin_s, max: data.end_s };
    for (const chart of charts.splice(0)) chart.plot.destroy();
    const style = getComputedStyle(document.documentElement);
    for (const name of names) colours[name] = style.getPropertyValue("--" + name).trim();
    const places = document.querySelectorAll(".chart"), width = places[0].clientWidth, range = decades();
    axisWidth = width < 500 ? 48 : 64;
    for (const place of places)
      if (place.dataset.lane === undefined) storyChart(place, width);
      else laneChart(place, width, Number(place.dataset.lane), range);
    zoom(min, max, null);
    drawn = width;
  }

  function aroundFaults() {
    const from = Math.min(...data.faults.map((f) => f.from_s));
    const to = Math.max(...data.outages.filter((o) => o.ended).map((o) => o.end_hi_s), ...data.marks.map((m) => m.at_s), from + 1);
    const margin = Math.max(1, (to - from) * 0.15);
    zoom(Math.max(data.begin_s, from - margin), Math.min(data.end_s, to + margin), null);
  }

  let drawn = 0;
  draw();
  document.querySelector(".tools").hidden = false;
  const buttons = document.querySelectorAll("[data-zoom]");
  buttons[0].addEventListener("click", () => zoom(data.begin_s, data.end_s, null));
  buttons[1].addEventListener("click", aroundFaults);
  buttons[1].hidden = !data.faults.length;
  for (const place of document.querySelectorAll(".chart"))
    place.addEventListener("dblclick", () => zoom(data.begin_s, data.end_s, null));
  const again = () => requestAnimationFrame(draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  matchMedia("print").addEventListener("change", draw);
  addEventListener("resize", () => document.querySelector(".chart").clientWidth !== drawn && again());
})();
