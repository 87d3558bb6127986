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
  if (chart.lag) chart.lag.forEach((node, i) => (chart.readout.children[i].lastChild.textContent = behind(node, s)));
  if (inside) cursor_s = s;
  document.getElementById("cursor-time").textContent = inside ? `${s.toFixed(2)} s after t0` : "";
}

const size = (bytes) =>
  bytes >= 1 << 20 ? `${+(bytes / (1 << 20)).toPrecision(3)} MiB` : bytes >= 1024 ? `${+(bytes / 1024).toPrecision(3)} KiB` : `${bytes} B`;

function behind(node, s) {
  if (s === null) return " at most " + size(Math.max(...data.lag.bytes[node]));
  const i = nearest(data.lag.t, s), bytes = data.lag.bytes[node][i];
  if (Math.abs(data.lag.t[i] - s) > 3 || bytes === null) return " nobody could tell";
  return ` ${size(bytes)} at ${data.lag.t[i].toFixed(1)} s`;
}

// The names of the replicas with the colours of their lines, which the page does not know before they are drawn.
function nameLag(chart) {
  chart.readout.replaceChildren(...chart.lag.map((node, i) => {
    const item = document.createElement("span"), line = document.createElement("i"), name = document.createElement("b");
    line.className = "line";
    line.style.borderColor = colours[LAG[i % LAG.length]];
    name.textContent = node;
    item.append(line, name, behind(node, null));
    return item;
  }));
}
