// The events of a job as they come, drawn once a frame however many arrive.

import { el, byId } from "./dom.js";

const KEPT = 300;

export class Progress {
  constructor() {
    this.list = byId("events");
    this.box = byId("progress");
    this.waiting = [];
    this.started = performance.now();
  }

  clear() {
    this.list.replaceChildren();
    this.waiting = [];
    this.started = performance.now();
    this.box.hidden = true;
  }

  add(kind, told) {
    this.waiting.push([((performance.now() - this.started) / 1000).toFixed(2), words(kind, told.event ?? told)]);
    if (this.waiting.length === 1) requestAnimationFrame(() => this.draw());
  }

  draw() {
    const made = this.waiting.slice(-KEPT).map(([seconds, said]) => el("li", {}, el("time", {}, `${seconds} s`), said));
    this.waiting = [];
    this.box.hidden = false;
    this.list.append(...made);
    while (this.list.childElementCount > KEPT) this.list.firstElementChild.remove();
    this.list.scrollTop = this.list.scrollHeight;
  }
}

function words(kind, event) {
  const detail = event.detail || event.reason || event.message || "";
  const name = kind.replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " ").toLowerCase();
  return typeof detail === "string" && detail ? `${name}: ${detail}` : name;
}
