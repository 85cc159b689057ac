// The Pyomo program with its words coloured, to be copied or downloaded, and the job's other files.

import { el, card, problemCard } from "./dom.js";
import * as api from "./api.js";

const TOKEN = /(#[^\n]*)|("""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|\b(\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?)\b|\b(and|as|assert|def|elif|else|for|from|if|import|in|is|lambda|not|or|return|with|None|True|False)\b/g;
const KINDS = ["com", "str", "num", "kw"];
const COLOURED = 60_000; // characters; what is longer stays plain

export function program(id, answer) {
  const told = el("span", { role: "status", "aria-live": "polite", class: "help" });
  const failed = el("div", { role: "alert" });
  const button = (title, onclick) => el("button", { type: "button", class: "quiet small", onclick }, title);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(answer.pyomo);
      told.textContent = "Copied.";
    } catch {
      told.textContent = "The browser did not allow copying; select the text instead.";
    }
  };
  const file = (name) => button(name, async () => {
    try {
      failed.replaceChildren();
      save(name, await api.artifact(id, name));
    } catch (problem) {
      failed.replaceChildren(problemCard(problem));
    }
  });
  const held = answer.variables.some((v) => v.value !== null);
  return card(
    "The Pyomo program",
    el("div", { class: "tools" }, button("Copy", copy), button("Download model.py", () => save("model.py", answer.pyomo)),
      ["model.lp", "model.mps", "model.tex", ...(held ? ["solution.csv"] : []), "transcript.jsonl"].map(file), told),
    failed, el("pre", { tabindex: "0", role: "region", "aria-label": "Program" }, coloured(answer.pyomo)),
  );
}

function coloured(source) {
  if (source.length > COLOURED) return el("code", {}, source);
  const code = el("code", {});
  let at = 0;
  for (const match of source.matchAll(TOKEN)) {
    const kind = KINDS[match.slice(1).findIndex((part) => part !== undefined)];
    code.append(source.slice(at, match.index), el("span", { class: kind }, match[0]));
    at = match.index + match[0].length;
  }
  code.append(source.slice(at));
  return code;
}

function save(name, content) {
  const url = URL.createObjectURL(new Blob([content], { type: "text/plain" }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
