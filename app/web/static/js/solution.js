// The values of the decisions, what binds, and the pictures that the sets suggest.

import { el, table, formatNumber, indexed } from "./dom.js";
import { families, figures, whole } from "./charts.js";

const SHOWN = 40;
const MOST = 1000;

export function solution(answer) {
  const pictured = figures(answer.variables, answer.formulation);
  return el("section", { class: "card" }, el("h2", {}, "The solution"), pictured.map((one) => one.node),
    decisions(answer, new Set(pictured.filter((one) => one.complete).flatMap((one) => one.family))), limits(answer));
}

function decisions(answer, told) {
  const values = answer.variables.filter((v) => !told.has(v));
  const most = (like) => Math.max(...values.filter(like).map((v) => Math.abs(v.value ?? 0)), 1e-9);
  const rows = [...families(values).values()].flatMap((family) => {
    // Bars compare the members of a family, and plain decisions of the same unit with one another.
    const [{ name, index, unit }] = family;
    const longest = most((v) => (index.length ? v.name === name && v.index.length : !v.index.length && v.unit === unit && v.domain !== "binary"));
    return [...family].sort((a, b) => (b.value !== 0) - (a.value !== 0)).map((v) => decision(v, longest));
  });
  const made = folded(["Decision", "#Value", values.some((v) => v.unit) ? "Unit" : "", ""], rows);
  const rest = answer.variables_total - answer.variables.length;
  if (rest > 0) made.push(el("p", { class: "help" }, `${rest} more decisions are in solution.csv.`));
  return told.size && values.length ? [el("h3", {}, "Other decisions"), ...made] : told.size ? el("details", {}, el("summary", {}, "As a table"), allOf(answer)) : made;
}

function allOf(answer) {
  const rows = answer.variables.slice(0, MOST).map((v) => decision(v, Infinity));
  return el("div", { class: "scroll" }, table(["Decision", "#Value", "Unit", ""], rows));
}

function decision(variable, most) {
  const binary = variable.domain === "binary" && whole(variable.value);
  const shown = binary ? (Math.round(variable.value) ? "yes" : "no") : formatNumber(variable.value);
  return el("tr", {},
    el("th", { scope: "row", class: "words", dir: "auto" }, indexed(variable.name, variable.index)),
    el("td", { class: variable.value ? "n" : "n zero" }, shown), el("td", {}, variable.unit),
    el("td", { class: "gauge" }, binary || most === Infinity || !variable.value ? null : gauge(Math.abs(variable.value) / most, "plain")));
}

const gauge = (share, kind = "") =>
  el("span", { class: kind }, el("i", { class: kind, "--share": Math.min(Math.max(share, 0), 1).toFixed(4) }));

// The first rows of a table, and the rest behind a summary.
function folded(headings, rows) {
  const made = [el("div", { class: "scroll" }, table(headings, rows.slice(0, SHOWN)))];
  if (rows.length > SHOWN) {
    const rest = rows.slice(SHOWN, MOST);
    made.push(el("details", {}, el("summary", {}, `${rest.length} more rows`), el("div", { class: "scroll" }, table(headings, rest))));
  }
  return made;
}

function limits(answer) {
  const rows = answer.constraints.flatMap((family) => family.rows.items.map((row) => [family, row]));
  if (!rows.length) return null;
  const priced = rows.some(([, row]) => row.dual !== null && row.dual !== undefined);
  const side = (row) => {
    if (row.lower !== null && row.lower === row.upper) return `= ${formatNumber(row.lower)}`;
    return [row.lower !== null ? `≥ ${formatNumber(row.lower)}` : "", row.upper !== null ? `≤ ${formatNumber(row.upper)}` : ""].filter(Boolean).join(", ");
  };
  const used = (row) => {
    const limit = row.upper ?? row.lower;
    if (row.activity === null || !limit || row.activity / limit < 0) return null;
    return gauge(row.activity / limit, row.binding ? "full" : "");
  };
  const made = rows.map(([family, row]) => el("tr", {},
    el("th", { scope: "row", class: "words", dir: "auto" }, indexed(family.name, row.index)),
    el("td", { class: "n" }, formatNumber(row.activity)), el("td", { class: "n" }, side(row)),
    el("td", { class: "n" }, row.binding ? el("span", { class: "pill unsure" }, "binds") : formatNumber(row.slack)),
    priced ? el("td", { class: "n" }, formatNumber(row.dual)) : null, el("td", { class: "gauge" }, used(row))));
  const headings = ["Constraint", "#Used", "#Limit", "#Left", ...(priced ? ["#Worth of one more"] : []), ""];
  return [el("h3", {}, "What binds, and by how much"), ...folded(headings, made)];
}
