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

function paintFaults(plot, above = STRIP) {
  const top = plot.bbox.top - above * dpr(), height = plot.bbox.height + above * dpr();
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
