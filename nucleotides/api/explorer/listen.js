// Keys, buttons and the width of the window.

import { one } from "./elements.js";
import { onReturn } from "./keep_view.js";

// `on`: {ask(text), changeKey(), restore(view)}.
export function listen(on) {
  const box = one("#box");
  one("#ask").addEventListener("submit", (event) => {
    event.preventDefault();
    on.ask(box.value);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    on.ask(box.value);
  });
  for (const example of document.querySelectorAll(".examples button")) {
    example.addEventListener("click", () => on.ask(example.dataset.text));
  }
  one("#skip").addEventListener("click", (event) => {
    event.preventDefault(); // what is behind # is the view
    box.focus();
  });
  one("#change-key").addEventListener("click", () => on.changeKey());
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.matches("input, textarea, select")) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  const narrow = matchMedia("(max-width: 860px)");
  one("#choice").open = !narrow.matches;
  narrow.addEventListener("change", () => (one("#choice").open = !narrow.matches));
  onReturn((view) => {
    box.value = view.q;
    on.restore(view);
  });
}
