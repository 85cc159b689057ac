// The REST calls of the page. A refused request is thrown as its problem document.

async function checked(response) {
  if (response.ok) return response;
  let problem = { title: `The server answered ${response.status}`, detail: "" };
  try {
    problem = { ...problem, ...(await response.json()) };
  } catch {
    // Not a problem document: the status says what there is to say.
  }
  throw problem;
}

async function call(method, path, body) {
  const options = { method, headers: {} };
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  try {
    return await (await checked(await fetch(path, options))).json();
  } catch (error) {
    if (error instanceof TypeError) throw { title: "The server cannot be reached", detail: "It may be restarting. Try again." };
    throw error;
  }
}

export const submit = (request, files) => {
  if (!files.length) return call("POST", "/v1/jobs", request);
  const form = new FormData();
  form.append("request", JSON.stringify(request));
  for (const file of files) form.append("tables", file, file.name);
  return call("POST", "/v1/jobs", form);
};
export const job = (id) => call("GET", `/v1/jobs/${encodeURIComponent(id)}`);
export const jobs = () => call("GET", "/v1/jobs?limit=20");
export const cancel = (id) => call("DELETE", `/v1/jobs/${encodeURIComponent(id)}`);
export const answer = (id, answers) => call("POST", `/v1/jobs/${encodeURIComponent(id)}/answers`, { answers });
export const compare = (request) => call("POST", "/v1/compare", request);
export const samples = () => call("GET", "/static/samples.json");

// Follows a job's events until the job is over. After a lost connection it comes back and says with
// Last-Event-ID where it was, so nothing is told twice or missed.
export function follow(id, onEvent, onEnd, onLost) {
  const aborting = new AbortController();
  follow_(`/v1/jobs/${encodeURIComponent(id)}/events`, aborting.signal, onEvent, onLost).then(onEnd, () => {});
  return () => aborting.abort();
}

async function follow_(path, signal, onEvent, onLost) {
  let last = "";
  let pause = 250;
  for (;;) {
    try {
      const headers = last ? { "last-event-id": last } : {};
      const response = await checked(await fetch(path, { headers, signal }));
      if (response.status === 204) return;
      for await (const event of eventsOf(response.body)) {
        if (event.id) last = event.id;
        pause = 250;
        if (event.data) onEvent(event.event, JSON.parse(event.data));
      }
      return; // the server ends the stream when the job is over
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
      const event = { id: "", event: "message", data: "" };
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
