// What is shown, as the part of the address behind #: a link shows the same again.

const LISTS = ["assay", "biosample", "task", "why", "raise", "lower"];
export const STANDARD = { q: "", find: "", model: "", by: "assay", sort: "", method: "input_x_gradient", shows: "", near: "",
  from: "shown", edits: "", budget: "300", job: "" };

export function readView() {
  const given = new URLSearchParams(location.hash.slice(1));
  const view = {};
  for (const [name, standard] of Object.entries(STANDARD)) view[name] = given.get(name) ?? standard;
  for (const name of LISTS) view[name] = given.getAll(name);
  return view;
}

// `step`: the browser's Back leads to what was shown before.
export function writeView(view, step = false) {
  const made = new URLSearchParams();
  for (const [name, standard] of Object.entries(STANDARD)) if (view[name] !== standard) made.set(name, view[name]);
  for (const name of LISTS) for (const value of view[name]) made.append(name, value);
  const hash = made.size ? `#${made}` : location.pathname;
  if (step) history.pushState(null, "", hash);
  else history.replaceState(null, "", hash);
}

export const onReturn = (show) => addEventListener("popstate", () => show(readView()));
