// A job of the server: what it says of it as that changes, and the files of its result.

import { get, pause, send } from "./ask.js";

const OVER = ["done", "failed", "cancelled"];

// `told(status)` hears of every change; the last one is returned. A connection that ends is opened anew.
export async function followJob(id, signal, told) {
  for (let seen = "0"; ;) {
    const answer = await send(`jobs/${id}/events`, { signal, headers: { "Last-Event-ID": seen } });
    if (answer.status === 204) return get(`jobs/${id}`, signal);
    for await (const event of eventsOf(answer.body, signal)) {
      if (!event.id) continue;
      seen = event.id;
      const status = JSON.parse(event.data);
      told(status);
      if (OVER.includes(status.state)) return status;
    }
    await pause(1, signal);
  }
}

export const cancelJob = (id) => send(`jobs/${id}`, { method: "DELETE" });

export const fileOf = async (id, name, signal) => (await send(`jobs/${id}/result?file=${encodeURIComponent(name)}`, { signal })).blob();

// Events of a stream (HTML standard, 9.2): blocks of `field: value`, each ended by an empty line.
async function* eventsOf(body, signal) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    let part;
    try {
      part = await reader.read();
    } catch (error) {
      if (signal.aborted) throw error;
      return; // the connection was cut
    }
    if (part.done) return;
    const blocks = (rest + part.value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) yield Object.fromEntries(block.split("\n").map(fieldOf));
  }
}

function fieldOf(line) {
  const at = line.indexOf(": ");
  return [line.slice(0, at), line.slice(at + 2)];
}
