// The text beside the model: each element lights up its words, and the words light up their elements.

import { el, shorten } from "./dom.js";

const LAID_OUT = /\n\s*[|\-*•\d]|\n\s*\n|\t/;
const LONG = 3000;

export class Annotations {
  constructor(text) {
    this.points = Array.from(text ?? ""); // spans count Unicode code points
    this.spans = []; // [{start, end, key}]; without a key: not understood
    this.marks = new Map(); // an element's key -> the marks of its words
    this.elements = new Map(); // an element's key -> its node in the model
  }

  words(span) {
    return this.points.slice(span.start, span.end).join("").trim();
  }

  // A node of the model that stands for `key`; focus works as the mouse does.
  element(key, evidence, ...children) {
    const spans = evidence.filter((span) => 0 <= span.start && span.start < span.end && span.end <= this.points.length);
    this.spans.push(...spans.map((span) => ({ ...span, key })));
    const on = () => this.light([key], true);
    const off = () => this.light([key], false);
    const quote = spans.map((span) => shorten(this.words(span), 160)).join(" … ");
    const node = el(
      "div",
      { class: "element", tabindex: "0", role: "group", onmouseenter: on, onmouseleave: off, onfocus: on, onblur: off },
      ...children,
      quote ? el("span", { class: "quote" }, `“${quote}”`) : null,
    );
    this.elements.set(key, node);
    return node;
  }

  unread(parts) {
    this.spans.push(...parts.map((part) => part.span).filter((span) => span.start < span.end && span.end <= this.points.length));
  }

  // The text, cut at the borders of all spans that were told before.
  textNode() {
    const cuts = [...new Set([0, this.points.length, ...this.spans.flatMap((span) => [span.start, span.end])])].sort((a, b) => a - b);
    const text = this.points.join("");
    const kind = `text${LAID_OUT.test(text) ? " laid-out" : ""}${text.length > LONG ? " long" : ""}`;
    const node = el("div", { class: kind, tabindex: "0", role: "group", "aria-label": "The text, with the words that the model uses marked" });
    for (let k = 0; k + 1 < cuts.length; k += 1) {
      const words = this.points.slice(cuts[k], cuts[k + 1]).join("");
      const over = this.spans.filter((span) => span.start <= cuts[k] && cuts[k + 1] <= span.end);
      node.append(over.length ? this.mark(words, over) : words);
    }
    return node;
  }

  mark(words, over) {
    // The shortest span is the one that is meant; a number lies in a sentence.
    const shortest = Math.min(...over.map((span) => span.end - span.start));
    const keys = over.filter((span) => span.key && span.end - span.start === shortest).map((span) => span.key);
    const made = el("mark", {
      class: over.some((span) => !span.key) ? "unread" : null,
      onmouseenter: () => this.light(keys, true),
      onmouseleave: () => this.light(keys, false),
      onclick: () => this.elements.get(keys[0])?.focus(),
    }, words);
    for (const { key } of over) if (key) this.marks.set(key, [...(this.marks.get(key) ?? []), made]);
    return made;
  }

  light(keys, on) {
    for (const key of keys) {
      this.elements.get(key)?.classList.toggle("on", on);
      for (const mark of this.marks.get(key) ?? []) mark.classList.toggle("on", on);
    }
  }
}
