// The tasks of a model, and which of them are chosen.

const COLLATOR = new Intl.Collator("en", { numeric: true });

export class Tasks {
  // `described`: what /predicted_features_description answers.
  constructor(described) {
    this.rows = described.map((task) => ({
      name: task.name,
      assay: task.assay ?? "assay unknown",
      target: task.experiment_target,
      biosample: task.biosample_term_name ?? "biosample unknown",
      x: task.umap1,
      y: task.umap2,
      mean: task.mean_prediction,
    }));
    for (const row of this.rows) {
      row.what = row.target ?? row.assay;
      row.lower = [row.name, row.assay, row.what, row.biosample].join(" ").toLowerCase();
    }
    this.byName = new Map(this.rows.map((row) => [row.name, row]));
    this.label();
  }

  // Target and biosample; where several tasks share both, the rest of the name too.
  label() {
    const seen = Map.groupBy(this.rows, (row) => `${row.what}\n${row.biosample}`);
    for (const alike of seen.values()) {
      for (const row of alike) row.more = alike.length > 1 ? row.name : "";
    }
  }

  has(name) {
    return this.byName.has(name);
  }

  short(name) {
    const row = this.byName.get(name);
    return row ? [row.what, row.biosample, row.more].filter(Boolean).join(" · ") : name;
  }

  // Those that meet all: every word found, an assay, a biosample, picked on the map.
  // `besides` names a list that is not asked, so that its own numbers can be told.
  chosen(view, besides = "") {
    const words = view.find.toLowerCase().split(/\s+/).filter(Boolean);
    const meets = (list, value) => list === besides || !view[list].length || view[list].includes(value);
    return this.rows.filter((row) =>
      words.every((word) => row.lower.includes(word))
      && meets("assay", row.assay) && meets("biosample", row.biosample) && meets("task", row.name));
  }

  // Distinct values of a column, the commonest first.
  values(column) {
    const counts = new Map();
    for (const row of this.rows) counts.set(row[column], (counts.get(row[column]) ?? 0) + 1);
    return [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || COLLATOR.compare(a, b));
  }
}
