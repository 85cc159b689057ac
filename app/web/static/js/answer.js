// An answer on the page: what is held, the model beside its text, the solution, the checks, the program.

import { el, card, formatNumber, quantity, speak } from "./dom.js";
import * as api from "./api.js";
import { model } from "./model.js";
import { solution } from "./solution.js";
import { checks } from "./checks.js";
import { program } from "./program.js";

const LISTED = 60;

// status -> heading, and how good that is
const STATUSES = {
  optimal: ["The best answer", "good"], feasible: ["A feasible answer, not proved the best", "good"],
  infeasible: ["No choice meets all the constraints", "bad"], unbounded: ["Nothing limits the objective", "bad"],
  no_solution: ["Stopped before a solution was found", "unsure"], not_understood: ["Not understood", "unsure"],
  needs_answers: ["One thing first", "unsure"], error: ["The work could not be finished", "bad"],
};

export const goodness = (status) => STATUSES[status]?.[1] ?? "";

// An unbounded model has points, too; none of them answers the question.
const solved = (answer) => ["optimal", "feasible"].includes(answer.status);

export function answerView(answer, { id, onAnswers }) {
  speak(answer.language);
  return el(
    "div", {}, headline(answer),
    ["infeasible", "unbounded"].includes(answer.status) && answer.lp ? why(answer.lp) : null,
    answer.questions?.length ? questions(answer.questions, onAnswers) : null,
    answer.unread?.length ? unread(answer) : null,
    answer.formulation ? model(answer) : null,
    solved(answer) && answer.variables?.some((v) => v.value !== null) ? solution(answer) : null,
    answer.assumptions?.length ? card("Taken for granted", el("ul", {}, answer.assumptions.map((a) => el("li", { dir: "auto" }, a.text)))) : null,
    answer.checks?.length ? checks(answer) : null,
    answer.pyomo ? program(id, answer) : null,
  );
}

function headline(answer) {
  const [title, kind] = STATUSES[answer.status] ?? [answer.status, ""];
  const { objective, solver } = answer;
  const held = solved(answer) && objective && objective.value !== null;
  const sure = formatNumber(Math.round(100 * answer.confidence) / 100);
  const stands = answer.confident
    ? el("span", { class: "pill good" }, `confident, ${sure}`)
    : el("span", { class: "pill unsure" }, `not confident, ${sure}`);
  const cost = (answer.usage ?? []).reduce((sum, one) => sum + one.cost, 0);
  const facts = [
    answer.reader ? `read by ${answer.reader === "embedded" ? "the embedded reader" : answer.reader}` : "",
    solver ? `solved by ${solver.name} in ${solver.time_s.toFixed(2)} s` : "",
    solver?.gap ? `gap ${(100 * solver.gap).toPrecision(2)} %` : "",
    cost ? `cost ${cost.toPrecision(2)}` : "",
  ];
  return el(
    "section", { class: `card headline ${kind}`, "aria-labelledby": "headline" },
    el("h2", { id: "headline", tabindex: "-1", lang: answer.headline ? answer.language : null }, answer.headline || title),
    held ? el("p", { class: "big" }, quantity(objective.value, objective.unit), el("small", { dir: "auto" }, ` ${objective.description || "objective"}`)) : null,
    el("p", { lang: answer.language, dir: "auto" }, answer.explanation || answer.termination?.detail || ""),
    el("p", { class: "facts" }, held ? stands : null, ...facts.filter(Boolean).map((fact) => el("span", {}, fact))),
  );
}

// Which conditions conflict and what would mend it; asked for when the answer is shown.
function why(lp) {
  const body = el("p", { class: "help" }, "Looking for the reason …");
  const plain = (line) => line.replaceAll("_", " ").replaceAll("<=", "≤").replaceAll(">=", "≥");
  const list = (title, lines) => (lines.length ? [el("h3", {}, title), el("ul", {}, lines.map((line) => el("li", { dir: "auto" }, plain(line))))] : []);
  api.diagnose(lp).then((found) => body.replaceWith(el("div", {},
    list("Together these cannot hold", found.core?.relations ?? []),
    list("Any one of these would mend it", found.repairs.map((repair) => repair.text)),
    list(found.ray?.columns?.length > 1 ? "These can change together without end" : "This can change without end", (found.ray?.columns ?? []).map((column) => column.name)),
    list("A bound is missing on", found.bounds_missing),
    list("Not certain", found.doubts),
  )), (problem) => body.replaceChildren(problem.detail || problem.title));
  return card("Why", body);
}

function questions(list, onAnswers) {
  const fields = list.map((question) => {
    const id = `question-${question.id}`;
    const input = el("input", { id, name: question.id, required: true, autocomplete: "off" });
    const chips = (question.suggestions ?? []).map((words) =>
      el("button", { type: "button", class: "chip", onclick: () => { input.value = words; input.focus(); } }, words));
    return el("div", { class: "field" }, el("label", { for: id, dir: "auto" }, question.text), input, chips.length ? el("div", { class: "chips" }, chips) : null);
  });
  const send = (event) => {
    event.preventDefault();
    onAnswers(Object.fromEntries(new FormData(event.target)));
  };
  return el("section", { class: "card ask-back" }, el("h2", {}, list.length > 1 ? "Questions" : "A question"),
    el("form", { id: "questions", onsubmit: send }, fields, el("button", { type: "submit" }, "Answer and go on")));
}

function unread(answer) {
  const points = Array.from(answer.text ?? "");
  return card("What was not understood", el("ul", {}, answer.unread.slice(0, LISTED).map((part) => {
    const words = points.slice(part.span.start, part.span.end).join("").trim();
    return el("li", {}, words ? [el("q", { dir: "auto" }, words), ": "] : "", part.reason);
  })));
}
