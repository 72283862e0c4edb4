// The map of the tasks: names under the pointer, a line around some chooses them; by keys too.

import { button, h, s } from "./elements.js";

const SIZE = 320;
const EDGE = 12;
const NEAR = { mouse: 12, pen: 18, touch: 26 };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// `pick(names)` is called with the tasks inside a line, [] for all.
export function startMap(place, tasks, view, colour, pick) {
  const dots = placeDots(tasks.rows);
  if (!dots.length) {
    place.replaceChildren(h("p", { class: "hint" }, "This model has no map of its tasks: post-processing makes one."));
    return { show() {} };
  }
  const line = s("path", { class: "lasso" });
  const halo = s("circle", { class: "halo", r: 8 });
  const svg = s("svg", {
    viewBox: `0 0 ${SIZE} ${SIZE}`, tabindex: 0, role: "application",
    "aria-label": "Map of the tasks, near ones are alike",
    "aria-roledescription": "map: arrow keys go from task to task, space picks one, Escape lets all go",
  }, line, dots.map((dot) => dot.mark), halo);
  const tip = h("div", { class: "tip", role: "status" });
  const draw = button("Draw on it", () => {
    const on = svg.classList.toggle("drawing");
    draw.setAttribute("aria-pressed", String(on));
  }, { class: "plain touch", "aria-pressed": "false" });
  let current = null;
  let path = null;

  for (const dot of dots) dot.mark.style.setProperty("--own", colour(dot.row.assay));

  function point(dot) {
    current = dot;
    halo.classList.toggle("on", Boolean(dot));
    tip.classList.toggle("on", Boolean(dot));
    if (!dot) return;
    halo.setAttribute("cx", dot.x);
    halo.setAttribute("cy", dot.y);
    tip.replaceChildren(h("b", {}, `${dot.row.what} · ${dot.row.biosample}`), h("span", {}, dot.row.assay),
      h("span", {}, dot.row.name));
    const scale = svg.getBoundingClientRect().width / SIZE;
    tip.style.left = `${Math.max(0, Math.min(place.clientWidth - tip.offsetWidth, dot.x * scale - 30))}px`;
    tip.style.top = dot.y > SIZE / 2 ? `${dot.y * scale - tip.offsetHeight - 12}px` : `${dot.y * scale + 14}px`;
  }

  function at(event) {
    const box = svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top].map((pixels) => (pixels / box.width) * SIZE);
  }

  function nearest([x, y], reach) {
    const away = (dot) => Math.hypot(dot.x - x, dot.y - y);
    const best = dots.reduce((a, b) => (away(b) < away(a) ? b : a));
    return away(best) <= reach ? best : null;
  }

  function toggle(dot) {
    const without = view.task.filter((name) => name !== dot.row.name);
    pick(without.length < view.task.length ? without : [...without, dot.row.name]);
  }

  svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    path = [at(event)];
    if (event.pointerType !== "touch" || svg.classList.contains("drawing")) svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    point(nearest(at(event), NEAR[event.pointerType] ?? 12));
    if (!path || (event.pointerType === "touch" && !svg.classList.contains("drawing"))) return;
    path.push(at(event));
    line.setAttribute("d", `M${path.map((xy) => xy.map((v) => v.toFixed(1)).join(" ")).join("L")}Z`);
  });
  svg.addEventListener("pointerup", (event) => {
    const drawn = path ?? [];
    release();
    if (extent(drawn) > 8) {
      pick(dots.filter((dot) => isInside(dot, drawn)).map((dot) => dot.row.name));
      return;
    }
    const dot = nearest(at(event), NEAR[event.pointerType] ?? 12);
    point(dot);
    if (dot) toggle(dot);
  });
  svg.addEventListener("pointercancel", release);
  svg.addEventListener("pointerleave", () => !path && point(null));
  svg.addEventListener("blur", () => point(null));
  svg.addEventListener("focus", () => svg.matches(":focus-visible") && point(current ?? dots[0]));
  svg.addEventListener("keydown", (event) => {
    if (event.key === "Escape") pick([]);
    else if (event.key === " " || event.key === "Enter") current && toggle(current);
    else if (event.key in ARROWS) point(current ? neighbour(dots, current, ARROWS[event.key]) ?? current : dots[0]);
    else return;
    event.preventDefault();
  });

  function release() {
    path = null;
    line.removeAttribute("d");
  }

  function show() {
    const chosen = new Set(tasks.chosen(view).map((row) => row.name));
    for (const { mark, row } of dots) mark.classList.toggle("off", !chosen.has(row.name));
  }

  place.replaceChildren(h("h3", {}, "Map"), h("div", { class: "plot" }, svg, tip),
    h("p", { class: "hint" }, "Tasks with peaks in the same places are near. Draw a line around some to see those only. ", draw));
  show();
  return { show };
}

function placeDots(rows) {
  const known = rows.filter((row) => row.x !== null && row.y !== null);
  const scale = (values) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return (value) => EDGE + ((value - low) / (high - low || 1)) * (SIZE - 2 * EDGE);
  };
  const [across, down] = [scale(known.map((row) => row.x)), scale(known.map((row) => row.y))];
  const r = known.length > 400 ? 2.5 : 4.5;
  return known.map((row) => {
    const [x, y] = [across(row.x), SIZE - down(row.y)];
    return { row, x, y, mark: s("circle", { class: "task", cx: x.toFixed(1), cy: y.toFixed(1), r }) };
  });
}

function neighbour(dots, from, [right, down]) {
  let [least, found] = [Infinity, null];
  for (const dot of dots) {
    const ahead = (dot.x - from.x) * right + (dot.y - from.y) * down;
    const aside = Math.abs((dot.x - from.x) * down) + Math.abs((dot.y - from.y) * right);
    if (ahead > 0 && aside <= 2 * ahead && ahead + 2 * aside < least) [least, found] = [ahead + 2 * aside, dot];
  }
  return found;
}

function extent(path) {
  const span = (i) => Math.max(...path.map((at) => at[i])) - Math.min(...path.map((at) => at[i]));
  return path.length > 2 ? Math.max(span(0), span(1)) : 0;
}

// Whether a ray to the right crosses the line an odd number of times.
function isInside({ x, y }, line) {
  let inside = false;
  line.forEach(([ax, ay], i) => {
    const [bx, by] = line[(i + 1) % line.length];
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  });
  return inside;
}
