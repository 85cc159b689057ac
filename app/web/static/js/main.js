// The page of a problem: from the text to the answer, with what happens in between.

import { el, byId, problemCard } from "./dom.js";
import * as api from "./api.js";
import { Progress } from "./progress.js";
import { answerView } from "./answer.js";

const progress = new Progress();
let current = null; // {id, stop} of the job that is being followed

function say(words) {
  byId("status").textContent = words;
}

function refuse(problem) {
  say("");
  byId("problem").replaceChildren(problemCard(problem));
  busy(false);
}

function busy(on) {
  byId("solve").disabled = on;
  byId("cancel").hidden = !on;
}

async function start(send) {
  byId("problem").replaceChildren();
  byId("answer").replaceChildren();
  progress.clear();
  busy(true);
  say("Sent; waiting for the first step.");
  try {
    watch((await send()).id);
  } catch (problem) {
    refuse(problem);
  }
}

function watch(id) {
  current?.stop();
  const stop = api.follow(
    id,
    (kind, told) => {
      say("Working …");
      progress.add(kind, told);
    },
    () => show(id),
    () => say("The connection was lost; coming back to it …"),
  );
  current = { id, stop };
  history.replaceState(null, "", `#${id}`);
}

async function show(id) {
  try {
    const job = await api.job(id);
    busy(false);
    if (!job.answer) {
      const detail = job.error?.detail || `The job is ${job.state}.`;
      refuse({ title: "No answer", detail });
      return;
    }
    say("");
    const view = answerView(job.answer, { onAnswers: (answers) => start(() => api.answer(id, answers)) });
    byId("answer").replaceChildren(view);
    byId("headline")?.focus({ preventScroll: false });
    refreshHistory();
  } catch (problem) {
    refuse(problem);
  }
}

async function refreshHistory() {
  try {
    const { items } = await api.jobs();
    if (!items.length) return;
    byId("history").replaceChildren(
      ...items.map((job) => el(
        "li", {},
        el("button", { type: "button", onclick: () => show(job.id) }, (job.title || job.id).slice(0, 120)),
        el("span", { class: "help" }, (job.status || job.state).replaceAll("_", " ")),
      )),
    );
  } catch {
    // The history is a convenience: without it the page still works.
  }
}

async function offerSamples() {
  const list = byId("sample");
  const samples = await api.samples();
  list.append(...samples.map((sample, k) => el("option", { value: k }, sample.title)));
  list.addEventListener("change", () => {
    if (list.value !== "") byId("text").value = samples[Number(list.value)].text;
  });
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const request = {
    text: byId("text").value,
    options: { effort: byId("effort").value, time_limit_s: Number(byId("limit").value) },
  };
  start(() => api.submit(request, [...byId("tables").files]));
});

byId("cancel").addEventListener("click", async () => {
  if (!current) return;
  say("Cancelling …");
  try {
    await api.cancel(current.id);
  } catch (problem) {
    refuse(problem);
  }
});

byId("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId("ask").requestSubmit();
});

offerSamples();
refreshHistory();
if (location.hash.length > 1) show(decodeURIComponent(location.hash.slice(1)));
