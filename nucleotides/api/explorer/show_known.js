// Precomputed variants near the answer: a track to move along, each a stem as high as its effect.

import { post } from "./ask.js";
import { drawAxis } from "./draw_logo.js";
import { button, h, one, s } from "./elements.js";
import { ceiling, count, signed, whole } from "./numbers.js";
import { shorten } from "./read_question.js";
import { asJson, asStem, asSvg, asTsv, saveButtons } from "./save.js";
import { MOVES, Viewport } from "./viewport.js";

const REACH = 500_000;
const HEIGHT = 150;
const FEATURE = "aggregate: max difference (abs)";
const ROWS = 50;

export class Known {
  // `on`: {change(view changes), ask(text), failed(failure)}.
  constructor(tasks, features, on) {
    Object.assign(this, { tasks, features, on, place: one("#known"), asking: null });
    new ResizeObserver(() => this.view && this.draw()).observe(this.place);
  }

  forget() {
    this.asking?.abort();
    this.view = null;
    this.place.hidden = true;
  }

  // Why there is no track, in the server's words.
  explain(why) {
    this.view = null;
    this.place.hidden = false;
    this.place.replaceChildren(h("h2", { id: "known-name" }, "Precomputed variants"), h("p", { class: "hint" }, why));
  }

  // The variants about a place of the genome.
  show(windows, feature) {
    Object.assign(this, { chrom: windows.chrom, marked: [windows.low, windows.high], feature: feature || FEATURE, found: null });
    const middle = Math.round((windows.low + windows.high) / 2);
    this.view = new Viewport(Math.max(0, middle - REACH), middle + REACH, 200, () => this.moved());
    const half = Math.max(windows.high - windows.low, 8000) / 2 + 1000;
    this.view.see(middle - half, middle + half, true);
    this.place.hidden = false;
    this.build();
    return this.fetch();
  }

  moved() {
    this.draw();
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.fetch(), 150);
  }

  async fetch() {
    const { from, to } = this.view;
    const have = this.found;
    if (have?.feature === this.feature && have.from <= from && have.to >= to) return;
    this.asking?.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const [start, end] = [Math.max(0, Math.floor(from - this.view.span)), Math.ceil(to + this.view.span)];
    try {
      const region = { chrom: this.chrom, start, end };
      const answer = await post("variant_effect_prediction_in_region", { region, predicted_feature: this.feature }, signal);
      this.found = { from: start, to: end, feature: this.feature, answer };
      this.say("");
      this.draw();
    } catch (failure) {
      if (failure.name === "AbortError") return;
      this.say(failure.status === 413 ? `${failure.message} (look closer)` : failure.message);
    }
  }

  say(words) {
    this.note.textContent = words;
  }

  build() {
    this.track = s("svg", {
      class: "known", tabindex: 0, role: "application",
      "aria-roledescription": "track: arrow keys move, plus and minus zoom; the variants are in the table below",
    });
    this.note = h("p", { class: "wrong", role: "status" });
    this.told = h("output", { class: "reading", "aria-live": "off" });
    this.list = h("details", { class: "variants" });
    this.view.listen(this.track);
    const options = this.features.map((name) => h("option", { value: name, selected: name === this.feature }, this.tasks.short(name)));
    this.place.replaceChildren(
      h("div", { class: "head" }, h("h2", { id: "known-name" }, "Precomputed variants"),
        h("label", {}, "Height ", h("select", { onchange: (event) => this.choose(event.target.value) }, options))),
      this.note, this.track,
      h("div", { class: "under" },
        h("div", { class: "moves", role: "group", "aria-label": "Move and zoom" },
          MOVES.slice(0, 4).map(([words, label, act]) => button(words, () => act(this.view), { "aria-label": label, title: label }))),
        this.told,
        h("div", { class: "actions" }, saveButtons("the variants", () => asStem(`variants_${this.chrom}_${Math.round(this.view.from)}`), {
          tsv: () => asTsv(["chrom", "pos", "id", "ref", "alt", "value", "task"], this.seen().map((v) => [v.chrom, v.pos, v.id, v.ref, v.alt, v.value, v.task])),
          json: () => asJson({ ...this.found?.answer, variants: this.seen() }), svg: () => asSvg(this.track, `Precomputed variants, ${this.tasks.short(this.feature)}`),
        }))),
      this.list,
    );
    this.draw();
  }

  choose(feature) {
    this.feature = feature;
    this.on.change({ shows: feature === FEATURE ? "" : feature });
    this.fetch();
  }

  seen() {
    const { from, to } = this.view;
    return (this.found?.answer.variants ?? []).filter(({ pos, ref }) => pos - 1 < to && pos - 1 + ref.length > from);
  }

  draw() {
    const width = this.place.clientWidth;
    if (!width || !this.track) return;
    const seen = this.seen();
    const values = seen.map((variant) => variant.value ?? 0);
    const most = ceiling(Math.max(...values.map(Math.abs), 0));
    const signs = values.some((value) => value < 0);
    const zero = signs ? HEIGHT / 2 : HEIGHT - 30;
    const scale = (zero - 16) / most;
    const x = (base) => ((base - this.view.from) / this.view.span) * width;
    const stems = seen.map((variant, i) => {
      const [left, y] = [x(variant.pos - 0.5), zero - values[i] * scale];
      return s("g", { class: `stem ${values[i] < 0 ? "lowers" : "raises"}`,
        onclick: () => this.on.ask(asText(variant)), onpointerenter: () => this.tell(variant) },
      s("rect", { class: "touch", x: left - 7, width: 14, y: 0, height: HEIGHT - 26 }),
      s("line", { x1: left, x2: left, y1: zero, y2: y }), s("circle", { cx: left, cy: y, r: 4 }));
    });
    this.track.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.track.setAttribute("height", HEIGHT);
    this.track.setAttribute("aria-label", `${count(seen.length, "variant")} in ${this.where()}`);
    this.track.replaceChildren(
      s("rect", { class: "marked", x: x(this.marked[0]), width: Math.max(1, x(this.marked[1]) - x(this.marked[0])), y: 0, height: HEIGHT - 26 }),
      s("line", { class: "zero", x1: 0, x2: width, y1: zero, y2: zero }), ...stems,
      s("text", { x: 4, y: 12 }, seen.length ? String(+most.toPrecision(3)) : ""), ...drawAxis(this.view, width, HEIGHT - 24, 1));
    this.tabulate(seen);
  }

  tell({ chrom, pos, ref, alt, value, task }) {
    this.told.textContent = `${chrom}:${whole(pos)} ${shorten(ref)}>${shorten(alt)} ${signed(value)}${task ? ` ${this.tasks.short(task)}` : ""}`;
  }

  where() {
    return `${this.chrom}:${whole(Math.round(this.view.from) + 1)}-${whole(Math.round(this.view.to))}`;
  }

  tabulate(seen) {
    const byHeight = seen.toSorted((a, b) => Math.abs(b.value ?? 0) - Math.abs(a.value ?? 0));
    this.list.replaceChildren(
      h("summary", {}, `${count(seen.length, "variant")} in ${this.where()}${seen.length > ROWS ? `, the ${ROWS} highest below` : ""}`),
      h("table", { class: "plain-table" },
        h("thead", {}, h("tr", {}, ["Variant", "Value", "Task"].map((words) => h("th", { scope: "col" }, words)))),
        h("tbody", {}, byHeight.slice(0, ROWS).map((variant) => h("tr", {},
          h("th", { scope: "row" }, button(`${variant.chrom}:${whole(variant.pos)} ${shorten(variant.ref)}>${shorten(variant.alt)}`,
            () => this.on.ask(asText(variant)), { class: "plain" })),
          h("td", { class: "n" }, signed(variant.value)), h("td", {}, variant.task ? this.tasks.short(variant.task) : ""))))),
    );
  }
}

const asText = ({ chrom, pos, ref, alt }) => `${chrom}:${pos} ${ref}>${alt}`;
