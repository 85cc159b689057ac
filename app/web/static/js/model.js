// The model as mathematics, beside the text that it was read from.

import { el, formatNumber } from "./dom.js";
import { Annotations } from "./annotate.js";
import { mathOf } from "./mathml.js";

const LISTED = 12; // set elements and values that are shown at once

export function model(answer) {
  const notes = new Annotations(answer.text);
  const { sets, parameters, variables, objective, constraints } = answer.formulation;
  const mathml = answer.mathml ?? {};
  const row = (kind, element, below) => notes.element(
    `${kind}:${element.name}`, element.evidence ?? [],
    el("span", { class: "name" }, element.label || element.name || kind),
    element.description && element.description !== element.label ? el("span", { class: "why" }, ` – ${element.description}`) : null,
    below,
  );
  const formula = (name, fallback) => el("div", { class: "formula" }, mathml[name] ? mathOf(mathml[name]) : el("code", {}, fallback));
  const sides = [
    el("h3", {}, "Decide"),
    variables.map((v) => row("variable", v, el("div", { class: "why" }, domain(v)))),
    objective ? [
      el("h3", {}, objective.sense === "maximize" ? "Make the most of" : "Make the least of"),
      row("objective", { name: "objective", ...objective }, formula("objective", objective.expression)),
    ] : null,
    constraints.length ? el("h3", {}, "Subject to") : null,
    constraints.map((c) => row("constraint", c, formula(c.name, c.expression + (c.for_each ? ` for ${c.for_each}` : "")))),
    sets.length + parameters.length ? el("details", {},
      el("summary", {}, "Sets and data"),
      sets.map((s) => row("set", s, el("div", { class: "why" }, s.elements ? listed(s.elements) : "from a table"))),
      parameters.map((p) => row("parameter", p, el("div", { class: "why" }, value(p)))),
    ) : null,
  ];
  const half = el("div", {}, el("h2", {}, "The model"), ...sides.flat());
  notes.unread(answer.unread ?? []);
  const text = answer.text ? el("div", { class: "beside" }, el("h2", {}, "The text"), notes.textNode()) : null;
  return el("section", { class: "card", "aria-label": "The model and the text" }, el("div", { class: "halves" }, half, text));
}

function domain(variable) {
  const kind = { integer: "a whole number", binary: "yes or no", continuous: "any amount" }[variable.domain];
  const bounds = [variable.lower !== null ? `≥ ${variable.lower}` : "", variable.upper !== null ? `≤ ${variable.upper}` : ""];
  return [
    kind, variable.domain === "binary" ? "" : bounds.filter(Boolean).join(", "), variable.unit ? `in ${variable.unit}` : "",
    variable.indices.length ? `over ${variable.indices.map((name) => name.replaceAll("_", " ")).join(" and ")}` : "",
  ].filter(Boolean).join(", ");
}

function listed(items) {
  const shown = items.slice(0, LISTED).join(", ");
  return items.length > LISTED ? `${shown} and ${items.length - LISTED} more` : shown;
}

function value(parameter) {
  if (parameter.source) return "from a table";
  const found = Array.isArray(parameter.value) // [element, ..., number] each
    ? listed(parameter.value.map((one) => `${one.slice(0, -1).join(", ")}: ${formatNumber(one.at(-1))}`))
    : formatNumber(parameter.value);
  return `${found} ${parameter.unit ?? ""}`.trim();
}
