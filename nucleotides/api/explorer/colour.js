// Colours of assays: those of the reports (nucleotides/analyze/report/theme.py).

const FAMILIES = [["tf chip", "assay0"], ["histone", "assay1"], ["dnase", "assay2"], ["atac", "assay3"]];
const SPARE = ["assay4", "assay5", "assay3", "assay2", "assay1", "assay0"];

export function assayColours(names) {
  const chosen = new Map();
  for (const name of names) {
    const family = FAMILIES.find(([prefix]) => name.toLowerCase().startsWith(prefix))?.[1];
    if (family && ![...chosen.values()].includes(family)) chosen.set(name, family);
  }
  const spare = SPARE.filter((colour) => ![...chosen.values()].includes(colour));
  for (const name of names) if (!chosen.has(name)) chosen.set(name, spare.shift() ?? "assay6");
  return (name) => `var(--${chosen.get(name) ?? "assay6"})`;
}
