// The page of a problem: from the text to the answer, with what happens in between.

import { el, byId, problemCard, reachable } from "./dom.js";
import * as api from "./api.js";
import { Progress } from "./progress.js";
import { History } from "./history.js";
import { answerView } from "./answer.js";

const progress = new Progress();
const history = new History((id) => open(id, { fill: true }));
let current = { id: null, stop: () => {}, last: 0 }; // the job that is shown, and its last event

function refuse(problem) {
  progress.say("");
  byId("progress").hidden = true;
  busy(false);
  byId("problem").replaceChildren(problemCard(problem), ...(problem.status === 401 ? [keyForm()] : []));
}

// Where the server asks for a key, the user is asked for it; it is kept until the tab is closed.
function keyForm() {
  const input = el("input", { id: "key", type: "password", autocomplete: "off", required: true });
  const send = (event) => {
    event.preventDefault();
    api.keep(input.value.trim());
    byId("problem").replaceChildren();
    history.load();
    byId("text").focus();
  };
  return el("form", { class: "card", onsubmit: send },
    el("div", { class: "row" }, el("div", { class: "field" }, el("label", { for: "key" }, "API key of this server"), input), el("button", { type: "submit" }, "Use this key")));
}

function busy(on) {
  byId("solve").disabled = on;
  byId("cancel").hidden = !on;
}

function cleared() {
  current.stop();
  byId("problem").replaceChildren();
  byId("answer").replaceChildren();
  progress.clear();
}

async function start(send, after = 0) {
  cleared();
  busy(true);
  progress.say("Sent", true);
  try {
    watch((await send()).id, after);
  } catch (problem) {
    refuse(problem);
  }
}

function watch(id, after) {
  const stop = api.follow(id, {
    after,
    onEvent: (kind, told, number) => {
      current.last = number;
      progress.add(kind, told);
    },
    onEnd: () => open(id),
    onLost: () => progress.say("The connection was lost; coming back to it …", true),
    onRefused: refuse,
  });
  current = { id, stop, last: after };
  if (location.hash !== `#${id}`) window.history.pushState(null, "", `#${id}`);
}

// Shows a job: its answer, or what it is doing.
async function open(id, { fill = false } = {}) {
  if (current.id !== id) cleared();
  try {
    const job = await api.job(id);
    if (["queued", "running"].includes(job.state)) {
      busy(true);
      watch(id, 0);
      return;
    }
    busy(false);
    current.id = id;
    if (location.hash !== `#${id}`) window.history.pushState(null, "", `#${id}`);
    if (fill && job.answer?.text) byId("text").value = job.answer.text;
    byId("problem").replaceChildren();
    if (!job.answer) refuse(job.error ?? { title: job.state === "cancelled" ? "Cancelled" : "No answer", detail: `The job was ${job.state}.` });
    else show(job);
    history.load();
  } catch (problem) {
    refuse(problem);
  }
}

function show(job) {
  if (progress.count) progress.say(progress.summary());
  byId("answer").replaceChildren(reachable(answerView(job.answer, {
    id: job.id,
    onAnswers: (answers) => start(() => api.answer(job.id, answers), current.last),
  })));
  byId("headline").focus({ preventScroll: true });
  byId("headline").scrollIntoView({ block: "nearest" });
}

async function offerSamples() {
  const fill = (sample) => {
    byId("text").value = sample.text;
    byId("text").focus();
  };
  const samples = await api.samples();
  byId("samples").append(...samples.map((sample) => el("button", { type: "button", class: "chip", onclick: () => fill(sample) }, sample.title)));
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const options = { effort: byId("effort").value, time_limit_s: Number(byId("limit").value) };
  start(() => api.submit({ text: byId("text").value, options }, [...byId("tables").files]));
});

byId("cancel").addEventListener("click", async () => {
  progress.say("Cancelling …", true);
  try {
    if (current.id) await api.drop(current.id);
  } catch (problem) {
    refuse(problem);
  }
});

byId("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !byId("solve").disabled) byId("ask").requestSubmit();
});

const named = () => decodeURIComponent(location.hash.slice(1));
window.addEventListener("popstate", () => {
  if (named() && named() !== current.id) open(named(), { fill: true });
});

offerSamples();
history.load();
if (named()) open(named(), { fill: true });
