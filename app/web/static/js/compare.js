// Two models, one verdict.

import { el, byId, card, problemCard } from "./dom.js";
import * as api from "./api.js";

const EXAMPLE = {
  a: "Maximize\n profit: 4 rye + 5 spelt\nSubject To\n oven: 12 rye + 20 spelt <= 600\n flour: 5 rye + 4 spelt <= 200\nGenerals\n rye spelt\nEnd\n",
  b: "Minimize\n cost: - 4 r - 5 s\nSubject To\n c1: 10 r + 8 s <= 400\n c2: 3 r + 5 s <= 150\nGenerals\n r s\nEnd\n",
};
const CLASSES = { equivalent: "passed", different: "failed", unknown: "unknown" };

function verdictView(verdict) {
  const facts = ["level", "relation", "scope", "reason"].filter((name) => verdict[name]);
  return card(
    "Verdict",
    el("p", { class: `big ${CLASSES[verdict.verdict] ?? ""}` }, verdict.verdict),
    facts.length ? el("ul", {}, facts.map((name) => el("li", {}, `${name}: ${verdict[name]}`))) : null,
    differenceView(verdict.difference),
    verdict.picture ? el("div", { class: "picture" }, el("img", { src: `data:image/svg+xml;base64,${verdict.picture}`, alt: "The two models as coloured graphs" })) : null,
    el("details", {}, el("summary", {}, "Certificate or witness"), el("pre", { tabindex: "0" }, JSON.stringify(verdict.certificate ?? verdict.witness ?? null, null, 1).slice(0, 20000))),
  );
}

function differenceView(difference) {
  if (!difference) return null;
  if (typeof difference === "string") return el("p", {}, difference);
  const lines = Array.isArray(difference) ? difference : difference.words ?? [JSON.stringify(difference)];
  return el("ul", {}, lines.map((line) => el("li", {}, typeof line === "string" ? line : JSON.stringify(line))));
}

byId("example").addEventListener("click", () => {
  byId("a").value = EXAMPLE.a;
  byId("b").value = EXAMPLE.b;
});

byId("compare").addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("problem").replaceChildren();
  byId("verdict").replaceChildren();
  byId("status").textContent = "Comparing …";
  try {
    const side = (id) => ({ format: byId(id).value.trimStart().toUpperCase().startsWith("NAME") ? "mps" : "lp", text: byId(id).value });
    const verdict = await api.compare({ a: side("a"), b: side("b"), map: byId("map").value, level: byId("level").value, picture: true });
    byId("verdict").replaceChildren(verdictView(verdict));
  } catch (problem) {
    byId("problem").replaceChildren(problemCard(problem));
  }
  byId("status").textContent = "";
});
