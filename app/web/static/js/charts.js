// Pictures of a solution, chosen by the sets of its decisions: flows and networks, a matrix, lanes of time, a schedule.

import { el, svg, formatNumber, shorten } from "./dom.js";
import { flows, network } from "./network.js";
import { schedule } from "./schedule.js";

const MOST_CELLS = 40; // to a side of a matrix
const MOST_NODES = 16;
const MOST_PERIODS = 60;

export const whole = (value) => value !== null && Math.abs(value - Math.round(value)) < 1e-6;

// The decisions that have values, by name and number of indices.
export function families(variables) {
  const found = new Map();
  for (const variable of variables) {
    if (typeof variable.value !== "number") continue;
    const key = `${variable.name}\u0000${variable.index.length}`;
    found.set(key, [...(found.get(key) ?? []), variable]);
  }
  return found;
}

// [{node, family, complete}]; complete where the picture tells every value that is not zero.
export function figures(variables, formulation) {
  const made = [];
  for (const family of families(variables).values()) {
    const picture = drawn(family, formulation);
    if (!picture) continue;
    const [node, complete] = picture;
    const unit = family[0].unit ? `, ${family[0].unit}` : "";
    made.push({ family, complete, node: el("figure", {}, el("figcaption", {}, family[0].name.replaceAll("_", " ") + unit), el("div", { class: "scroll" }, node)) });
  }
  return made;
}

function drawn(family, formulation) {
  const depth = family[0].index.length;
  const planned = depth === 1 && schedule(family, formulation);
  if (planned) return [planned, false];
  if (depth === 1) return inTime(family) ? [lanes(family), family.length <= 24] : null;
  if (depth !== 2) return null;
  const [from, to] = [0, 1].map((side) => [...new Set(family.map((v) => v.index[side]))]);
  if (family.length === 1 || from.length > MOST_CELLS || to.length > MOST_CELLS) return null;
  const small = from.length <= MOST_NODES && to.length <= MOST_NODES;
  const shared = from.filter((place) => to.includes(place)).length;
  const chosen = family.every((v) => v.domain === "binary"); // who goes with whom: a matrix of ticks
  if (small && shared === 0 && !chosen && !inTime(family, 0) && !inTime(family, 1)) return [flows(family, from, to), true];
  if (small && shared > 1 && !inTime(family, 0) && !inTime(family, 1)) return [network(family, [...new Set([...from, ...to])]), true];
  return [matrix(family, from, to), true];
}

const inTime = (family, side = 0) => family.length > 2 && family.length <= MOST_PERIODS && family.every((v) => Number.isInteger(v.index[side]));

function lanes(family) {
  const sorted = [...family].sort((a, b) => a.index[0] - b.index[0]);
  const most = Math.max(...sorted.map((v) => Math.abs(v.value)), 1e-9);
  const step = 600 / sorted.length;
  const picture = svg("svg", { class: "chart", viewBox: "0 0 640 190", role: "img", "aria-label": sorted.map((v) => `${v.index[0]}: ${formatNumber(v.value)}`).join(", ") });
  sorted.forEach((variable, k) => {
    const height = (Math.abs(variable.value) / most) * 125;
    const middle = 20 + (k + 0.5) * step;
    picture.append(svg("rect", { class: "fill", x: 20 + k * step + 2, y: 156 - height, width: Math.max(step - 4, 1), height: Math.max(height, 1), rx: Math.min(4, step / 6) }));
    if (sorted.length <= 24) {
      picture.append(
        svg("text", { class: "soft", x: middle, y: 176, "text-anchor": "middle" }, String(variable.index[0])),
        svg("text", { x: middle, y: 150 - height, "text-anchor": "middle" }, formatNumber(variable.value)),
      );
    }
  });
  picture.append(svg("line", { class: "axis", x1: 16, x2: 624, y1: 157, y2: 157 }));
  return picture;
}

function matrix(family, rows, columns) {
  const binary = family.every((v) => v.domain === "binary");
  const most = Math.max(...family.map((v) => Math.abs(v.value)), 1e-9);
  const at = new Map(family.map((v) => [v.index.join("\u0000"), v.value]));
  const cell = (row, column) => {
    const value = at.get(`${row}\u0000${column}`);
    const shown = value === undefined ? "" : binary && whole(value) ? (Math.round(value) ? "✓" : "") : value ? formatNumber(value) : "·";
    const share = (value ?? 0) === 0 ? null : (0.25 + (0.75 * Math.abs(value)) / most).toFixed(3);
    return el("td", { class: share ? "some" : "zero", "--share": share }, shown);
  };
  return el("table", { class: "matrix" },
    el("thead", {}, el("tr", {}, el("td", {}), columns.map((column) => el("th", { scope: "col", class: "n" }, shorten(String(column), 16))))),
    el("tbody", {}, rows.map((row) => el("tr", {}, el("th", { scope: "row" }, shorten(String(row), 24)), columns.map((column) => cell(row, column))))));
}
