// The text beside the model: each element lights up its words, and the words light up their elements.

import { el } from "./dom.js";

export class Annotations {
  constructor() {
    this.marks = new Map(); // element's key -> the marks of its words
    this.elements = new Map(); // element's key -> its node in the model
  }

  // The text cut at the borders of all spans. `spans`: [{start, end, key}], offsets in Unicode code points.
  textNode(text, spans) {
    const points = Array.from(text);
    const kept = spans.filter((span) => span.start < span.end && span.end <= points.length);
    const cuts = [...new Set([0, points.length, ...kept.flatMap((span) => [span.start, span.end])])].sort((a, b) => a - b);
    const node = el("div", { class: "text", tabindex: "0", role: "group", "aria-label": "The text, with the words that the model uses marked" });
    for (let k = 0; k + 1 < cuts.length; k += 1) {
      const words = points.slice(cuts[k], cuts[k + 1]).join("");
      const keys = kept.filter((span) => span.start <= cuts[k] && cuts[k + 1] <= span.end).map((span) => span.key);
      if (!keys.length) {
        node.append(words);
        continue;
      }
      const mark = el("mark", { onmouseenter: () => this.light(keys, true), onmouseleave: () => this.light(keys, false) }, words);
      for (const key of keys) this.marks.set(key, [...(this.marks.get(key) ?? []), mark]);
      node.append(mark);
    }
    return node;
  }

  // A node of the model that stands for `key`; focus works as the mouse does.
  element(key, ...children) {
    const on = () => this.light([key], true);
    const off = () => this.light([key], false);
    const node = el(
      "div", { class: "element", tabindex: "0", onmouseenter: on, onmouseleave: off, onfocus: on, onblur: off }, ...children,
    );
    this.elements.set(key, node);
    return node;
  }

  light(keys, on) {
    for (const key of keys) {
      this.elements.get(key)?.classList.toggle("on", on);
      for (const mark of this.marks.get(key) ?? []) mark.classList.toggle("on", on);
    }
  }
}
