// An explanation as a table and as an object, for files.

import { asTsv } from "./save.js";

// A row a base of each read, a column a task.
export function asTable({ windows, chosen, values }) {
  const { chrom, reads } = windows;
  return asTsv(["chrom", "position", "read", "base", ...chosen.why], reads.flatMap((read) =>
    Array.from(read.sequence, (base, i) => [chrom, Math.floor(read.place(i)[0]), read.name, base,
      ...chosen.why.map((task) => values(read, task)[i])])));
}

export function asObject({ windows, chosen, values }) {
  const contributions = (read) => Object.fromEntries(chosen.why.map((task) => [task, values(read, task)]));
  return {
    asked: chosen.q, method: chosen.method, unit: "logit, positive where the base raises it", chrom: windows.chrom, start: windows.low,
    reads: windows.reads.map((read) => ({ name: read.name, sequence: read.sequence, contributions: contributions(read) })),
  };
}
