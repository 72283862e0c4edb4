// A list of tasks to which some are added by name or pattern, and from which they are taken.

import { button, h } from "./elements.js";

// `change(names)` is told of the new list.
export function pickTasks(label, tasks, names, change) {
  const list = `names-of-${label.toLowerCase()}`;
  const field = h("input", { list, "aria-label": `${label}: add a task or a pattern`, placeholder: "a task, or a pattern: *CTCF*", spellcheck: "false", autocomplete: "off" });
  const add = () => {
    const name = field.value.trim();
    if (name && !names.includes(name)) change([...names, name]);
  };
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    add();
  });
  field.addEventListener("change", () => tasks.has(field.value.trim()) && add());
  return h("div", { class: "wishes", role: "group", "aria-label": label },
    h("span", { class: "label", "aria-hidden": "true" }, label),
    names.length > 0 && h("ul", { class: "picked" }, names.map((name) => h("li", {}, tasks.short(name),
      button("×", () => change(names.filter((other) => other !== name)), { "aria-label": `${label}: without ${tasks.short(name)}` })))),
    field, button("Add", add, { "aria-label": `${label}: add it` }),
    h("datalist", { id: list }, tasks.rows.map((row) => h("option", { value: row.name }, tasks.short(row.name)))));
}
