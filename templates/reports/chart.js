"use strict";
// Charts: what slices of tables and waveforms share.

const WIDTH = 640, HEIGHT = 320, LEFT = 80, RIGHT = 16, TOP = 12, BOTTOM = 44, COLOURS = 7;

function escaped(text) {
  return String(text).replace(/[&<>"']/g, (letter) => "&#" + letter.charCodeAt(0) + ";");
}

function spoken(name, unit) {
  return unit && unit !== "1" ? name + " [" + unit + "]" : name;
}

function rounded(value) {
  return typeof value === "number" ? String(Number(value.toPrecision(5))) : value === null ? "–" : String(value);
}

function ticks(low, high) {
  const step = Math.pow(10, Math.floor(Math.log10((high - low) / 4)));
  const wide = [1, 2, 5, 10].find((factor) => (high - low) / (step * factor) <= 6) * step;
  const marks = [];
  for (let k = Math.ceil(low / wide - 1e-9); k * wide <= high + 1e-9 * wide; k++) marks.push(Number((k * wide).toPrecision(12)));
  return marks;
}

// The values between two ends as places across a drawing, or down one.
function across(from, to) {
  return (value) => LEFT + ((WIDTH - LEFT - RIGHT) * (value - from)) / (to - from || 1);
}

// A part of a drawing that cuts off what lies beyond it.
function cut(top, height, content) {
  const width = WIDTH - LEFT - RIGHT;
  return `<svg class="cut" x="${LEFT}" y="${top}" width="${width}" height="${height}" viewBox="${LEFT} ${top} ${width} ${height}">${content}</svg>`;
}

// A drag across a drawing chooses a part of its axis, given as shares of its width; two clicks choose all of it.
function zoomable(part, chosen, pointed) {
  let start = null;
  const place = (event) => {
    const box = part.querySelector("svg").getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top].map((pixels) => (pixels * WIDTH) / box.width);
  };
  const share = (event) => Math.min(1, Math.max(0, (place(event)[0] - LEFT) / (WIDTH - LEFT - RIGHT)));
  const over = (event) => part.querySelector("svg") !== null && event.target.closest("svg") !== null;
  part.addEventListener("pointerdown", (event) => { start = over(event) ? share(event) : null; });
  part.addEventListener("pointermove", (event) => {
    if (!over(event)) return;
    if (pointed) pointed(share(event), place(event)[1]);
    const band = part.querySelector(".band");
    if (start === null || !band) return;
    const ends = [start, share(event)].sort((a, b) => a - b);
    band.setAttribute("x", LEFT + ends[0] * (WIDTH - LEFT - RIGHT));
    band.setAttribute("width", (ends[1] - ends[0]) * (WIDTH - LEFT - RIGHT));
  });
  part.addEventListener("pointerup", (event) => {
    const ends = start === null ? [0, 0] : [start, share(event)].sort((a, b) => a - b);
    start = null;
    if (ends[1] - ends[0] > 0.01) chosen(ends);
  });
  part.addEventListener("dblclick", () => chosen(null));
}

// The part of a span that shares of it leave, within what was left before.
function narrowed(span, ends) {
  return ends && [span[0] + ends[0] * (span[1] - span[0]), span[0] + ends[1] * (span[1] - span[0])];
}
