// Pictures of a solution: bars for plain quantities, flows or a matrix for two indices, lanes for time.

import { el, svg, formatNumber, indexed } from "./dom.js";

const MOST = 40;

export function charts(variables) {
  const families = new Map();
  for (const variable of variables) {
    if (typeof variable.value !== "number") continue;
    const family = `${variable.name}\u0000${variable.index.length}`;
    families.set(family, [...(families.get(family) ?? []), variable]);
  }
  const plain = [];
  const figures = [];
  for (const family of families.values()) {
    const depth = family[0].index.length;
    if (depth === 0) plain.push(...family);
    else if (depth === 1 && isTime(family)) figures.push(figure(family[0].name, lanes(family)));
    else if (depth === 2) figures.push(figure(family[0].name, isFlow(family) ? flows(family) : matrix(family)));
    else figures.push(figure(family[0].name, bars(family)));
  }
  if (plain.length) figures.unshift(figure("The decisions", bars(plain)));
  return figures;
}

const isTime = (family) => family.length > 2 && family.every((v) => Number.isInteger(v.index[0]));
const isFlow = (family) => {
  const from = new Set(family.map((v) => v.index[0]));
  const to = new Set(family.map((v) => v.index[1]));
  return from.size <= 12 && to.size <= 16 && ![...from].some((place) => to.has(place));
};

function figure(title, picture) {
  return el("figure", {}, picture, el("figcaption", { class: "help" }, title));
}

function frame(width, height, label) {
  return svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
}

const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function bars(family) {
  const shown = family.filter((v) => v.value !== 0).slice(0, MOST);
  const rows = shown.length ? shown : family.slice(0, MOST);
  const most = Math.max(...rows.map((v) => Math.abs(v.value)), 1e-9);
  const picture = frame(640, rows.length * 26 + 6, rows.map((v) => `${indexed(v.name, v.index)} ${formatNumber(v.value)}`).join(", "));
  rows.forEach((variable, k) => {
    const width = Math.max((Math.abs(variable.value) / most) * 330, 1);
    const y = k * 26 + 4;
    picture.append(
      svg("text", { x: 190, y: y + 15, "text-anchor": "end" }, shorten(indexed(variable.name, variable.index), 28)),
      svg("rect", { class: "bar-fill", x: 200, y, width, height: 20, rx: 3 }),
      svg("text", { x: 206 + width, y: y + 15 }, shorten(`${formatNumber(variable.value)} ${variable.unit}`.trim(), 24)),
    );
  });
  return picture;
}

function lanes(family) {
  const sorted = [...family].sort((a, b) => a.index[0] - b.index[0]).slice(0, 120);
  const most = Math.max(...sorted.map((v) => Math.abs(v.value)), 1e-9);
  const step = 600 / sorted.length;
  const picture = frame(640, 190, sorted.map((v) => `${v.index[0]}: ${formatNumber(v.value)}`).join(", "));
  sorted.forEach((variable, k) => {
    const height = (Math.abs(variable.value) / most) * 130;
    picture.append(svg("rect", { class: "bar-fill", x: 20 + k * step, y: 155 - height, width: Math.max(step - 3, 1), height: Math.max(height, 1) }));
    if (sorted.length <= 24) {
      picture.append(
        svg("text", { x: 20 + k * step + step / 2, y: 174, "text-anchor": "middle" }, String(variable.index[0])),
        svg("text", { x: 20 + k * step + step / 2, y: 150 - height, "text-anchor": "middle" }, formatNumber(variable.value)),
      );
    }
  });
  picture.append(svg("line", { class: "axis", x1: 16, x2: 624, y1: 156, y2: 156 }));
  return picture;
}

function flows(family) {
  const from = [...new Set(family.map((v) => v.index[0]))];
  const to = [...new Set(family.map((v) => v.index[1]))];
  const height = Math.max(from.length, to.length) * 48 + 20;
  const y = (k, n) => ((k + 0.5) * height) / n;
  const used = family.filter((v) => Math.abs(v.value) > 1e-9);
  const most = Math.max(...used.map((v) => Math.abs(v.value)), 1e-9);
  const picture = frame(640, height, used.map((v) => `${v.index.join(" to ")}: ${formatNumber(v.value)}`).join(", "));
  used.forEach((variable, k) => {
    const a = y(from.indexOf(variable.index[0]), from.length);
    const b = y(to.indexOf(variable.index[1]), to.length);
    const at = 0.25 + 0.5 * ((k * 0.382) % 1);
    picture.append(
      svg("path", { class: "flow", d: `M170 ${a} C320 ${a} 320 ${b} 470 ${b}`, "stroke-width": 1.5 + (8 * Math.abs(variable.value)) / most }),
      svg("text", { x: 170 + 300 * at, y: a + (b - a) * (at * at * (3 - 2 * at)) - 4, "text-anchor": "middle" }, formatNumber(variable.value)),
    );
  });
  from.forEach((place, k) => picture.append(svg("circle", { class: "node", cx: 170, cy: y(k, from.length), r: 7 }), svg("text", { x: 156, y: y(k, from.length) + 5, "text-anchor": "end" }, shorten(String(place), 20))));
  to.forEach((place, k) => picture.append(svg("circle", { class: "node", cx: 470, cy: y(k, to.length), r: 7 }), svg("text", { x: 484, y: y(k, to.length) + 5 }, shorten(String(place), 20))));
  return picture;
}

function matrix(family) {
  const rows = [...new Set(family.map((v) => v.index[0]))].slice(0, MOST);
  const columns = [...new Set(family.map((v) => v.index[1]))].slice(0, MOST);
  const most = Math.max(...family.map((v) => Math.abs(v.value)), 1e-9);
  const size = Math.min(44, 520 / Math.max(columns.length, 1));
  const picture = frame(640, rows.length * size + 34, `${family[0].name} by ${rows.length} rows and ${columns.length} columns`);
  columns.forEach((column, c) => picture.append(svg("text", { x: 110 + (c + 0.5) * size, y: 16, "text-anchor": "middle" }, shorten(String(column), Math.max(2, Math.floor(size / 8))))));
  rows.forEach((row, r) => picture.append(svg("text", { x: 102, y: 24 + (r + 0.6) * size, "text-anchor": "end" }, shorten(String(row), 14))));
  for (const variable of family) {
    const [r, c] = [rows.indexOf(variable.index[0]), columns.indexOf(variable.index[1])];
    if (r < 0 || c < 0) continue;
    const strength = Math.abs(variable.value) / most;
    picture.append(svg("rect", { class: "cell", x: 110 + c * size, y: 24 + r * size, width: size - 2, height: size - 2, "fill-opacity": 0.06 + 0.5 * strength }));
    if (variable.value && size > 24) picture.append(svg("text", { x: 110 + (c + 0.5) * size, y: 24 + (r + 0.6) * size, "text-anchor": "middle" }, formatNumber(variable.value)));
  }
  return picture;
}
