// A Python program with its words coloured.

import { el } from "./dom.js";

const TOKEN = /(#[^\n]*)|("""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|\b(\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?)\b|\b(and|as|assert|def|elif|else|for|from|if|import|in|is|lambda|not|or|return|with|None|True|False)\b/g;
const KINDS = ["com", "str", "num", "kw"];
const COLOURED = 60_000; // characters; what is longer stays plain

export function program(source) {
  const code = el("code", {});
  if (source.length > COLOURED) code.append(source);
  else {
    let at = 0;
    for (const match of source.matchAll(TOKEN)) {
      const kind = KINDS[match.slice(1).findIndex((part) => part !== undefined)];
      code.append(source.slice(at, match.index), el("span", { class: kind }, match[0]));
      at = match.index + match[0].length;
    }
    code.append(source.slice(at));
  }
  return el("pre", { tabindex: "0", role: "region", "aria-label": "Program" }, code);
}
