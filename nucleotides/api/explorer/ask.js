// Requests to the server that the page came from.

const KEPT = "nucleotides-key";
const PATIENCE = 5;

// What a server answered that did not do what was asked; status 0: it did not answer.
export class Failure extends Error {
  constructor(status, message, seconds = 0, id = "") {
    super(message);
    Object.assign(this, { status, seconds, id });
  }
}

export const key = {
  get: () => sessionStorage.getItem(KEPT) ?? "",
  set: (value) => (value ? sessionStorage.setItem(KEPT, value) : sessionStorage.removeItem(KEPT)),
};

export const get = (path, signal) => once(path, { signal });

// A server that has too much to do says when to ask again: `told` hears of it, and it is asked again.
export async function post(path, body, signal, told = () => {}) {
  const request = { method: "POST", body: JSON.stringify(body), signal };
  for (let tries = 1; ; tries += 1) {
    try {
      return await once(path, request);
    } catch (failure) {
      if (failure.status !== 429 || tries > PATIENCE) throw failure;
      told(failure.seconds, tries);
      await pause(failure.seconds, signal);
    }
  }
}

async function once(path, request) {
  return (await send(path, request)).json();
}

// The answer as it comes, if it is a good one.
export async function send(path, request = {}) {
  const headers = { ...request.headers, ...(request.body && { "Content-Type": "application/json" }) };
  if (key.get()) headers["X-API-Key"] = key.get();
  let answer;
  try {
    answer = await fetch(path, { ...request, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure(0, "the server does not answer: it may have stopped, or the network is down");
  }
  if (answer.ok || path === "ready") return answer;
  const said = await answer.json().catch(() => ({}));
  throw new Failure(answer.status, plainly(said.message ?? `the server answered ${answer.status}`), Number(answer.headers.get("Retry-After")) || 1, said.request_id);
}

// Without what is told to programs: a field's place in the body.
function plainly(message) {
  return message.replace(/\bbody\.([\w.]+): (?:(?:Input|String) should\b)?/g,
    (found, field) => (found.endsWith("should") ? `${field} should` : `${field}: `));
}

export function pause(seconds, signal) {
  return new Promise((done, stop) => {
    const timer = setTimeout(done, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      stop(new DOMException("asked for something else", "AbortError"));
    });
  });
}
