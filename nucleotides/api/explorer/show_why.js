// Which bases predictions depend on: letters under the answer, to zoom and to move along.

import { post } from "./ask.js";
import { drawAxis, drawLogo, strongest } from "./draw_logo.js";
import { button, choice, h, one, s } from "./elements.js";
import { signed, whole } from "./numbers.js";
import { LEAST, across, indexOf, leastOf, setSize } from "./place_bases.js";
import { turnAround } from "./read_windows.js";
import { asJson, asStem, asSvg, saveButtons } from "./save.js";
import { asObject, asTable } from "./save_why.js";
import { MOVES, Viewport } from "./viewport.js";

export const METHODS = {
  input_x_gradient: "gradient, at once",
  mutagenesis: "mutagenesis, seconds",
  deep_lift_shap: "DeepLIFT/SHAP, seconds",
};
const HEIGHT = 92;
const STRIP = 44;
const FIRST = 110; // bases to begin with

export class Why {
  // `on`: {change(view changes), drop(task)}.
  constructor(tasks, on) {
    Object.assign(this, { tasks, on, place: one("#why"), kept: new Map(), windows: null });
    new ResizeObserver(() => this.windows && this.draw()).observe(this.place);
  }

  // Another question: nothing is explained any more.
  forget() {
    Object.assign(this, { windows: null, kept: new Map(), view: null, span: "" });
    this.place.hidden = true;
  }

  // Ask for what is not known yet of the tasks `view.why`, and show all of it.
  async show(label, windows, view, model, signal, told) {
    Object.assign(this, { label, windows, chosen: view });
    for (const read of windows.reads) await this.fetch(read, view, model, signal, told);
    if (!this.view) this.begin(view.near);
    this.place.hidden = false;
    this.build();
  }

  async fetch(read, view, model, signal, told) {
    const missing = view.why.filter((task) => !this.kept.has(keyOf(read, view.method, task)));
    if (!missing.length) return;
    const body = { sequence: read.turned ? turnAround(read.sequence) : read.sequence, tasks: missing, method: view.method, model };
    if (view.method === "mutagenesis") body.scale = "logit";
    const found = await post("explanations_for_sequence", body, signal, told);
    for (const task of missing) {
      let values = found[task];
      if (view.method === "mutagenesis") values = values.map((value) => -value); // up: the base raises it
      this.kept.set(keyOf(read, view.method, task), read.turned ? values.toReversed() : values);
    }
  }

  values(read, task) {
    return this.kept.get(keyOf(read, this.chosen.method, task));
  }

  // Where a link says, else about a variant, else where the first task depends on most.
  begin(near) {
    const { low, high, marked, reads } = this.windows;
    this.view = new Viewport(low, high, leastOf(this.windows), () => this.moved());
    const [from, to] = near.match(/^(-?[\d.]+)-(-?[\d.]+)$/)?.slice(1).map(Number) ?? [];
    if (to > from) return this.view.see(from, to, true);
    const strong = strongest(this.values(reads.at(-1), this.chosen.why[0]), reads.at(-1).sequence)[0];
    const isPoint = marked && (reads.length > 1 || !strong);
    const [first, end] = isPoint ? marked : strong?.slice(0, 2).map((i) => low + i) ?? [low, high];
    const middle = (first + end) / 2;
    const half = Math.min(FIRST, this.place.parentElement.clientWidth / 9) / 2;
    return this.view.see(middle - half, middle + half, true);
  }

  moved() {
    const { from, to } = this.view;
    const rounded = (at) => (to - from < LEAST ? +at.toFixed(3) : Math.round(at));
    this.on.change({ near: `${rounded(from)}-${rounded(to)}` });
    this.draw();
  }

  // The parts that stay while the view moves.
  build() {
    this.strip = s("svg", { class: "strip", "aria-hidden": "true", height: STRIP });
    this.logo = s("svg", {
      class: "logo", tabindex: 0, role: "application",
      "aria-roledescription": "logo: arrow keys move, plus and minus zoom, 0 shows all, Home and End go to the ends",
    });
    this.tip = h("output", { class: "reading", "aria-live": "off" });
    this.spots = h("ul", { class: "spots" });
    this.view.listen(this.logo);
    this.logo.addEventListener("pointermove", (event) => this.tell(event));
    this.logo.addEventListener("pointerleave", () => this.tip.replaceChildren());
    this.brush();
    const { why, method } = this.chosen;
    this.place.replaceChildren(
      h("div", { class: "head" }, h("h2", { id: "why-name" }, "Bases that it depends on"),
        choice("By", METHODS, method, (other) => this.on.method(other))),
      h("ul", { class: "picked", "aria-label": "Tasks explained" }, why.map((task) =>
        h("li", {}, this.tasks.short(task), button("×", () => this.on.drop(task), { "aria-label": `Without ${this.tasks.short(task)}` })))),
      this.strip, this.logo,
      h("div", { class: "under" },
        h("div", { class: "moves", role: "group", "aria-label": "Move and zoom" },
          this.moves().map(([words, label, act]) => button(words, () => act(this.view), { "aria-label": label, title: label }))),
        this.tip,
        h("div", { class: "actions" }, saveButtons("the explanation", () => asStem(`why_${this.label}`), {
          tsv: () => asTable(this.told()), json: () => asJson(asObject(this.told())), svg: () => asSvg(this.logo, `${this.label}, by ${METHODS[this.chosen.method].split(",")[0]}`),
        }))),
      h("p", { class: "hint" }, "Up: the base raises the logit; down: it lowers it. Drag to move; pinch, or Ctrl and wheel, to zoom."
        + (this.windows.reads.some((read) => read.turned) ? " Read on the − strand, drawn on the + strand." : "")
        + (this.windows.first ? " Positions count from 1, as the variant's." : "")
        + (leastOf(this.windows) < LEAST ? " Bases that are inserted share the width of REF." : "")),
      h("h3", {}, "Strongest stretches"), this.spots,
    );
    this.list();
    this.draw();
  }

  moves() {
    const { marked } = this.windows;
    return leastOf(this.windows) < LEAST ? [...MOVES, ["Inserted", "See the inserted bases", (view) => view.see(...marked)]] : MOVES;
  }

  // All that files have.
  told() {
    const { label, windows, chosen } = this;
    return { label, windows, chosen, values: (read, task) => this.values(read, task) };
  }

  rows() {
    return this.chosen.why.flatMap((task) => this.windows.reads.map((read) => ({ task, read, values: this.values(read, task) })));
  }

  draw() {
    const width = this.place.clientWidth;
    if (!width) return;
    const rows = this.rows();
    const height = rows.length * (HEIGHT + 22) + 26;
    const { from, to } = this.view;
    const made = [];
    const { marked } = this.windows;
    if (marked) made.push(s("rect", { class: "marked", ...across(marked, this.view, width), y: 0, height: height - 26 }));
    rows.forEach(({ task, read, values }, i) => {
      const top = i * (HEIGHT + 22);
      const limits = this.limits(task);
      made.push(s("text", { class: "title", x: 0, y: top + 14 }, [read.name, this.tasks.short(task)].filter(Boolean).join("  ")),
        s("text", { x: width, y: top + 14, "text-anchor": "end" }, `up to ${signed(limits[1], 2)}`),
        s("g", { transform: `translate(0 ${top + 20})` }, drawLogo({ ...read, values }, { from, to }, limits, width, HEIGHT)));
    });
    made.push(...drawAxis(this.view, width, height - 24, this.windows.first));
    setSize(this.logo, width, height);
    this.logo.replaceChildren(...made);
    this.logo.setAttribute("aria-label", `${this.where(from, to)}, contributions for ${this.chosen.why.map((task) => this.tasks.short(task)).join(", ")}`);
    this.drawStrip(rows[0], width);
  }

  // All of the first task's window, what is seen below marked.
  drawStrip({ task, read, values }, width) {
    const all = { from: this.view.low, to: this.view.high };
    setSize(this.strip, width, STRIP);
    this.strip.replaceChildren(s("rect", { class: "seen", ...across([this.view.from, this.view.to], all, width), height: STRIP, y: 0 }),
      ...drawLogo({ ...read, values, sequence: "" , place: read.place }, { from: all.from, to: Math.max(all.to, all.from + width / 5) }, this.limits(task), width, STRIP));
  }

  limits(task) {
    const all = this.windows.reads.flatMap((read) => this.values(read, task));
    return [all.reduce((a, b) => Math.min(a, b), 0), all.reduce((a, b) => Math.max(a, b), 0)];
  }

  brush() {
    const go = (event) => {
      if (!event.buttons) return;
      const box = this.strip.getBoundingClientRect();
      const at = this.view.low + ((event.clientX - box.left) / box.width) * (this.view.high - this.view.low);
      this.view.see(at - this.view.span / 2, at + this.view.span / 2);
    };
    this.strip.addEventListener("pointerdown", (event) => {
      this.strip.setPointerCapture(event.pointerId);
      go(event);
    });
    this.strip.addEventListener("pointermove", go);
  }

  // What is under the pointer, in words.
  tell(event) {
    const box = this.logo.getBoundingClientRect();
    const at = this.view.from + ((event.clientX - box.left) / box.width) * this.view.span;
    const row = this.rows()[Math.floor((event.clientY - box.top) / (HEIGHT + 22))];
    if (!row) return;
    const i = indexOf(row.read, at);
    if (i < 0) return;
    this.tip.textContent = `${this.windows.chrom ? `${this.windows.chrom}:` : ""}${whole(Math.floor(at) + this.windows.first)} ${row.read.sequence[i]} ${signed(row.values[i])}`;
  }

  list() {
    const spots = this.rows().flatMap(({ task, read, values }) =>
      strongest(values, read.sequence).map(([first, end, sum]) => {
        const [last, wide] = read.place(end - 1);
        const [from, to] = [read.place(first)[0], last + wide];
        return h("li", {}, button([read.name && h("b", {}, `${read.name} `), h("code", {}, read.sequence.slice(first, end)), ` ${signed(sum, 2)}`,
          h("span", {}, ` ${this.tasks.short(task)}, ${this.where(Math.floor(from), Math.ceil(to - 1e-6))}`)], () => this.goTo(from, to), { class: "plain" }));
      }));
    this.spots.replaceChildren(...(spots.length ? spots : [h("li", { class: "hint" }, "None: no base of the window is known.")]));
  }

  goTo(from, to) {
    const half = Math.min(this.view.span, 60, Math.max(4 * (to - from), this.view.least)) / 2;
    this.view.see((from + to) / 2 - half, (from + to) / 2 + half);
    this.logo.focus({ preventScroll: false });
  }

  where(from, to) {
    return `${this.windows.chrom ? `${this.windows.chrom}:` : "bases "}${whole(Math.round(from) + this.windows.first)}-${whole(Math.round(to))}`;
  }
}

const keyOf = (read, method, task) => `${read.name}\n${method}\n${task}`;
