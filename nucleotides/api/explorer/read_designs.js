// The files of a design as objects.

import { fileOf } from "./follow_job.js";

// [{name, before, after, sequence, edits: [{position, from, to}]}]
export async function readDesigns(id, signal) {
  const names = ["designs.tsv", "edits.tsv", "designs.fasta"];
  const [designs, edits, fasta] = await Promise.all(names.map(async (name) => (await fileOf(id, name, signal)).text()));
  const letters = fasta.split(/^>/m).slice(1).map((record) => record.split("\n").slice(1).join(""));
  const changed = Map.groupBy(rowsOf(edits), (row) => row.name);
  return rowsOf(designs).map((row, i) => ({
    name: row.name, before: Number(row.score_before), after: Number(row.score), sequence: letters[i],
    edits: (changed.get(row.name) ?? []).map(({ position, from, to }) => ({ position: Number(position), from, to })),
  }));
}

function rowsOf(text) {
  const [head, ...lines] = text.trimEnd().split("\n").map((line) => line.split("\t"));
  return lines.map((cells) => Object.fromEntries(head.map((name, i) => [name, cells[i]])));
}
