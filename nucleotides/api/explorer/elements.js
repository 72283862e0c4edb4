// Elements of HTML and SVG. Text is only ever text: nothing here reads markup.

const SVG = "http://www.w3.org/2000/svg";

export const h = (name, attributes, ...children) =>
  fill(document.createElement(name), attributes, children);

export const s = (name, attributes, ...children) =>
  fill(document.createElementNS(SVG, name), attributes, children);

export const one = (selector) => document.querySelector(selector);

// Attributes `on...` listen, `own` is the colour that the style sheet calls --own; what is null,
// undefined or false is left out, of attributes and of children.
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "own") element.style.setProperty("--own", value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child || child === 0));
  return element;
}

export function button(words, action, attributes = {}) {
  return h("button", { type: "button", onclick: action, ...attributes }, words);
}

// A choice of few: buttons of which one is pressed.
export function choice(label, options, current, choose) {
  const buttons = Object.entries(options).map(([value, words]) =>
    button(words, () => choose(value), { value, "aria-pressed": String(value === current) }),
  );
  return h("div", { class: "choice", role: "group", "aria-label": label },
    h("span", { "aria-hidden": "true" }, label), buttons);
}

// Draw anew, and give the focus to what stands where it was.
export function redraw(place, draw) {
  const had = document.activeElement;
  const task = had?.dataset?.task;
  draw();
  if (place.contains(had) || had === document.body) return;
  const same = task ? `[data-task="${CSS.escape(task)}"]` : had?.value && had.localName === "button" && `button[value="${CSS.escape(had.value)}"]`;
  if (same) place.querySelector(same)?.focus();
}
