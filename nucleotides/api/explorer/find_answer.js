// A question asked of the server, and its answer by task.

import { post } from "./ask.js";

// {kind, values: Map of task to numbers, raw, path, body}; kind is "prediction" or "effect".
export async function findAnswer(question, model, tasks, signal, told) {
  const { path, body, kind } = requestOf(question, model);
  const raw = await post(path, body, signal, told);
  const made = kind === "effect" ? effects(raw) : predictions(raw, tasks);
  return { kind, question, path, body, raw, values: new Map(made) };
}

export const genomeMeans = (tasks) => ({
  kind: "mean",
  values: new Map(tasks.rows.map((row) => [row.name, { mean: row.mean }])),
});

function requestOf({ kind, body }, model) {
  const named = { ...body, model: model.name };
  if (kind === "variant") return { path: "variant_effect_prediction", body: named, kind: "effect" };
  if (model.background) named.genome_tail = true;
  return { path: `predictions_for_${kind === "region" ? "position" : "sequence"}`, body: named, kind: "prediction" };
}

function predictions(raw, tasks) {
  return Object.entries(raw.predictions).map(([task, probability]) =>
    [task, { probability, tail: raw.genome_tail?.[task] ?? null, mean: tasks.byName.get(task)?.mean }]);
}

function effects(raw) {
  return Object.entries(raw.predictions).map(([task, effect]) => [task, {
    ref: effect.ref_prediction, alt: effect.alt_prediction, diff: effect.diff, logit: effect.logit_diff,
    refTail: effect.ref_tail, altTail: effect.alt_tail,
  }]);
}

// The table of an answer: every number there is, in the order shown.
export function tableOf({ kind, values }, rows) {
  const names = { probability: "prediction", tail: "genome_tail", mean: "mean_prediction", ref: "ref_prediction", alt: "alt_prediction",
    diff: "diff", logit: "logit_diff", refTail: "ref_tail", altTail: "alt_tail" };
  const fields = { mean: ["mean"], prediction: ["probability", "tail", "mean"], effect: ["ref", "alt", "diff", "logit", "refTail", "altTail"] }[kind];
  const columns = ["task", "assay", "target", "biosample", ...fields.map((field) => names[field])];
  return [columns, rows.map((row) => [row.name, row.assay, row.target, row.biosample, ...fields.map((field) => values.get(row.name)[field])])];
}
