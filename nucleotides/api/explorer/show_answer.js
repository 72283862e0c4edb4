// The head of an answer: what was asked, what to know about it, how to keep it or ask it again.

import { button, h, one } from "./elements.js";
import { count, whole } from "./numbers.js";
import { asJson, saveButtons } from "./save.js";

// `files`: {stem, tsv, svg} as functions.
export function showAnswer(answer, model, files) {
  const { question, raw } = answer;
  one("#answer").hidden = false;
  one("#answer-name").textContent = question.label;
  one("#answer-facts").replaceChildren(
    h("p", { class: "about" }, about(question, model, raw.matches_reference_genome)),
    ...warnings(answer).map((words) => h("p", { class: "notice" }, words)),
  );
  one("#answer-actions").replaceChildren(
    copyButton("Copy link", () => location.href),
    copyButton("Copy as curl", () => asCurl(answer)),
    saveButtons("the table", files.stem, { tsv: files.tsv, json: () => asJson(raw), svg: files.svg }),
  );
}

function about({ kind, body }, model, matches) {
  const length = model.sequence_length;
  if (kind === "variant") {
    return ["The prediction with ", name(body.alt), " less that with ", matches === false ? ofGenome() : name(body.ref), `, windows of ${whole(length)} bases about it.`];
  }
  const bases = kind === "sequence" ? body.sequence.length : body.end - body.start;
  if (bases <= length) return kind === "sequence" ? count(bases, "base") : `${count(bases, "base")}, in the middle of a window of ${whole(length)}.`;
  return `${whole(bases)} bases, read in windows of ${whole(length)}, ${whole(model.step)} apart: the highest of them, task by task.`;
}

const name = (allele) => (allele.length > 20 ? `an allele of ${whole(allele.length)} bases` : allele);

// The bases that the genome has in place of REF: told once they are read.
const ofGenome = () => h("b", { class: "of-genome" }, "the genome's bases");

export function tellReference(bases) {
  for (const place of document.querySelectorAll("#answer-facts .of-genome")) place.textContent = `the genome's ${name(bases)}`;
}

function warnings({ question, raw }) {
  const said = [];
  if (raw.not_scored) said.push(`Not scored: ${raw.not_scored}.`);
  if (raw.matches_reference_genome === false) {
    said.push([`The genome does not have ${name(question.body.ref)} here: look at position, strand and assembly. REF below is `, ofGenome(),
      ", ALT what is put in place of it."]);
  }
  if (raw.contains_unknown_bases) said.push("The window has unknown bases (N), which are a quarter of each base.");
  return said;
}

// Of bases read for a prediction, those that are unknown.
export function tellUnknown(sequence) {
  const unknown = sequence.split("N").length - 1;
  if (!unknown) return;
  const words = unknown === sequence.length ? "No base is known here, all are N: these numbers say nothing of the place."
    : `Unknown bases (N): ${whole(unknown)} of ${whole(sequence.length)}, each read as a quarter of A, C, G and T.`;
  one("#answer-facts").append(h("p", { class: "notice" }, words));
}

function asCurl({ path, body }) {
  const quoted = JSON.stringify(body).replaceAll("'", "'\\''");
  return `curl -s ${new URL(path, location.href.split("#")[0])} -H 'Content-Type: application/json' -d '${quoted}'`;
}

// Where the browser gives no clipboard (a page over plain HTTP), the text is shown to be copied.
function copyButton(words, text) {
  const copy = button(words, async () => {
    try {
      await navigator.clipboard.writeText(text());
      copy.textContent = "Copied";
    } catch {
      const field = h("input", { class: "copied", readonly: true, "aria-label": words, value: text() });
      copy.replaceWith(field);
      field.select();
    }
  }, { class: "plain" });
  copy.addEventListener("blur", () => (copy.textContent = words));
  return copy;
}
