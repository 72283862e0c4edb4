// What a link names that is not there: another server's tasks or models, a typing error.

import { GROUPS, SORTS } from "./draw_rows.js";
import { STANDARD } from "./keep_view.js";
import { BUDGETS } from "./show_design.js";
import { METHODS } from "./show_why.js";

const NAMES = { why: "task", shows: "feature", method: "method", by: "group", sort: "order", from: "beginning", budget: "search" };
const MANY = 3;

// What the server and this page do not know is taken out of the view, and told.
export function dropUnknown(view, there) {
  const lost = new Set();
  for (const [name, values] of Object.entries(knownOf(there))) {
    const isThere = (value) => value === STANDARD[name] || values.includes(value);
    for (const value of [view[name]].flat()) if (!isThere(value)) lost.add(`${NAMES[name] ?? name} ${value}`);
    if (Array.isArray(view[name])) view[name] = view[name].filter(isThere);
    else if (!isThere(view[name])) view[name] = STANDARD[name];
  }
  const told = [...lost];
  const more = told.length > MANY ? ` and ${told.length - MANY} more` : "";
  return told.length ? `Not known here and left out: ${told.slice(0, MANY).join(", ")}${more}.` : "";
}

// Values by name in the view; the words, and the parts of a design, are free.
function knownOf({ tasks, models, features }) {
  const names = tasks.rows.map((row) => row.name);
  return {
    model: models.map((model) => model.name), task: names, why: names, assay: tasks.values("assay"), biosample: tasks.values("biosample"),
    shows: features, method: Object.keys(METHODS), by: Object.keys(GROUPS), sort: SORTS, from: ["random"], budget: Object.keys(BUDGETS),
  };
}
