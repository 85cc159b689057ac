// What was checked, how it ended, and the certificates.

import { el, card } from "./dom.js";

const SIGNS = { passed: "✓", failed: "✗", unknown: "?", not_run: "–" };
const LONGEST = 20_000;

export function checks(answer) {
  const count = (result) => answer.checks.filter((check) => check.result === result).length;
  const told = Object.keys(SIGNS).filter(count).map((result) => `${count(result)} ${result.replace("_", " ")}`).join(", ");
  const without = (result) => answer.checks.filter((check) => check.result === result && !check.detail);
  const [settled, left] = [without("passed"), without("not_run")];
  const rest = answer.checks.filter((check) => ![...settled, ...left].includes(check));
  return card("What was checked", el("p", { class: "help" }, told),
    settled.length ? el("ul", { class: "settled" }, settled.map((check) => pill(check, answer.language))) : null,
    left.length ? el("details", {}, el("summary", {}, `${left.length} not run`), el("ul", { class: "settled" }, left.map((check) => pill(check, answer.language)))) : null,
    el("ul", { class: "checks" }, rest.map((check) => row(check, answer.language))));
}

const named = (check, language) => el("span", { lang: check.title ? language : null }, check.title || check.name.replaceAll("_", " "));

function pill(check, language) {
  const passed = check.result === "passed";
  return el("li", { class: passed ? "pill good" : "pill" }, passed ? "✓ " : "– ", named(check, language));
}

function row(check, language) {
  return el("li", { class: check.result },
    el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[check.result] ?? "?"),
    el("div", { class: "what" },
      el("b", {}, named(check, language), el("span", { class: "hidden" }, `: ${check.result.replaceAll("_", " ")}`)),
      el("p", { lang: language, dir: "auto" }, check.detail),
      check.certificate ? certificate(check.certificate) : null));
}

export function certificate(proof, title = "Certificate") {
  const said = { Permutation: "each row and column of one model is paired with one of the other", Mapped: "an affine map from one model onto the other, and back", BothEmpty: "neither model has a feasible point" }[proof.type];
  return el("details", {}, el("summary", {}, said ? `${title}: ${said}` : title),
    el("pre", { tabindex: "0", role: "region", "aria-label": title }, JSON.stringify(proof, null, 1).slice(0, LONGEST)));
}
