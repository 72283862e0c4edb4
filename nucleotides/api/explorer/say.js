// What the page says of itself: work in hand, failures, what the server lacks.

import { button, h, one } from "./elements.js";

const TITLES = {
  0: "No connection", 401: "A key is wanted", 408: "Too slow", 413: "Too much at once", 422: "That cannot be read",
  429: "The server has too much to do", 503: "The server lacks something", 504: "It took too long",
};

const HOPELESS = new Set([400, 404, 405, 413]); // however often they are asked

export function working(words) {
  one("#working").textContent = words;
  one("main").setAttribute("aria-busy", String(Boolean(words)));
}

export const waiting = (seconds, tries) =>
  working(`The server has much to do: asking again in ${seconds} s${tries > 1 ? `, for the ${tries}. time` : ""}…`);

// `again`: what is done when somebody wants to try once more.
export function failed(failure, again) {
  working("");
  one("#failure").replaceChildren(h("div", { class: "notice bad", role: "alert" },
    h("h2", {}, TITLES[failure.status] ?? "That did not work"),
    h("p", {}, sentence(failure.message)),
    failure.id && h("p", { class: "hint" }, "In the server's log it is ", h("code", {}, failure.id)),
    !HOPELESS.has(failure.status) && button("Try again", again)));
}

export function lacking(sentences) {
  one("#server").replaceChildren(...sentences.filter(Boolean).map((words) => h("div", { class: "notice" }, h("p", {}, sentence(words)))));
}

// Of a link, what is not there.
export const leftOut = (words) => one("#left-out").replaceChildren(...(words ? [h("div", { class: "notice" }, h("p", {}, words))] : []));

export const calm = () => one("#failure").replaceChildren();

export function wrong(words) {
  one("#wrong").textContent = words;
  one("#box").toggleAttribute("aria-invalid", Boolean(words));
  if (words) one("#box").setAttribute("aria-invalid", "true");
}

// A name at its head, such as chr20:5-9, stays as it is.
export function sentence(words) {
  const begun = /^[a-z]+(?=[\s,;]|$)/.test(words) ? words.charAt(0).toUpperCase() + words.slice(1) : words;
  return begun + (/[.?!)]$/.test(words) ? "" : ".");
}
