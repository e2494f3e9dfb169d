// The JSON API. Answers are kept by the browser under their ETag, so asking again costs little.

export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** get("quotes", {q: "harbour"}): the answer; parameters that are empty are left out. */
export async function get(path, parameters = {}, signal = undefined) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    if (value !== null && value !== undefined && value !== "")
      query.set(name, value);
  const answer = await fetch(`/api/v1/${path}${query.size ? "?" + query : ""}`, {signal});
  if (answer.ok)
    return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, problem.detail ?? "The server does not answer as it should.");
}

export const entityPath = key => `/entity/${encodeURIComponent(key)}`;

const listeners = new Set();
let newest = null;

/** Calls with each state of the corpus and its pipeline, the newest at once; returns how to stop that. */
export function listen(listener) {
  listeners.add(listener);
  if (newest)
    listener(newest);
  return () => listeners.delete(listener);
}

/** Begins to listen to the server; a connection that is lost is made again by the browser. */
export function connectLive() {
  const source = new EventSource("/api/v1/live");
  source.addEventListener("progress", event => {
    newest = JSON.parse(event.data);
    for (const listener of listeners)
      listener(newest);
  });
  window.addEventListener("pagehide", () => source.close());
  window.addEventListener("pageshow", event => event.persisted && connectLive());
}
