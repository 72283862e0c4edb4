// Asking for a key, where the server wants one.

import { key } from "./ask.js";
import { one } from "./elements.js";

// `again`: what is done once there is a key.
export function askForKey(again) {
  const dialog = one("#key");
  const field = dialog.querySelector("input");
  const form = dialog.querySelector("form");
  form.onsubmit = (event) => {
    event.preventDefault();
    key.set(field.value);
    field.value = "";
    dialog.close();
    again();
  };
  dialog.querySelector('[value="cancel"]').onclick = () => dialog.close();
  dialog.showModal();
}
