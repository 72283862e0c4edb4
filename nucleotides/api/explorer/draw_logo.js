// Contributions of bases: letters as high as they contribute, or bars where letters are too narrow.

import { s } from "./elements.js";
import { LETTERS } from "./letters.js";
import { step, whole } from "./numbers.js";

const READABLE = 5.5;

// `read`: {sequence, values, place(i) -> [position, bases wide]}; `seen`: {from, to};
// `limits`: lowest and highest value. Up is what raises the prediction.
export function drawLogo(read, seen, limits, width, height) {
  const pixels = width / (seen.to - seen.from);
  const scale = (height - 6) / (limits[1] - limits[0] || 1);
  const zero = 3 + limits[1] * scale;
  const marks = pixels >= READABLE ? letters(read, seen, pixels, scale, zero) : bars(read, seen, width, scale, zero);
  return [s("line", { class: "zero", x1: 0, x2: width, y1: zero, y2: zero }), ...marks];
}

function letters({ sequence, values, place }, seen, pixels, scale, zero) {
  const made = [];
  for (let i = 0; i < sequence.length; i += 1) {
    const [at, wide] = place(i);
    const outline = LETTERS[sequence[i]];
    const high = Math.abs(values[i]) * scale;
    if (at + wide <= seen.from || at >= seen.to || !outline || high < 0.3) continue;
    const [x, across] = [(at - seen.from) * pixels, (wide * pixels) / 100];
    const turn = values[i] < 0; // on its head below the line
    made.push(s("path", {
      class: sequence[i], d: outline,
      transform: `matrix(${across.toFixed(4)} 0 0 ${((turn ? -high : high) / 100).toFixed(5)} ${x.toFixed(2)} ${(turn ? zero + high : zero - high).toFixed(2)})`,
    }));
  }
  return made;
}

// Of bases that share a pixel, the strongest of either sign.
function bars({ values, place }, seen, width, scale, zero) {
  const columns = Math.ceil(width);
  const [high, low] = [new Float64Array(columns), new Float64Array(columns)];
  values.forEach((value, i) => {
    const [at, wide] = place(i);
    const [first, last] = [at, at + wide].map((base) => ((base - seen.from) / (seen.to - seen.from)) * columns);
    for (let x = Math.max(0, Math.floor(first)); x < Math.min(columns, Math.max(first + 1, last)); x += 1) {
      if (value > high[x]) high[x] = value;
      if (value < low[x]) low[x] = value;
    }
  });
  const shape = (side) => `M0 ${zero.toFixed(1)}${Array.from(side, (value) => `V${(zero - value * scale).toFixed(1)}h1`).join("")}V${zero.toFixed(1)}Z`;
  return [s("path", { class: "raises", d: shape(high) }), s("path", { class: "lowers", d: shape(low) })];
}

// Positions below, counted from `first`, 0 or 1.
export function drawAxis(seen, width, y, first = 0) {
  const pixels = width / (seen.to - seen.from);
  const parts = Math.max(1, step(seen.to - seen.from, Math.max(2, width / 130)));
  const made = [s("line", { class: "rule", x1: 0, x2: width, y1: y, y2: y })];
  const centre = pixels >= READABLE ? 0.5 : 0; // of a base that can be seen, its middle
  for (let at = Math.ceil((seen.from + first) / parts) * parts || 0; at < seen.to + first; at += parts) {
    const x = (at - first + centre - seen.from) * pixels;
    made.push(s("line", { class: "rule", x1: x, x2: x, y1: y, y2: y + 5 }));
    if (x > 32 && x < width - 32) made.push(s("text", { x, y: y + 18, "text-anchor": "middle" }, whole(at)));
  }
  return made;
}

// Where contributions are strongest: [first index, end, sum], the strongest first, none overlapping; each
// begins and ends with a base that is known.
export function strongest(values, sequence, bases = 16, most = 4) {
  const sums = [];
  let sum = 0;
  values.forEach((value, i) => {
    sum += value - (i >= bases ? values[i - bases] : 0);
    if (i >= bases - 1) sums.push([i - bases + 1, sum]);
  });
  sums.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  const found = [];
  for (const [start, total] of sums) {
    if (found.length === most || Math.abs(total) < Math.abs(sums[0][1]) / 5) break;
    const [first, end] = known(sequence, start, start + bases);
    if (first < end && found.every((other) => end <= other[0] || first >= other[1])) found.push([first, end, total]);
  }
  return found;
}

// A stretch without the unknown bases at its ends.
function known(sequence, first, end) {
  while (first < end && sequence[first] === "N") first += 1;
  while (first < end && sequence[end - 1] === "N") end -= 1;
  return [first, end];
}
