// The events of a job as they come, drawn once a frame however many arrive.

import { el, byId, formatNumber } from "./dom.js";

const KEPT = 300;

// kind -> who works, and what has been done
const TOLD = {
  queued: ["", "Waiting for a turn"], started: ["", "Started"],
  text_read: ["Reader", "read the text"], text_analysed: ["Analyst", "sorted out what is asked and what is missing"],
  text_formulated: ["Formulator", "wrote the model"], samples_clustered: ["Judge", "compared the readings"],
  model_compiled: ["Compiler", "built the model"], compile_failed: ["Compiler", "could not build the model"],
  rendering_compared: ["Judge", "ran the shown program"], program_written: ["Coder", "wrote a program of its own"],
  program_compared: ["Judge", "compared the coder's program with the model"], models_mended: ["Debugger", "looked at the fault"],
  data_perturbed: ["Judge", "tried other numbers"], model_reviewed: ["Reviewer", "read the model back against the text"],
  model_solved: ["Solver", "ended"], solve_failed: ["Solver", "failed"], agent_failed: ["Agents", "one could not do its part"],
  answers_given: ["", "Your answers arrived"], finished: ["", "Finished"], cancelled: ["", "Cancelled"], failed: ["", "The work failed"],
};
const BAD = ["compile_failed", "solve_failed", "agent_failed", "failed"];

export class Progress {
  constructor() {
    this.list = byId("events");
    this.box = byId("progress");
    this.status = byId("status");
    this.clear();
  }

  clear() {
    this.list.replaceChildren();
    this.waiting = [];
    this.count = 0;
    this.began = null; // the server's time of the first event
    this.latest = 0;
    this.running = null; // the line of a step's own progress, which is written anew
    this.box.hidden = true;
  }

  // What is said to everyone, and whether work is going on.
  say(words, working = false) {
    this.box.hidden = false;
    if (this.status.textContent !== words) this.status.textContent = words;
    this.status.classList.toggle("working", working);
  }

  add(kind, told) {
    this.began ??= told.at;
    this.latest = told.at;
    this.waiting.push([kind, (told.at - this.began).toFixed(2), told.event ?? {}]);
    if (this.waiting.length === 1) requestAnimationFrame(() => this.draw());
  }

  draw() {
    const coming = this.waiting;
    this.waiting = [];
    const made = [];
    for (const [kind, seconds, event] of coming) {
      const [who, done] = words(kind, event);
      const line = el("li", { class: BAD.includes(kind) ? "bad" : null }, el("time", {}, `${seconds} s`), el("span", {}, who ? el("b", {}, `${who} `) : "", done));
      if (kind === "progress" && this.running) {
        if (made.includes(this.running)) made[made.indexOf(this.running)] = line;
        else this.running.replaceWith(line);
      } else {
        made.push(line);
        this.count += 1;
      }
      this.running = kind === "progress" ? line : null;
      if (!["finished", "cancelled", "failed"].includes(kind)) this.say(`${who ? `${who} ` : ""}${done}`, true);
    }
    this.list.append(...made.slice(-KEPT));
    while (this.list.childElementCount > KEPT) this.list.firstElementChild.remove();
    this.list.scrollTop = this.list.scrollHeight;
  }

  summary() {
    return `${this.count} steps in ${(this.latest - (this.began ?? this.latest)).toFixed(2)} s`;
  }
}

function words(kind, event) {
  if (kind === "progress") return running(event);
  const [who, done] = TOLD[kind] ?? ["", kind.replaceAll("_", " ")];
  const detail = kind === "model_compiled" && event.columns ? `${formatNumber(event.columns)} columns, ${formatNumber(event.rows)} rows`
    : kind === "agent_failed" ? `${event.agent}: ${event.reason}`
    : event.diagnosis || event.detail || event.reason || "";
  return [who, typeof detail === "string" && detail ? `${done}: ${detail.slice(0, 300)}` : done];
}

// A solver tells its incumbent and bound, an agent how much of its reply has come.
function running(event) {
  if (event.agent) return [event.agent[0].toUpperCase() + event.agent.slice(1), `is writing, ${formatNumber(event.characters ?? 0)} characters so far`];
  const parts = [["incumbent", "best so far"], ["bound", "bound"], ["gap", "gap"]].filter(([name]) => typeof event[name] === "number");
  return ["Solver", parts.map(([name, said]) => (name === "gap" ? `${said} ${(100 * event.gap).toFixed(2)} %` : `${said} ${formatNumber(event[name])}`)).join(", ") || "is at work"];
}
