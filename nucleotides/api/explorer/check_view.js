// What a link names that is not there: another server's tasks or models, a typing error.

import { STANDARD } from "./keep_view.js";

const NAMES = { why: "task", shows: "feature", method: "method", by: "group", sort: "order", from: "beginning", budget: "search" };
const MANY = 3;

// What is not in `known`, names by name of the view, is taken out of the view, and told.
export function dropUnknown(view, known) {
  const lost = new Set();
  for (const [name, values] of Object.entries(known)) {
    const isThere = (value) => value === STANDARD[name] || values.includes(value);
    for (const value of [view[name]].flat()) if (!isThere(value)) lost.add(`${NAMES[name] ?? name} ${value}`);
    if (Array.isArray(view[name])) view[name] = view[name].filter(isThere);
    else if (!isThere(view[name])) view[name] = STANDARD[name];
  }
  const told = [...lost];
  const more = told.length > MANY ? ` and ${told.length - MANY} more` : "";
  return told.length ? `Not known here and left out: ${told.slice(0, MANY).join(", ")}${more}.` : "";
}
