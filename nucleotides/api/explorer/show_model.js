// The head of the page: which model answers, and what the server lacks.

import { h, one } from "./elements.js";
import { whole } from "./numbers.js";

// `choose(name)` is called when somebody wants another of several models.
export function showModel(model, models, choose) {
  const facts = { ...(models.length < 2 && { model: model.name }), tasks: whole(model.n_tasks), "bases a window": whole(model.sequence_length),
    network: model.architecture, precision: model.engine };
  one("#facts").replaceChildren(...Object.entries(facts).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
  const select = one("#models select");
  one("#models").hidden = models.length < 2;
  select.replaceChildren(...models.map(({ name }) => h("option", { value: name, selected: name === model.name }, name)));
  select.onchange = () => choose(select.value);
}

// What the server lacks, by name, in its own words, which come in this order.
export function lacksOf({ models, genome, precomputed_effects: effects, jobs, missing }) {
  const there = { models: models.length > 0, genome, effects, jobs };
  const names = Object.keys(there).filter((name) => !there[name]);
  return Object.fromEntries(names.map((name, i) => [name, missing[i]]));
}
