// An answer on the page: what is held, the model beside its text, the checks, the program.

import { el, card, quantity, formatNumber, indexed } from "./dom.js";
import { Annotations } from "./annotate.js";
import { mathOf } from "./mathml.js";
import { charts } from "./charts.js";
import { program } from "./program.js";

const ROWS = 200;

const HEADINGS = {
  optimal: "The best answer", feasible: "A feasible answer", infeasible: "No choice meets all the constraints",
  unbounded: "Nothing limits the objective", no_solution: "Stopped before a solution was found",
  not_understood: "Not understood", needs_answers: "One thing first", error: "The work could not be finished",
};

export function answerView(answer, { onAnswers }) {
  const parts = [headline(answer)];
  if (answer.questions?.length) parts.push(questions(answer.questions, onAnswers));
  if (answer.unread?.length) parts.push(unread(answer));
  if (answer.formulation) parts.push(model(answer));
  if (answer.variables?.some((v) => v.value !== null)) parts.push(solution(answer));
  if (answer.assumptions?.length) parts.push(card("Assumed", el("ul", {}, answer.assumptions.map((a) => el("li", {}, a.text)))));
  if (answer.checks?.length) parts.push(checks(answer));
  if (answer.pyomo) parts.push(code(answer));
  return el("div", {}, ...parts);
}

function headline(answer) {
  const objective = answer.objective;
  const stands = answer.confident ? el("span", { class: "badge passed" }, "confident") : el("span", { class: "badge unknown" }, "not confident");
  return el(
    "section", { class: "card", "aria-labelledby": "headline" },
    el("h2", { id: "headline", tabindex: "-1" }, HEADINGS[answer.status] ?? answer.status),
    objective && objective.value !== null
      ? el("p", { class: "big" }, `${objective.description || "objective"}: ${quantity(objective.value, objective.unit)}`)
      : null,
    el("p", {}, answer.explanation || answer.termination?.detail || ""),
    ["optimal", "feasible"].includes(answer.status) ? el("p", {}, stands, ` confidence ${answer.confidence.toFixed(2)}`) : null,
  );
}

function questions(list, onAnswers) {
  const inputs = list.map((question) => {
    const id = `question-${question.id}`;
    const options = `${id}-options`;
    return el(
      "div", { class: "field" },
      el("label", { for: id }, question.text),
      el("input", { id, name: question.id, list: options, required: true, autocomplete: "off" }),
      el("datalist", { id: options }, (question.suggestions ?? []).map((value) => el("option", { value }))),
      question.suggestions?.length ? el("p", { class: "help" }, `For example: ${question.suggestions.join(", ")}`) : null,
    );
  });
  const form = el(
    "form", {
      onsubmit: (event) => {
        event.preventDefault();
        onAnswers(Object.fromEntries(new FormData(event.target)));
      },
    },
    ...inputs,
    el("div", { class: "row" }, el("button", { type: "submit" }, "Answer and go on")),
  );
  return card("Questions", form);
}

function unread(answer) {
  const points = Array.from(answer.text ?? "");
  return card(
    "What was not understood",
    el("ul", {}, answer.unread.slice(0, ROWS).map((part) => {
      const words = points.slice(part.span.start, part.span.end).join("").trim();
      return el("li", {}, words ? el("q", {}, words) : "", words ? ": " : "", part.reason);
    })),
  );
}

function model(answer) {
  const notes = new Annotations();
  const formulation = answer.formulation;
  const mathml = answer.mathml ?? {};
  const spans = [];
  const shown = (kind, element, math, fallback) => {
    const key = `${kind}:${element.name}`;
    for (const span of element.evidence ?? []) spans.push({ ...span, key });
    return notes.element(
      key,
      el("span", { class: "name" }, element.label || element.name || kind),
      element.description ? el("span", { class: "why" }, ` ${element.description}`) : null,
      el("div", {}, math ? mathOf(math) : el("code", {}, fallback)),
    );
  };
  const sides = [
    el("h3", {}, "Decisions"),
    ...formulation.variables.map((v) => shown("variable", v, null, domain(v))),
    formulation.objective ? el("h3", {}, formulation.objective.sense === "maximize" ? "Make the most of" : "Make the least of") : null,
    formulation.objective
      ? shown("objective", { name: "objective", ...formulation.objective }, mathml.objective, formulation.objective.expression)
      : null,
    formulation.constraints.length ? el("h3", {}, "Subject to") : null,
    ...formulation.constraints.map((c) => shown("constraint", c, mathml[c.name], c.expression + (c.for_each ? ` for ${c.for_each}` : ""))),
  ];
  const text = answer.text ? notes.textNode(answer.text, spans) : null;
  return el(
    "section", { class: "card", "aria-label": "The model and the text" },
    el("div", { class: "halves" }, el("div", {}, el("h2", {}, "The model"), ...sides), text ? el("div", {}, el("h2", {}, "The text"), text) : null),
  );
}

function domain(variable) {
  const bounds = [variable.lower !== null ? `≥ ${variable.lower}` : "", variable.upper !== null ? `≤ ${variable.upper}` : ""];
  const kind = { integer: "whole numbers", binary: "yes or no", continuous: "any amount" }[variable.domain];
  return [kind, ...bounds.filter(Boolean), variable.unit ? `in ${variable.unit}` : ""].filter(Boolean).join(", ");
}

function solution(answer) {
  const rows = answer.variables.filter((v) => v.value !== 0).concat(answer.variables.filter((v) => v.value === 0)).slice(0, ROWS);
  const table = el(
    "table", {},
    answer.variables_total > rows.length ? el("caption", {}, `${rows.length} of ${answer.variables_total} decisions`) : null,
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Decision"), el("th", { scope: "col", class: "n" }, "Value"), el("th", { scope: "col" }, "Unit"))),
    el("tbody", {}, rows.map((v) => el("tr", {}, el("td", {}, indexed(v.name, v.index)), el("td", { class: "n" }, formatNumber(v.value)), el("td", {}, v.unit)))),
  );
  return el(
    "section", { class: "card" }, el("h2", {}, "The solution"),
    el("div", { class: "halves" }, el("div", { class: "scroll" }, table), el("div", {}, ...charts(answer.variables))),
    limits(answer),
  );
}

function limits(answer) {
  const rows = answer.constraints.flatMap((family) => family.rows.items.map((row) => [family, row])).slice(0, ROWS);
  if (!rows.length) return null;
  const side = (row) => {
    if (row.lower !== null && row.lower === row.upper) return `= ${formatNumber(row.lower)}`;
    return [row.lower !== null ? `≥ ${formatNumber(row.lower)}` : "", row.upper !== null ? `≤ ${formatNumber(row.upper)}` : ""].filter(Boolean).join(", ");
  };
  const head = ["Constraint", "Used", "Limit", "Left", "Worth of one more"];
  return el(
    "div", { class: "scroll" }, el("h3", {}, "What binds, and by how much"),
    el("table", {},
      el("thead", {}, el("tr", {}, head.map((title, k) => el("th", { scope: "col", class: k ? "n" : null }, title)))),
      el("tbody", {}, rows.map(([family, row]) => el("tr", {},
        el("td", {}, indexed(family.name, row.index), row.binding ? el("span", { class: "badge unknown" }, "binds") : ""),
        el("td", { class: "n" }, formatNumber(row.activity)), el("td", { class: "n" }, side(row)),
        el("td", { class: "n" }, formatNumber(row.slack)), el("td", { class: "n" }, formatNumber(row.dual)))))),
  );
}

function checks(answer) {
  return card(
    "What was checked",
    el("div", { class: "scroll" }, el("table", {},
      el("thead", {}, el("tr", {}, ["Check", "Result", "Ground"].map((title) => el("th", { scope: "col" }, title)))),
      el("tbody", {}, answer.checks.map((check) => el("tr", {},
        el("td", {}, check.name.replaceAll("_", " ")), el("td", { class: check.result }, check.result.replaceAll("_", " ")), el("td", {}, check.detail)))))),
  );
}

function code(answer) {
  const copied = el("span", { role: "status", "aria-live": "polite", class: "help" });
  const tools = el(
    "div", { class: "tools" },
    el("button", { type: "button", class: "quiet", onclick: async () => {
      try {
        await navigator.clipboard.writeText(answer.pyomo);
        copied.textContent = "Copied.";
      } catch {
        copied.textContent = "The browser did not allow copying; select the text instead.";
      }
    } }, "Copy"),
    el("button", { type: "button", class: "quiet", onclick: () => save("model.py", answer.pyomo) }, "Download model.py"),
    answer.lp ? el("button", { type: "button", class: "quiet", onclick: () => save("model.lp", answer.lp) }, "Download model.lp") : null,
    copied,
  );
  return card("The Pyomo program", tools, program(answer.pyomo));
}

function save(name, content) {
  const url = URL.createObjectURL(new Blob([content], { type: "text/plain" }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
