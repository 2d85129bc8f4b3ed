// Table slices: one variable over one axis, a line for each value of a second axis, all other axes held at one value.
// All but `mountSlices` are functions from data to text, so that a test can run them without a browser.

const ROWS = 50;

// The last axis is the fastest, as in the table's CSV.
function place(table, index) {
  return table.axes.reduce((sum, axis) => sum * axis.values.length + index[axis.name], 0);
}

function find(list, name) {
  return list.find((entry) => entry.name === name);
}

// The first choice: the longest axis of numbers across, the nominal condition where the axis has it.
function firstChoice(table) {
  const index = {};
  for (const axis of table.axes) index[axis.name] = Math.max(0, axis.values.indexOf(axis.nominal));
  const numbers = table.axes.filter((axis) => typeof axis.values[0] === "number");
  const longest = (numbers.length ? numbers : table.axes).reduce((a, b) => (b.values.length > a.values.length ? b : a));
  const other = table.axes.find((axis) => axis !== longest && axis.values.length > 1 && axis.values.length <= COLOURS);
  const variable = (table.variables.find((entry) => !entry.count) || table.variables[0]).name;
  return { variable, x: longest.name, by: other ? other.name : "", index, start: 0, zoom: null };
}

function slice(table, choice) {
  const values = (name, index) => {
    const variable = find(table.variables, name);
    return variable ? variable.values[place(table, index)] : null;
  };
  const x = find(table.axes, choice.x);
  const by = find(table.axes, choice.by);
  return (by ? by.values : [""]).map((label, line) => ({
    label,
    points: x.values.map((at, k) => {
      const index = Object.assign({}, choice.index, by ? { [by.name]: line } : {}, { [x.name]: k });
      const y = values(choice.variable, index);
      return { at, k, y, low: values(choice.variable + "_low", index), high: values(choice.variable + "_high", index) };
    }),
  }));
}

// Words stand at equal distances, and so do numbers over more than two decades, which would crowd on a linear axis.
function even(values) {
  return typeof values[0] !== "number" || (values[0] > 0 && values[values.length - 1] / values[0] > 100);
}

// Where a value of the axis across lies: words and wide ranges by their number, others by themselves.
function position(axis, k) {
  return even(axis.values) ? k : axis.values[k];
}

// What of the axis across is drawn: all of it with a margin, or the part that was chosen.
function part(axis, choice) {
  const first = position(axis, 0), last = position(axis, axis.values.length - 1);
  const margin = 0.032 * (last - first) || 1;
  return choice.zoom || [first - margin, last + margin];
}

function marksAcross(axis, [from, to]) {
  const inside = (at) => at >= from && at <= to;
  if (axis.values.length === 1) return [[position(axis, 0), axis.values[0]]];
  if (!even(axis.values)) return ticks(from, to).filter(inside).map((value) => [value, value]);
  const shown = axis.values.map((value, k) => [k, value]).filter(([k]) => inside(k));
  return shown.filter((_, number) => number % Math.ceil(shown.length / 12) === 0);
}

function heights(points) {
  const known = points.flatMap((p) => [p.y, p.low, p.high]).filter((y) => y !== null);
  const low = known.reduce((a, b) => Math.min(a, b)), high = known.reduce((a, b) => Math.max(a, b));
  if (low === high) return low ? [low - Math.abs(low) / 10, high + Math.abs(high) / 10] : [-1, 1];
  return [low - 0.043 * (high - low), high + 0.043 * (high - low)];
}

function lineOf(line, number, words, toX, toY) {
  const known = line.points.filter((point) => point.y !== null);
  // A failed point breaks the line: nothing is known between its neighbours.
  let path = "", before = null;
  for (const point of known) {
    path += `${before === point.k - 1 ? "L" : "M"}${toX(point)} ${toY(point.y)}`;
    before = point.k;
  }
  const parts = [`<path d="${path}"/>`];
  for (const point of known) {
    if (point.low !== null && point.high !== null)
      parts.push(`<line x1="${toX(point)}" x2="${toX(point)}" y1="${toY(point.low)}" y2="${toY(point.high)}"/>`);
    parts.push(`<circle cx="${toX(point)}" cy="${toY(point.y)}" r="3.5"><title>${escaped(words(line, point))}</title></circle>`);
  }
  return `<g class="line c${number % COLOURS}">${parts.join("")}</g>`;
}

function drawing(table, choice) {
  const lines = slice(table, choice);
  const x = find(table.axes, choice.x), variable = find(table.variables, choice.variable);
  const [from, to] = part(x, choice), height = HEIGHT - TOP - BOTTOM;
  const seen = lines.flatMap((line) => line.points)
    .filter((point) => point.y !== null && position(x, point.k) >= from && position(x, point.k) <= to);
  if (!seen.length && !choice.zoom) return "<p>No point of this slice gave a result.</p>";
  const [low, high] = seen.length ? heights(seen) : [-1, 1];
  const place = across(from, to);
  const toX = (point) => place(position(x, point.k)).toFixed(1);
  const toY = (value) => (TOP + (height * (high - value)) / (high - low)).toFixed(1);
  const parts = ticks(low, high).map((mark) =>
    `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${toY(mark)}" y2="${toY(mark)}"/><text x="${LEFT - 6}" y="${toY(mark)}" class="left">${escaped(rounded(mark))}</text>`);
  for (const [at, value] of marksAcross(x, [from, to]))
    parts.push(`<text x="${place(at).toFixed(1)}" y="${HEIGHT - BOTTOM + 16}" class="below">${escaped(rounded(value))}</text>`);
  const words = (line, point) => [line.label === "" ? "" : `${choice.by} = ${line.label}`, `${choice.x} = ${point.at}`,
    `${choice.variable} = ${point.y} ${variable.unit}`].filter(Boolean).join(", ");
  parts.push(cut(TOP, height, lines.map((line, number) => lineOf(line, number, words, toX, toY)).join("")));
  const legend = lines.filter((line) => line.label !== "")
    .map((line, number) => `<span class="c${number % COLOURS}">● ${escaped(rounded(line.label))}</span>`);
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(choice.variable)} over ${escaped(choice.x)}">` +
    `<rect x="${LEFT}" y="${TOP}" width="${WIDTH - LEFT - RIGHT}" height="${height}"/>${parts.join("")}` +
    `<rect class="band" x="0" y="${TOP}" width="0" height="${height}"/>` +
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" class="below">${escaped(spoken(x.name, x.unit))}</text></svg>` +
    `<p class="legend">${escaped(spoken(variable.name, variable.unit))}: ${escaped(variable.doc)}` +
    (legend.length ? ` · ${escaped(choice.by)}: ${legend.join(" ")}` : "") + "</p>";
}

function selector(name, label, options, chosen) {
  const entries = options.map(([value, text]) =>
    `<option value="${escaped(value)}"${String(value) === String(chosen) ? " selected" : ""}>${escaped(text)}</option>`);
  return `<label>${escaped(label)} <select name="${escaped(name)}">${entries.join("")}</select></label>`;
}

function controls(table, choice) {
  const swept = table.axes.filter((axis) => axis.values.length > 1);
  const names = (swept.length ? swept : table.axes).map((axis) => [axis.name, axis.name]);
  const held = swept.filter((axis) => axis.name !== choice.x && axis.name !== choice.by);
  return [
    selector("variable", "variable", table.variables.map((v) => [v.name, spoken(v.name, v.unit)]), choice.variable),
    selector("x", "over", names, choice.x),
    selector("by", "a line for each", [["", "–"], ...names.filter(([name]) => name !== choice.x)], choice.by),
    ...held.map((axis) => selector("axis:" + axis.name, spoken(axis.name, axis.unit),
      axis.values.map((value, k) => [k, rounded(value)]), choice.index[axis.name])),
  ].join(" ");
}

function changed(choice, name, value) {
  const next = Object.assign({}, choice, { index: Object.assign({}, choice.index) });
  if (name.startsWith("axis:")) next.index[name.slice(5)] = Number(value);
  else next[name] = name === "start" ? Number(value) : value;
  if (next.by === next.x) next.by = "";
  // A part of one axis is none of another.
  if (name === "x") next.zoom = null;
  return next;
}

function size(table) {
  return table.axes.reduce((product, axis) => product * axis.values.length, 1);
}

// One row of the table: its coordinates, then every variable.
function row(table, number) {
  const coordinates = [];
  let rest = number;
  for (const axis of [...table.axes].reverse()) {
    coordinates.unshift(axis.values[rest % axis.values.length]);
    rest = Math.floor(rest / axis.values.length);
  }
  return [...coordinates, ...table.variables.map((variable) => variable.values[number])];
}

function rows(table, choice) {
  const all = size(table), end = Math.min(all, choice.start + ROWS);
  const head = [...table.axes, ...table.variables].map((entry) => `<th title="${escaped(entry.doc)}">${escaped(spoken(entry.name, entry.unit))}</th>`);
  const body = [];
  for (let k = choice.start; k < end; k++)
    body.push(`<tr>${row(table, k).map((value) => `<td title="${escaped(value)}">${escaped(rounded(value))}</td>`).join("")}</tr>`);
  const turn = (start, text) => `<button type="button" name="start" value="${start}"${start < 0 || start >= all ? " disabled" : ""}>${text}</button>`;
  return `<p>Rows ${choice.start + 1} to ${end} of ${all}, rounded to five digits; the exact number shows under the pointer. ` +
    `${turn(choice.start - ROWS, "previous")} ${turn(choice.start + ROWS, "next")}</p>` +
    `<div class="wide"><table><thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

function mountSlices(section, table) {
  let choice = firstChoice(table);
  const parts = ["controls", "drawing", "rows"].map((name) => section.querySelector("." + name));
  const render = () => [controls, drawing, rows].forEach((write, k) => { parts[k].innerHTML = write(table, choice); });
  const answer = (event) => {
    const { name, value } = event.target;
    if (!name) return;
    choice = changed(choice, name, value);
    render();
    const again = section.querySelector(`[name="${name}"]`);
    if (again) again.focus();
  };
  zoomable(parts[1], (ends) => {
    const axis = find(table.axes, choice.x);
    choice = Object.assign({}, choice, { zoom: narrowed(part(axis, choice), ends) });
    render();
  });
  section.addEventListener("change", answer);
  section.addEventListener("click", (event) => { if (event.target.name === "start") answer(event); });
  render();
}
