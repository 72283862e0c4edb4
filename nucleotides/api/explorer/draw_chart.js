// The table of predictions or effects as one figure, for saving.

import { s } from "./elements.js";
import { ceiling, probability, signed, step, top } from "./numbers.js";

const WIDTH = 890;
const LEFT = 240;
const RIGHT = 210;
const LINE = 20;

// `groups`: [[name, rows]] in order; colours are literal, as a file knows no style sheet.
export function drawChart(title, groups, values, kind, colourOf) {
  const style = getComputedStyle(document.documentElement);
  const tone = (name) => style.getPropertyValue(`--${name}`).trim();
  const literal = (row) => tone(colourOf(row.assay).slice(6, -1));
  const all = groups.flatMap(([, rows]) => rows.map((row) => values.get(row.name)));
  const sizes = all.flatMap((value) => [value.probability ?? value.mean, value.ref, value.alt]);
  const most = ceiling(Math.max(...sizes.filter((size) => size !== null && size !== undefined)));
  const x = (value) => LEFT + (value / most) * (WIDTH - LEFT - RIGHT);
  const words = (text, left, down, more = {}) => s("text", { x: left, y: down, fill: tone("ink"), ...more }, text);
  const marks = [words(title, 12, 24, { "font-size": 15, "font-weight": 600 })];
  let y = 40;
  for (const [name, rows] of groups) {
    if (name) marks.push(words(name, 12, (y += 24), { "font-weight": 600 }));
    for (const row of rows) {
      y += LINE;
      const value = values.get(row.name);
      marks.push(words([row.what, row.biosample, row.more].filter(Boolean).join(" · "), LEFT - 10, y, { "text-anchor": "end" }),
        ...(kind === "effect" ? changed(value, x, y, tone) : barred(value, x, y, literal(row))),
        words(told(value, kind), WIDTH - RIGHT + 12, y, { fill: tone("muted") }));
    }
  }
  const axis = [];
  const parts = step(most, 5);
  for (let at = 0; at <= most * 1.001; at += parts) {
    axis.push(s("line", { x1: x(at), x2: x(at), y1: 46, y2: y + 8, stroke: tone("grid") }),
      words(String(+at.toPrecision(3)), x(at), y + 24, { "text-anchor": "middle", fill: tone("muted") }));
  }
  const height = y + 36;
  const figure = s("svg", {
    viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, "font-size": 12,
    "font-family": "Helvetica, Arial, sans-serif", xmlns: "http://www.w3.org/2000/svg",
  }, s("rect", { width: WIDTH, height, fill: tone("paper") }), axis, marks);
  return new XMLSerializer().serializeToString(figure);
}

function barred(value, x, y, colour) {
  return [s("rect", { x: x(0), y: y - 10, width: x(value.probability ?? value.mean) - x(0), height: 11, fill: colour })];
}

function changed(value, x, y, tone) {
  if (value.ref === null) return [];
  const colour = tone(value.diff < 0 ? "lowers" : "raises");
  return [
    s("line", { x1: x(value.ref), x2: x(value.alt), y1: y - 4, y2: y - 4, stroke: colour, "stroke-width": 2.5 }),
    s("circle", { cx: x(value.ref), cy: y - 4, r: 4, fill: tone("paper"), stroke: tone("muted"), "stroke-width": 1.5 }),
    s("circle", { cx: x(value.alt), cy: y - 4, r: 4.5, fill: colour }),
  ];
}

function told(value, kind) {
  if (kind === "effect") return `${probability(value.ref)} → ${probability(value.alt)} (${signed(value.diff)})`;
  return [probability(value.probability ?? value.mean), top(value.tail)].filter(Boolean).join(", ");
}
