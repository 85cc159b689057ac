// Two models, one verdict.

import { el, byId, problemCard, reachable } from "./dom.js";
import * as api from "./api.js";
import { certificate } from "./checks.js";

const A = "Maximize\n profit: 4 rye + 5 spelt\nSubject To\n oven: 12 rye + 20 spelt <= 600\n flour: 5 rye + 4 spelt <= 200\nGenerals\n rye spelt\nEnd\n";
const EXAMPLES = {
  "the same, written otherwise": "Minimize\n cost: - 4 r - 5 s\nSubject To\n c1: 10 r + 8 s <= 400\n c2: 3 r + 5 s <= 150\nGenerals\n r s\nEnd\n",
  "one number changed": A.replace("20 spelt", "24 spelt"),
  "a limit turned round": A.replace("4 spelt <= 200", "4 spelt >= 200"),
};
const VERDICTS = {
  equivalent: ["good", "The models are equivalent"], different: ["bad", "The models differ"], unknown: ["unsure", "Not decided"],
};

function verdictView(verdict) {
  const [kind, title] = VERDICTS[verdict.verdict] ?? ["", verdict.verdict];
  const scaled = verdict.objective_factor && (verdict.objective_factor !== "1" || verdict.objective_constant !== "0");
  const facts = [
    ["level", verdict.level], ["relation", verdict.relation], ["scope", verdict.scope], ["reason", verdict.reason],
    ["objective of B, minimised", scaled ? `${verdict.objective_factor} × that of A + ${verdict.objective_constant}` : null],
  ].filter(([, told]) => told);
  const proof = verdict.certificate ?? verdict.witness;
  return el("section", { class: `card headline ${kind}`, "aria-labelledby": "headline" },
    el("h2", { id: "headline", tabindex: "-1", class: "big" }, title),
    verdict.difference ? el("p", { class: "text laid-out" }, verdict.difference) : null,
    verdict.detail ? el("p", {}, verdict.detail) : null,
    verdict.notes?.length ? el("ul", {}, verdict.notes.map((note) => el("li", {}, note))) : null,
    el("p", { class: "facts" }, facts.map(([name, told]) => el("span", {}, `${name}: ${String(told).replaceAll("_", " ")}`))),
    verdict.picture
      ? el("div", { class: "picture", tabindex: "0", role: "region", "aria-label": "Both models as graphs" }, el("img", { src: `data:image/svg+xml;base64,${verdict.picture}`, alt: "The two models as coloured graphs, round by round of colour refinement" }))
      : el("p", { class: "help" }, "The models are too large to be drawn."),
    proof ? certificate(proof, verdict.certificate ? "Certificate" : "Witness") : null);
}

function side(id) {
  const text = byId(id).value;
  const start = text.trimStart();
  const format = start.startsWith("{") ? "json" : /^(\*.*\n\s*)*(NAME|ROWS|OBJSENSE)/i.test(start) ? "mps" : "lp";
  return { format, text };
}

for (const [title, b] of Object.entries(EXAMPLES)) {
  const fill = () => {
    byId("a").value = A;
    byId("b").value = b;
    byId("map").value = title.startsWith("the same") ? "auto" : "names";
  };
  byId("examples").append(el("button", { type: "button", class: "chip", onclick: fill }, title));
}

for (const id of ["a", "b"]) {
  byId(`file-${id}`).addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (file) byId(id).value = await file.text();
  });
}

byId("compare").addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("problem").replaceChildren();
  byId("verdict").replaceChildren();
  byId("status").textContent = "Comparing …";
  try {
    const verdict = await api.compare({ a: side("a"), b: side("b"), map: byId("map").value, level: byId("level").value, picture: true });
    byId("verdict").replaceChildren(reachable(verdictView(verdict)));
    byId("headline").focus();
  } catch (problem) {
    byId("problem").replaceChildren(problemCard(problem));
  }
  byId("status").textContent = "";
});
