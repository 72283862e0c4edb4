// Files for who wants to go on elsewhere: TSV, JSON, and figures as SVG with colours of their own.

import { button, h } from "./elements.js";

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

// A figure as it is on the page: what the style sheets say becomes attributes.
export function asSvg(figure) {
  const copy = figure.cloneNode(true);
  const [theirs, ours] = [figure, copy].map((svg) => [svg, ...svg.querySelectorAll("*")]);
  theirs.forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of ["fill", "stroke", "stroke-width", "opacity", "stroke-dasharray"]) {
      ours[i].setAttribute(name, style.getPropertyValue(name));
    }
    if (element.localName === "text") {
      for (const name of ["font-size", "font-weight", "text-anchor"]) ours[i].setAttribute(name, style.getPropertyValue(name));
      ours[i].setAttribute("font-family", "Helvetica, Arial, sans-serif");
    }
    for (const name of ["class", "style", "tabindex", "role"]) ours[i].removeAttribute(name);
  });
  const { width, height } = figure.getBoundingClientRect();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  if (!copy.hasAttribute("viewBox")) copy.setAttribute("viewBox", `0 0 ${width} ${height}`);
  return new XMLSerializer().serializeToString(copy);
}
