// Waveforms: strips of signals over one axis, of which a part can be chosen. Functions from data to text, but `mountWaves`.

const STRIP = 130, GAP = 20, MOST = 1200, MANY = 12;

function scaled(waves, value) {
  return waves.axis.logarithmic ? Math.log10(value) : value;
}

function whole(waves) {
  return [scaled(waves, Math.min(...ends(waves.x))), scaled(waves, Math.max(...ends(waves.x)))];
}

// A sweep may descend.
function ends(values) {
  return [values[0], values[values.length - 1]];
}

function firstView(waves) {
  return { span: [scaled(waves, waves.x[0]), scaled(waves, waves.stop)].sort((a, b) => a - b), hidden: {} };
}

// The points of a part, of many the lowest and the highest of each stretch, and a neighbour at either end.
function within(waves, values, [from, to]) {
  const points = waves.x.map((x, k) => [scaled(waves, x), values[k]]);
  let first = points.findIndex(([x]) => x >= from && x <= to), last = points.length - 1;
  if (first < 0) return points;
  while (last > first && (points[last][0] < from || points[last][0] > to)) last--;
  const kept = points.slice(Math.max(0, first - 1), last + 2);
  const stretch = Math.ceil(kept.length / (MOST / 2));
  if (stretch <= 2) return kept;
  const thin = [];
  for (let k = 0; k < kept.length; k += stretch) {
    const some = kept.slice(k, k + stretch);
    const low = some.reduce((a, b) => (b[1] < a[1] ? b : a)), high = some.reduce((a, b) => (b[1] > a[1] ? b : a));
    thin.push(...(low === high ? [low] : some.indexOf(low) < some.indexOf(high) ? [low, high] : [high, low]));
  }
  return thin;
}

function strip(waves, view, panel, top) {
  const shown = panel.signals.filter((signal) => !view.hidden[signal.name]);
  const traces = shown.map((signal) => within(waves, signal.values, view.span));
  const seen = traces.flat().filter(([x]) => x >= view.span[0] && x <= view.span[1]).map(([, y]) => y);
  let low = seen.reduce((a, b) => Math.min(a, b), Infinity), high = seen.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!(high > low)) [low, high] = seen.length ? [low - (Math.abs(low) / 10 || 1), high + (Math.abs(high) / 10 || 1)] : [0, 1];
  const edge = 0.06 * (high - low), toX = across(...view.span);
  const toY = (value) => top + (STRIP * (high + edge - value)) / (high - low + 2 * edge);
  const parts = waves.phases.map((phase, k) => {
    const x = toX(phase.start), width = toX(phase.stop) - x;
    return `<rect class="phase p${k % 2}" x="${x.toFixed(1)}" y="${top}" width="${Math.max(0, width).toFixed(1)}" height="${STRIP}"><title>${escaped(phase.name)}</title></rect>`;
  });
  for (const [name, at] of Object.entries(waves.marks))
    parts.push(`<line class="mark" x1="${toX(at).toFixed(1)}" x2="${toX(at).toFixed(1)}" y1="${top}" y2="${top + STRIP}"><title>${escaped(name)}</title></line>`);
  panel.signals.forEach((signal, number) => {
    const trace = traces[shown.indexOf(signal)];
    if (!trace) return;
    const path = trace.map(([x, y], k) => `${k ? "L" : "M"}${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`).join("");
    parts.push(`<g class="line c${number % COLOURS}"><path d="${path}"><title>${escaped(signal.name)}</title></path></g>`);
  });
  for (const [name, at, value] of waves.readings) {
    const number = panel.signals.findIndex((signal) => signal.name === name && !view.hidden[name]);
    if (number >= 0)
      parts.push(`<circle class="read c${number % COLOURS}" cx="${toX(scaled(waves, at)).toFixed(1)}" cy="${toY(value).toFixed(1)}" r="4"><title>${escaped(name)} = ${escaped(value)} ${escaped(panel.unit)}</title></circle>`);
  }
  const marks = ticks(low, high).filter((mark) => mark >= low - edge && mark <= high + edge).map((mark) =>
    `<text x="${LEFT - 6}" y="${toY(mark).toFixed(1)}" class="left">${escaped(rounded(mark))}</text>`);
  return `<rect x="${LEFT}" y="${top}" width="${WIDTH - LEFT - RIGHT}" height="${STRIP}"/>${marks.join("")}` +
    `<text x="${LEFT}" y="${top - 4}">${escaped(spoken(panel.name, panel.unit))}</text>${cut(top, STRIP, parts.join(""))}`;
}

function topOf(number) {
  return GAP + number * (STRIP + GAP);
}

function strips(waves, view) {
  const below = topOf(waves.panels.length) - GAP, height = below + BOTTOM;
  const toX = across(...view.span);
  const parts = waves.panels.map((panel, k) => strip(waves, view, panel, topOf(k)));
  for (const mark of ticks(...view.span).filter((at) => at >= view.span[0] && at <= view.span[1]))
    parts.push(`<text x="${toX(mark).toFixed(1)}" y="${below + 16}" class="below">${escaped(rounded(waves.axis.logarithmic ? Math.pow(10, mark) : mark))}</text>`);
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="signals over ${escaped(waves.axis.name)}">${parts.join("")}` +
    `<rect class="band" x="0" y="${GAP}" width="0" height="${below - GAP}"/><line class="mark pointer" x1="-9" x2="-9" y1="${GAP}" y2="${below}"/>` +
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${height - 8}" class="below">${escaped(spoken(waves.axis.name, waves.axis.unit))}</text></svg>`;
}

function switches(waves, view) {
  const boxes = waves.panels.map((panel) => `<p>${escaped(panel.name)}: ` + panel.signals.map((signal, number) =>
    `<label class="c${number % COLOURS}"><input type="checkbox" name="${escaped(signal.name)}"${view.hidden[signal.name] ? "" : " checked"}>${escaped(signal.name)}</label>`).join(" ") + "</p>");
  const count = waves.panels.reduce((sum, panel) => sum + panel.signals.length, 0);
  return `<button type="button" name="all">whole axis</button>` +
    `<details${count > MANY ? "" : " open"}><summary>${count} signals</summary>${boxes.join("")}</details>`;
}

// The signals of one strip at the nearest simulated point: nothing is interpolated.
function readout(waves, view, panel, at) {
  const distance = (k) => Math.abs(scaled(waves, waves.x[k]) - at);
  const nearest = waves.x.reduce((best, _, k) => (distance(k) < distance(best) ? k : best), 0);
  const values = panel.signals.filter((signal) => !view.hidden[signal.name])
    .map((signal) => `${signal.name} ${rounded(signal.values[nearest])} ${panel.unit}`);
  return [`${waves.axis.name} = ${rounded(waves.x[nearest])} ${waves.axis.unit}`, ...values].join(", ");
}

function mountWaves(section, waves) {
  let view = firstView(waves);
  const [controls, words, part] = ["controls", "readout", "drawing"].map((name) => section.querySelector("." + name));
  const render = () => { part.innerHTML = strips(waves, view); };
  const show = (span) => { view = Object.assign({}, view, { span }); render(); };
  const pointed = (share, height) => {
    const at = view.span[0] + share * (view.span[1] - view.span[0]);
    const number = Math.floor((height - GAP / 2) / (STRIP + GAP));
    const panel = waves.panels[Math.min(waves.panels.length - 1, Math.max(0, number))];
    words.textContent = readout(waves, view, panel, at);
    const line = part.querySelector(".pointer");
    for (const name of ["x1", "x2"]) line.setAttribute(name, across(...view.span)(at));
  };
  zoomable(part, (chosen) => show(narrowed(view.span, chosen) || whole(waves)), pointed);
  controls.addEventListener("click", (event) => { if (event.target.name === "all") show(whole(waves)); });
  controls.addEventListener("change", (event) => {
    view = Object.assign({}, view, { hidden: Object.assign({}, view.hidden, { [event.target.name]: !event.target.checked }) });
    render();
  });
  controls.innerHTML = switches(waves, view);
  render();
}
