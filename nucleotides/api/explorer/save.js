// Files for who wants to go on elsewhere: TSV, JSON, and figures as SVG with colours of their own.

import { button, h, s } from "./elements.js";

const KINDS = { tsv: "text/tab-separated-values", json: "application/json", svg: "image/svg+xml" };

// Buttons that save; `makers`: what makes the text, by the file's ending.
export function saveButtons(what, stem, makers) {
  return h("span", { class: "saves", role: "group", "aria-label": `Save ${what}` }, "Save",
    Object.entries(makers).map(([ending, make]) =>
      button(ending.toUpperCase(), () => save(`${stem()}.${ending}`, make(), KINDS[ending]), {
        class: "plain", "aria-label": `Save ${what} as ${ending.toUpperCase()}`,
      })));
}

const save = (name, text, kind) => saveBlob(name, new Blob([text], { type: kind }));

export function saveBlob(name, blob) {
  const address = URL.createObjectURL(blob);
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export const asJson = (value) => `${JSON.stringify(value, null, 2)}\n`;

// Columns by name; what is null is left empty.
export function asTsv(columns, rows) {
  const cell = (value) => String(value ?? "").replace(/[\t\r\n]/g, " ");
  return [columns, ...rows].map((row) => `${row.map(cell).join("\t")}\n`).join("");
}

export const asStem = (text) => text.replace(/[^A-Za-z0-9.+-]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 80) || "nucleotides";

const FONT = "Helvetica, Arial, sans-serif";
const [EDGE, HEAD] = [16, 36];
const SHAPE = ["fill", "stroke", "stroke-width", "opacity", "stroke-dasharray"];
const TEXT = ["font-size", "font-weight", "text-anchor"];

// What is saved goes on paper: its colours are those of the day at night too.
export function byDay(make) {
  const { classList } = document.documentElement;
  classList.add("day");
  try {
    return make();
  } finally {
    classList.remove("day");
  }
}

// A figure as it is on the page, below a title, on a ground of its own.
export function asSvg(figure, title) {
  const box = figure.getBoundingClientRect();
  const [width, height] = [box.width + 2 * EDGE, box.height + HEAD + EDGE];
  return byDay(() => {
    const style = getComputedStyle(document.documentElement);
    const tone = (name) => style.getPropertyValue(`--${name}`).trim();
    const framed = s("svg", { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}`, "font-family": FONT },
      s("rect", { width, height, fill: tone("paper") }),
      s("text", { x: EDGE, y: 24, fill: tone("ink"), "font-size": 15, "font-weight": 600 }, title), placed(figure, box));
    return new XMLSerializer().serializeToString(framed);
  });
}

function placed(figure, { width, height }) {
  const copy = styled(figure);
  if (!copy.hasAttribute("viewBox")) copy.setAttribute("viewBox", `0 0 ${width} ${height}`);
  for (const [name, value] of Object.entries({ x: EDGE, y: HEAD, width, height })) copy.setAttribute(name, value);
  return copy;
}

// What the style sheets say becomes attributes.
function styled(figure) {
  const copy = figure.cloneNode(true);
  const [theirs, ours] = [figure, copy].map((svg) => [svg, ...svg.querySelectorAll("*")]);
  theirs.forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of element.localName === "text" ? [...SHAPE, ...TEXT] : SHAPE) {
      ours[i].setAttribute(name, style.getPropertyValue(name).replace(/^rgba\(.*, 0\)$/, "none"));
    }
    for (const name of ["class", "style", "tabindex", "role"]) ours[i].removeAttribute(name);
  });
  return copy;
}
