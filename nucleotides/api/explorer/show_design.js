// Design: a sequence is changed until the model predicts what is wished, while the page watches.

import { post } from "./ask.js";
import { button, choice, h, one, redraw } from "./elements.js";
import { cancelJob, fileOf, followJob } from "./follow_job.js";
import { count, signed, whole } from "./numbers.js";
import { pickTasks } from "./pick_tasks.js";
import { readDesigns } from "./read_designs.js";
import { asStem, saveBlob } from "./save.js";
import { sentence } from "./say.js";

export const BUDGETS = { 100: "quick", 300: "usual", 2000: "thorough" };
const FILES = { "designs.fasta": "FASTA", "designs.tsv": "TSV", "designs.zip": "all" };
const LINE = 60;
const HALF = LINE / 2; // a line of a phone

export class Design {
  // `on`: {change(view changes), ask(text)}.
  constructor(tasks, view, model, on) {
    Object.assign(this, { tasks, view, model, on, place: one("#design"), start: null, shown: [], status: null, wrong: "" });
    this.place.hidden = false;
    this.build();
    if (view.job) this.watch(view.job);
  }

  // The sequence that an answer is about, or none.
  begin(label, sequence) {
    Object.assign(this, { label, start: sequence });
    this.build();
  }

  stop() {
    this.watching?.abort();
  }

  change(changes) {
    this.on.change(changes);
    this.build();
  }

  build() {
    redraw(this.place, () => this.place.replaceChildren(
      h("div", { class: "head" }, h("h2", { id: "design-name" }, "Design a sequence")),
      this.form(), this.progress(), h("div", {}, this.results())));
  }

  form() {
    const { view, tasks } = this;
    const from = this.start === null ? "random" : view.from;
    const edits = h("input", { type: "number", min: 1, max: 10_000, value: view.edits, placeholder: "any", onchange: () => this.on.change({ edits: edits.value }) });
    return h("form", { class: "wish", "aria-label": "Design", onsubmit: (event) => {
      event.preventDefault();
      this.submit(from);
    } },
      choice("Begin with", { ...(this.start !== null && { shown: `the sequence shown (${count(this.start.length, "base")})` }), random: "a random one" }, from, (value) => this.change({ from: value })),
      pickTasks("Raise", tasks, view.raise, (names) => this.change({ raise: names })),
      pickTasks("Lower", tasks, view.lower, (names) => this.change({ lower: names })),
      h("label", {}, "Bases that may change ", edits),
      choice("Search", BUDGETS, view.budget, (value) => this.change({ budget: value })),
      h("p", { class: "actions" }, h("button", { type: "submit", class: "main", disabled: this.running() }, "Design"),
        this.running() && button("Cancel", () => cancelJob(this.status.id))),
      this.wrong && h("p", { class: "wrong", role: "alert" }, sentence(this.wrong)));
  }

  running() {
    return ["waiting", "running"].includes(this.status?.state);
  }

  progress() {
    const { status } = this;
    const words = status ? wordsOf(status) : "";
    const { done = 0, total = null } = status?.progress ?? {};
    return h("div", { role: "status", class: "far" },
      this.running() && h("progress", { max: total ?? 1, value: total ? done : null, "aria-label": "How far the design is" }), words && h("span", {}, words));
  }

  async submit(from) {
    const { view } = this;
    this.wrong = view.raise.length + view.lower.length ? "" : "name a task to raise or to lower";
    if (this.wrong) return this.build();
    const constraints = view.edits ? { max_edits: Number(view.edits) } : null;
    const body = { model: this.model, positive: view.raise, negative: view.lower, constraints, budget: Number(view.budget), shown: 1,
      ...(from === "shown" ? { sequences: { [asStem(this.label)]: this.start } } : { random: 1, seed: Math.floor(Math.random() * 1e9) }) };
    return this.attempt(async () => {
      this.shown = [];
      const { id } = await post("jobs/designs", body);
      this.on.change({ job: id });
      await this.watch(id);
    });
  }

  watch(id) {
    this.stop();
    this.watching = new AbortController();
    const { signal } = this.watching;
    return this.attempt(async () => {
      this.status = await followJob(id, signal, (status) => {
        this.status = status;
        this.build();
      });
      if (this.status.state === "done") this.shown = await readDesigns(id, signal);
      if (this.status.state === "failed") this.wrong = this.status.message;
      this.build();
    });
  }

  async attempt(work) {
    try {
      await work();
    } catch (failure) {
      if (failure.name === "AbortError") return;
      if (failure.status === undefined) throw failure;
      this.status = null;
      this.wrong = failure.message;
      this.build();
    }
  }

  results() {
    if (!this.shown.length) return [];
    const files = Object.entries(FILES).filter(([name]) => this.status.files.some((file) => file.name === name));
    return [
      h("ul", { class: "designs" }, this.shown.map((design) => h("li", {},
        h("p", {}, h("b", {}, `${signed(design.before, 2)} → ${signed(design.after, 2)}`), ` log-odds, ${count(design.edits.length, "base")} changed`,
          button("Ask about it", () => this.on.ask(design.sequence), { class: "plain" })),
        h("div", { class: "letters", tabindex: "0", role: "region", "aria-label": "The design" }, linesOf(design))))),
      h("p", { class: "actions" }, h("span", { class: "saves", role: "group", "aria-label": "Save the design" }, "Save",
        files.map(([name, words]) => button(words, async () => saveBlob(name, await fileOf(this.status.id, name)), { class: "plain", "aria-label": `Save ${name}` }))),
        h("span", { class: "hint" }, "Marked: bases that were changed; point at one to see what it was.")),
    ];
  }
}

function wordsOf({ state, progress }) {
  if (state === "waiting") return "Waiting for its turn…";
  if (state === "running") return `${sentence(progress.doing).slice(0, -1)}${progress.total ? `: ${whole(progress.done)} of ${whole(progress.total)}` : ""}…`;
  return state === "cancelled" ? "Cancelled." : "";
}

// Lines of letters in two halves, which a phone shows one below the other.
function linesOf({ sequence, edits }) {
  const was = new Map(edits.map((edit) => [edit.position, edit.from]));
  const lines = [];
  for (let at = 0; at < sequence.length; at += LINE) {
    const halves = [at, at + HALF].filter((start) => start < sequence.length);
    lines.push(h("div", {}, halves.flatMap((start) => [h("span", { class: "place" }, whole(start)), h("code", {}, ...lettersOf(sequence, was, start))])));
  }
  return lines;
}

// Letters, with those marked that were changed.
function lettersOf(sequence, was, start) {
  const parts = [];
  for (let i = start; i < Math.min(start + HALF, sequence.length); i += 1) {
    if (was.has(i)) parts.push(h("mark", { title: `${whole(i)}: ${was.get(i)} > ${sequence[i]}` }, sequence[i]));
    else if (typeof parts.at(-1) === "string") parts.push(parts.pop() + sequence[i]);
    else parts.push(sequence[i]);
  }
  return parts;
}
