// The explorer: asks the server about what is typed, and shows what it answers.

import { get, key } from "./ask.js";
import { askForKey } from "./ask_for_key.js";
import { dropUnknown } from "./check_view.js";
import { assayColours } from "./colour.js";
import { drawChart } from "./draw_chart.js";
import { startMap } from "./draw_map.js";
import { arrange, drawRows } from "./draw_rows.js";
import { one, redraw } from "./elements.js";
import { startFilters } from "./filter_tasks.js";
import { findAnswer, genomeMeans, tableOf } from "./find_answer.js";
import { readView, writeView } from "./keep_view.js";
import { listen } from "./listen.js";
import { readQuestion } from "./read_question.js";
import { readWindows } from "./read_windows.js";
import { asStem, asTsv, byDay } from "./save.js";
import { calm, failed, lacking, leftOut, sentence, waiting, working, wrong } from "./say.js";
import { showAnswer, tellReference, tellUnknown } from "./show_answer.js";
import { Design } from "./show_design.js";
import { Known } from "./show_known.js";
import { lacksOf, showModel } from "./show_model.js";
import { Why } from "./show_why.js";
import { Tasks } from "./tasks.js";

const here = { view: readView(), open: new Set(), answer: null, asking: null, chose: false };
const opened = new Promise((done) => (here.tellOpened = done)); // there is a model to ask

async function start() {
  try {
    here.ready = await get("ready");
    here.models = here.ready.models.length ? (await get("models")).models : [];
    here.lacks = lacksOf(here.ready);
    lacking([here.lacks.models, here.lacks.genome]);
    for (const example of document.querySelectorAll(".examples [data-needs]")) example.hidden = !here.ready.genome;
    if (!here.models.length) return shut();
    await openModel();
  } catch (failure) {
    if (failure.status === 401) return askForKey(start);
    return failed(failure, () => {
      calm();
      start();
    });
  }
  return undefined;
}

function shut() {
  for (const control of one("#ask").elements) control.disabled = true;
  one(".columns").hidden = true;
}

async function openModel() {
  const { view, models } = here;
  here.model = modelOf(view);
  const query = `model=${encodeURIComponent(here.model.name)}`;
  const [described, features] = await Promise.all([
    get(`predicted_features_description?${query}`),
    get(`predicted_features?include_aggregation_options=true&${query}`),
  ]);
  here.tasks = new Tasks(described);
  here.features = features;
  here.colour = assayColours(here.tasks.values("assay"));
  here.means = genomeMeans(here.tasks);
  here.why = new Why(here.tasks, { change: keep, drop: (task) => explain(task), method: (method) => explainBy(method) });
  here.known = new Known(here.tasks, features, { change: keep, ask: (text) => ask(text) });
  showModel(here.model, models, (name) => {
    Object.assign(here.view, { model: name, why: [], task: [], near: "", raise: [], lower: [], job: "" });
    openModel();
  });
  one("#change-key").hidden = !key.get();
  here.tellOpened();
  await restore(view);
}

const modelOf = (view) => here.models.find((model) => model.name === view.model) ?? here.models[0];

// The browser's Back may lead to another model's answers.
function comeBack(view) {
  here.view = view;
  return modelOf(view) === here.model ? restore(view) : openModel();
}

// Show what a link says.
async function restore(view) {
  leftOut(dropUnknown(view, here));
  Object.assign(here, { view, chose: view.why.length > 0 });
  forget();
  here.filters = startFilters(here.tasks, view, here.colour, filtered);
  here.map = startMap(one("#map"), here.tasks, view, here.colour, (names) => {
    keep({ task: names });
    here.filters.show();
    filtered();
  });
  showTable();
  startDesign();
  if (view.q) await ask(view.q, true);
}

// No answer is shown: a link and what is below it are of the same question.
function forget() {
  Object.assign(here, { answer: null, windows: null });
  here.why.forget();
  here.known.forget();
  here.design?.begin("", null);
  one("#answer").hidden = true;
}

// Where the server takes jobs.
function startDesign() {
  here.design?.stop();
  if (here.lacks.jobs) return;
  here.design = new Design(here.tasks, here.view, here.model.name, { change: keep, ask: (text) => ask(text) });
}

function keep(change) {
  Object.assign(here.view, change);
  writeView(here.view);
}

function filtered() {
  writeView(here.view);
  here.map.show();
  showTable();
}

function showTable() {
  const { tasks, view, colour, open } = here;
  const answer = here.answer ?? here.means;
  redraw(one("#table"), () => drawRows(one("#table"), answer, tasks.chosen(view), colour, view, open, {
    change: (change) => {
      keep(change);
      showTable();
    },
    why: explain,
  }));
}

// What is typed is asked; `again` where a link or the browser's Back leads to it.
async function ask(text, again = false) {
  calm();
  const { question, why } = tryToRead(text);
  wrong(why);
  await opened;
  one("#box").value = text;
  const signal = supersede();
  if (!again) {
    leftOut("");
    Object.assign(here.view, { q: text.trim(), near: "", why: here.chose ? here.view.why : [] });
    writeView(here.view, true);
  }
  if (!question) return leave();
  working("Predicting…");
  here.windows = null; // what is explained is the next answer
  try {
    const answer = await findAnswer(question, here.model, here.tasks, signal, waiting);
    forget();
    here.answer = answer;
    present();
    if (!again) one("#answer-name").focus();
    await look(signal);
  } catch (failure) {
    unanswered(failure, () => ask(text, again), question);
  }
  return undefined;
}

function tryToRead(text) {
  try {
    return { question: readQuestion(text), why: "" };
  } catch (error) {
    return { question: null, why: error.message };
  }
}

// What was shown is no answer to what is asked now.
function leave() {
  working("");
  forget();
  showTable();
}

// Only the latest question is waited for: the server hears that nobody wants the others.
function supersede() {
  here.asking?.abort();
  here.asking = new AbortController();
  return here.asking.signal;
}

function unanswered(failure, again, question = here.answer?.question) {
  if (failure.name === "AbortError") return;
  if (failure.status === undefined) throw failure;
  working("");
  if (here.answer?.question !== question) leave();
  if (failure.status === 401) askForKey(again);
  else if (failure.status === 422) wrong(sentence(failure.message));
  else failed(failure, again);
}

function present() {
  const { answer, tasks, view } = here;
  const groups = () => arrange(tasks.chosen(view), answer.values, answer.kind, view);
  showTable();
  showAnswer(answer, here.model, {
    stem: () => asStem(answer.question.label),
    tsv: () => asTsv(...tableOf(answer, groups().flatMap(([, rows]) => rows))),
    svg: () => byDay(() => drawChart(answer.question.label, groups(), answer.values, answer.kind, here.colour)),
  });
}

// Below the answer: why, and what is known of variants near.
async function look(signal) {
  const { answer, view, lacks } = here;
  if (!answer.values.size) return working("");
  if (!view.why.length) {
    const first = arrange(here.tasks.rows, answer.values, answer.kind, { by: "none", sort: answer.kind === "effect" ? "size" : "genome" });
    keep({ why: [first[0][1][0].name] });
    showTable();
  }
  working("Reading the bases…");
  here.windows = await readWindows(answer.question, here.model.sequence_length, signal);
  if (answer.kind === "prediction") tellUnknown(here.windows.reads[0].sequence);
  else tellReference(referenceOf(here.windows));
  here.design?.begin(answer.question.label, here.windows.reads.at(-1).sequence);
  if (here.windows.chrom !== null) {
    if (lacks.effects) here.known.explain(sentence(lacks.effects));
    else here.known.show(here.windows, view.shows);
  }
  return showWhy(signal);
}

const referenceOf = ({ reads, marked, low }) => reads[0].sequence.slice(marked[0] - low, marked[1] - low);

async function showWhy(signal) {
  const { view, answer, windows } = here;
  if (!view.why.length) {
    here.why.forget();
    return;
  }
  working(`Explaining ${view.why.map((name) => here.tasks.short(name)).join(", ")}…`);
  await here.why.show(answer.question.label, windows, view, here.model.name, signal, waiting);
  working("");
}

// A task more is explained, or one less.
async function explain(name) {
  const without = here.view.why.filter((other) => other !== name);
  keep({ why: without.length < here.view.why.length ? without : [...without, name] });
  here.chose = here.view.why.length > 0;
  showTable();
  await explainAnew();
}

async function explainBy(method) {
  keep({ method });
  await explainAnew();
}

async function explainAnew() {
  if (!here.windows) return;
  calm();
  try {
    await showWhy(supersede());
  } catch (failure) {
    unanswered(failure, explainAnew);
  }
}

listen({ ask: (text) => ask(text), changeKey: () => askForKey(start), restore: comeBack });
start();
