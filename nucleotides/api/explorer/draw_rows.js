// Tasks as a table with bars: what is predicted, what a variant changes, or the genome's mean.

import { button, choice, h, s } from "./elements.js";
import { ceiling, count, probability, signed, top, whole } from "./numbers.js";

const FEW = 12;
export const GROUPS = { assay: "assay", biosample: "biosample", none: "nothing" };

// How each kind of answer is shown. `of(value)` gives the number to sort by, the highest first.
const KINDS = {
  mean: {
    title: "Mean prediction over the genome",
    sorts: { mean: ["mean", (value) => value.mean] },
    reach: (value) => value.mean,
    draw: drawBar,
    heads: ["Mean"],
    cells: (value) => [h("td", { class: "n" }, probability(value.mean))],
  },
  prediction: {
    title: "Predictions",
    legend: "A bar is the probability of a peak; its tick, the mean over the genome. Top 2 %: so many of the genome's windows score as high or higher.",
    sorts: {
      probability: ["probability", (value) => value.probability],
      genome: ["genome quantile", (value) => -(value.tail ?? 1)],
    },
    reach: (value) => Math.max(value.probability, value.mean ?? 0),
    draw: drawBar,
    heads: ["Probability", "In the genome"],
    cells: (value) => [
      h("td", { class: "n" }, probability(value.probability)),
      h("td", { class: "n tail" }, top(value.tail)),
    ],
  },
  effect: {
    title: "Effects",
    legend: "Probability of a peak, from REF, the ring, to ALT, the disc. Top 2 → 0.1 %: how many of the genome's windows score as high or higher.",
    sorts: {
      size: ["size", (value) => Math.abs(value.diff ?? 0)],
      increase: ["increase", (value) => value.diff ?? 0],
      decrease: ["decrease", (value) => -(value.diff ?? 0)],
      logit: ["logit", (value) => Math.abs(value.logit ?? 0)],
    },
    reach: (value) => Math.max(value.ref ?? 0, value.alt ?? 0),
    draw: drawChange,
    heads: ["REF", "ALT", "Change", "In the genome"],
    cells: (value) => [
      h("td", { class: "n side" }, probability(value.ref)),
      h("td", { class: "n side" }, probability(value.alt)),
      h("td", { class: `n ${value.diff < 0 ? "down" : "up"}`, title: `logit ${signed(value.logit, 2)}` }, signed(value.diff)),
      h("td", { class: "n tail" }, top(value.refTail, value.altTail)),
    ],
  },
};

const sortsOf = (kind) => Object.keys(KINDS[kind].sorts);

export const SORTS = Object.keys(KINDS).flatMap(sortsOf);

// The rows in the order that they are shown in: [[group, rows]].
export function arrange(rows, values, kind, view) {
  const sorts = KINDS[kind].sorts;
  const [, by] = sorts[view.sort] ?? Object.values(sorts)[0];
  const sorted = rows.filter((row) => values.has(row.name)).sort((a, b) => by(values.get(b.name)) - by(values.get(a.name)));
  return [...Map.groupBy(sorted, (row) => (view.by === "none" ? "" : row[view.by]))];
}

// `on`: {change(view changes), why(task)}; `open`: groups that are shown as a whole.
export function drawRows(place, answer, rows, colour, view, open, on) {
  const { kind, values } = answer;
  const about = KINDS[kind];
  const groups = arrange(rows, values, kind, view);
  const most = ceiling(Math.max(...rows.map((row) => (values.has(row.name) ? about.reach(values.get(row.name)) : 0)), 0));
  const whyable = kind !== "mean";
  const columns = about.heads.length + 2 + whyable;
  const line = (row) => h("tr", {},
    h("th", { scope: "row", title: row.name },
      h("i", { class: "dot", own: colour(row.assay) }), h("b", {}, row.what), " ", h("span", {}, [view.by !== "biosample" && row.biosample, row.more].filter(Boolean).join(" · "))),
    h("td", { class: "bar" }, about.draw(values.get(row.name), most, colour(row.assay))),
    about.cells(values.get(row.name)),
    whyable && h("td", { class: "ask" }, button("Why", () => on.why(row.name), {
      class: "plain", "data-task": row.name, "aria-pressed": String(view.why.includes(row.name)),
      "aria-label": `Why: bases that ${row.what} in ${row.biosample} depends on`,
    })));

  place.replaceChildren(
    h("div", { class: "head" }, h("h2", {}, about.title),
      choice("Group by", GROUPS, view.by, (by) => on.change({ by })),
      Object.keys(about.sorts).length > 1 && choice("Sort by",
        Object.fromEntries(Object.entries(about.sorts).map(([name, [words]]) => [name, words])),
        about.sorts[view.sort] ? view.sort : sortsOf(kind)[0], (sort) => on.change({ sort }))),
    groups.length ? h("table", { class: `rows ${kind}` },
      h("caption", { class: "unseen" }, `${about.title}, ${count(rows.length, "task")}`),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Task"),
        h("th", { scope: "col", class: "axis" }, h("span", {}, "0"), h("span", {}, String(+most.toPrecision(3)))),
        about.heads.map((words) => h("th", { scope: "col", class: `n ${{ REF: "side", ALT: "side", "In the genome": "tail" }[words] ?? ""}` }, words)),
        whyable && h("th", { scope: "col" }, h("span", { class: "unseen" }, "Explanation")))),
      groups.map(([name, all]) => {
        const shown = open.has(name) || all.length <= FEW + 2 ? all : all.slice(0, FEW);
        return h("tbody", {},
          name && h("tr", { class: "group" }, h("th", { scope: "rowgroup", colspan: columns }, name, " ", h("span", {}, whole(all.length)))),
          shown.map(line),
          shown.length < all.length && h("tr", {}, h("td", { colspan: columns, class: "more" },
            button(`${whole(all.length - shown.length)} more`, () => {
              open.add(name);
              on.change({});
            }, { class: "plain" }))));
      }))
      : h("p", { class: "hint" }, "No task meets all that is asked for."),
    groups.length && about.legend ? h("p", { class: "hint" }, about.legend) : "",
  );
}

const percent = (value, most) => `${(Math.min(1, (value ?? 0) / most) * 100).toFixed(2)}%`;

// A bar, and a tick at the genome's mean.
function drawBar(value, most, colour) {
  const long = value.probability ?? value.mean;
  return s("svg", { "aria-hidden": "true" },
    s("rect", { class: "track", width: "100%", height: 10, y: 4, rx: 2 }),
    s("rect", { class: "filled", width: percent(long, most), height: 10, y: 4, rx: 2, own: colour }),
    value.probability !== undefined && value.mean !== null && value.mean !== undefined
      && s("line", { class: "usual", x1: percent(value.mean, most), x2: percent(value.mean, most), y1: 1, y2: 17 }));
}

// From REF, a ring, to ALT, a disc.
function drawChange(value, most) {
  const [from, to] = [percent(value.ref, most), percent(value.alt, most)];
  return s("svg", { "aria-hidden": "true", class: value.diff < 0 ? "down" : "up" },
    s("line", { class: "rail", x1: 0, x2: "100%", y1: 9, y2: 9 }),
    s("line", { class: "change", x1: from, x2: to, y1: 9, y2: 9 }),
    s("circle", { class: "ref", cx: from, cy: 9, r: 4.5 }),
    s("circle", { class: "alt", cx: to, cy: 9, r: 4.5 }));
}
