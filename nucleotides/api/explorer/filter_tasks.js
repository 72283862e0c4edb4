// Search words, assays and biosamples: which tasks are shown.

import { button, h, one } from "./elements.js";
import { count, whole } from "./numbers.js";

const FEW = 8;
const TITLES = { assay: "Assay", biosample: "Biosample" };

// `changed(view)` is called whenever somebody chooses otherwise.
export function startFilters(tasks, view, colour, changed) {
  const find = one("#find");
  const open = new Set();
  find.value = view.find;
  find.oninput = () => set({ find: find.value });
  one("#clear").onclick = () => {
    set({ find: "", assay: [], biosample: [], task: [] });
    find.value = "";
    find.focus();
  };

  function set(change) {
    Object.assign(view, change);
    show();
    changed();
  }

  function toggle(list, value) {
    const without = view[list].filter((other) => other !== value);
    set({ [list]: without.length < view[list].length ? without : [...without, value] });
    one("#facets").querySelector(`[data-list="${list}"] [value="${CSS.escape(value)}"]`)?.focus();
  }

  function facet(list) {
    const counts = new Map();
    for (const row of tasks.chosen(view, list)) counts.set(row[list], (counts.get(row[list]) ?? 0) + 1);
    const values = tasks.values(list);
    const shown = open.has(list) || values.length < FEW + 3 ? values : values.filter((value, i) => i < FEW || view[list].includes(value));
    const more = values.length - shown.length;
    return h("div", { class: "facet", "data-list": list, role: "group", "aria-label": TITLES[list] },
      h("h3", {}, TITLES[list]),
      shown.map((value) => button([
        list === "assay" && h("i", { class: "dot", own: colour(value) }),
        value,
        h("span", {}, whole(counts.get(value) ?? 0)),
      ], () => toggle(list, value), { value, "aria-pressed": String(view[list].includes(value)) })),
      more > 0 && button(`${whole(more)} more`, () => {
        open.add(list);
        show();
      }, { class: "plain" }));
  }

  function show() {
    const n = tasks.chosen(view).length;
    const all = tasks.rows.length;
    one("#chosen").textContent = n === all ? count(all, "task") : `${whole(n)} of ${count(all, "task")}`;
    one("#facets").replaceChildren(facet("assay"), facet("biosample"));
    one("#clear").hidden = !(view.find || view.assay.length || view.biosample.length || view.task.length);
  }

  show();
  return { show };
}
