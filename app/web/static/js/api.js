// The REST calls of the page. A refused request is thrown as its problem document.

const KEY = "milpwright-key";

export const keep = (key) => sessionStorage.setItem(KEY, key);

// The headers of a request: the user's key, where the server has asked for one.
function headers(more = {}) {
  const key = sessionStorage.getItem(KEY);
  return key ? { authorization: `Bearer ${key}`, ...more } : more;
}

async function checked(response) {
  if (response.ok) return response;
  let problem = { title: `The server answered ${response.status}`, detail: "", status: response.status };
  try {
    problem = { ...problem, ...(await response.json()) };
  } catch {
    // Not a problem document: the status says what there is to say.
  }
  throw problem;
}

async function fetched(method, path, body) {
  const options = { method, headers: headers() };
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  try {
    return await checked(await fetch(path, options));
  } catch (error) {
    if (error instanceof TypeError) throw { title: "The server cannot be reached", detail: "It may be restarting. Try again." };
    throw error;
  }
}

const call = async (method, path, body) => (await fetched(method, path, body)).json();
const of = (id) => `/v1/jobs/${encodeURIComponent(id)}`;

export const submit = (request, files) => {
  if (!files.length) return call("POST", "/v1/jobs", request);
  const form = new FormData();
  form.append("request", JSON.stringify(request));
  for (const file of files) form.append("tables", file, file.name);
  return call("POST", "/v1/jobs", form);
};
export const job = (id) => call("GET", of(id));
export const jobs = (before) => call("GET", `/v1/jobs?limit=10${before ? `&before=${encodeURIComponent(before)}` : ""}`);
export const drop = (id) => fetched("DELETE", of(id));
export const answer = (id, answers) => call("POST", `${of(id)}/answers`, { answers });
export const artifact = async (id, name) => (await fetched("GET", `${of(id)}/artifacts/${name}`)).text();
export const compare = (request) => call("POST", "/v1/compare", request);
export const diagnose = (lp) => call("POST", "/v1/models/diagnose", { model: { format: "lp", text: lp }, time_limit_s: 10 });
export const samples = () => call("GET", "/static/samples.json");

// Follows a job's events until the job is over. After a lost connection it comes back and says with
// Last-Event-ID where it was, so nothing is told twice or missed. Returns what stops it.
export function follow(id, { after = 0, onEvent, onEnd, onLost, onRefused }) {
  const aborting = new AbortController();
  followed(`${of(id)}/events`, after ? String(after) : "", aborting.signal, onEvent, onLost).then(
    onEnd, (error) => aborting.signal.aborted || onRefused(error));
  return () => aborting.abort();
}

const OVER = ["finished", "cancelled", "failed"];

async function followed(path, last, signal, onEvent, onLost) {
  let pause = 250;
  let latest = "";
  for (;;) {
    try {
      const response = await checked(await fetch(path, { headers: headers(last ? { "last-event-id": last } : {}), signal }));
      if (response.status === 204) return;
      for await (const event of eventsOf(response.body)) {
        if (event.id) last = event.id;
        pause = 250;
        latest = event.event || latest;
        if (event.data) onEvent(event.event, JSON.parse(event.data), Number(event.id));
      }
      if (OVER.includes(latest)) return;
      throw new Error("the stream ended before the job did: the server is going down");
    } catch (error) {
      if (signal.aborted) throw error;
      if (error.status >= 400 && error.status < 500 && error.status !== 429) throw error;
      onLost();
      await new Promise((go) => setTimeout(go, pause));
      pause = Math.min(pause * 2, 5000);
    }
  }
}

// The server-sent events of a stream, as the HTML standard parses them.
async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const blocks = rest.split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = { id: "", event: "", data: "" };
      for (const line of block.split("\n")) {
        const colon = line.indexOf(":");
        if (colon <= 0) continue;
        const [field, text] = [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
        if (field === "data") event.data += (event.data ? "\n" : "") + text;
        else if (field in event) event[field] = text;
      }
      yield event;
    }
  }
}
