// The user's earlier problems.

import { el, byId } from "./dom.js";
import * as api from "./api.js";
import { goodness } from "./answer.js";

export class History {
  constructor(onOpen) {
    this.onOpen = onOpen;
    this.next = null;
    byId("more").addEventListener("click", () => this.load(this.next));
  }

  // The newest ones, or those before one. The page works without them.
  async load(before = null) {
    let page;
    try {
      page = await api.jobs(before);
    } catch {
      return;
    }
    const rows = page.items.map((job) => this.row(job));
    if (before) byId("history").append(...rows);
    else byId("history").replaceChildren(...(rows.length ? rows : [el("li", { class: "help" }, "None yet.")]));
    this.next = page.next;
    byId("more").hidden = !page.next;
  }

  row(job) {
    const title = job.title || job.id;
    const stands = job.status || job.state;
    return el("li", {},
      el("button", { type: "button", class: "open", title, onclick: () => this.onOpen(job.id) }, title),
      el("span", {}, el("time", { datetime: job.created_at }, ago(job.created_at)), el("span", { class: `pill ${goodness(stands)}` }, stands.replaceAll("_", " "))),
      el("button", { type: "button", class: "drop", "aria-label": `Delete: ${title.slice(0, 60)}`, onclick: () => this.drop(job.id) }, "✕"));
  }

  async drop(id) {
    try {
      await api.drop(id);
    } catch {
      // It may be gone already; the list below tells what is left.
    }
    const at = rowOf(document.activeElement);
    await this.load();
    // The focus stays where the row was; the list may hold none any more.
    (byId("history").querySelectorAll(".drop")[at] ?? byId("history-title")).focus();
  }
}

const rowOf = (button) => [...byId("history").querySelectorAll(".drop")].indexOf(button);

function ago(moment) {
  const seconds = (Date.now() - new Date(moment)) / 1000;
  const told = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (seconds >= size) return told.format(-Math.floor(seconds / size), unit);
  }
  return "just now";
}
