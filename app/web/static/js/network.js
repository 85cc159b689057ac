// What goes from where to where: between two sides, or within one set of places.

import { svg, formatNumber, shorten } from "./dom.js";

const used = (family) => family.filter((v) => Math.abs(v.value) > 1e-9);
const widest = (family) => Math.max(...family.map((v) => Math.abs(v.value)), 1e-9);
const told = (family) => used(family).map((v) => `${v.index.join(" to ")}: ${formatNumber(v.value)}`).join(", ");

function frame(width, height, family, kind = "chart") {
  return svg("svg", { class: kind, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": told(family) || "nothing" });
}

// The share of the way at which the k-th of n labels stands, so that they do not lie on one another.
const along = (k, n) => (n < 2 ? 0.5 : 0.22 + 0.5 * ((k * 0.618034) % 1));

export function flows(family, from, to) {
  const height = Math.max(from.length, to.length) * 54 + 10;
  const y = (list, place) => ((list.indexOf(place) + 0.5) * height) / list.length;
  const [left, right] = [130, 345];
  const picture = frame(480, height, family, "chart narrow");
  const most = widest(family);
  const labels = [];
  used(family).forEach((variable, k, all) => {
    const [a, b] = [y(from, variable.index[0]), y(to, variable.index[1])];
    const middle = (left + right) / 2;
    const t = along(k, all.length);
    const ease = t * t * (3 - 2 * t);
    picture.append(svg("path", { class: "flow", d: `M${left} ${a} C${middle} ${a} ${middle} ${b} ${right} ${b}`, "stroke-width": 1.5 + (9 * Math.abs(variable.value)) / most }));
    if (variable.domain !== "binary") labels.push(svg("text", { class: "halo", x: left + (right - left) * (1.5 * t * (1 - t) + t * t * t), y: a + (b - a) * ease + 5, "text-anchor": "middle" }, formatNumber(variable.value)));
  });
  from.forEach((place) => picture.append(svg("circle", { class: "node", cx: left, cy: y(from, place), r: 9 }), svg("text", { x: left - 18, y: y(from, place) + 5, "text-anchor": "end" }, shorten(String(place), 16))));
  to.forEach((place) => picture.append(svg("circle", { class: "node", cx: right, cy: y(to, place), r: 9 }), svg("text", { x: right + 18, y: y(to, place) + 5 }, shorten(String(place), 16))));
  picture.append(...labels);
  return picture;
}

export function network(family, places) {
  const [width, height] = [640, 420];
  const spot = new Map(places.map((place, k) => {
    const turn = (2 * Math.PI * k) / places.length - Math.PI / 2;
    return [place, { x: width / 2 + 165 * Math.cos(turn), y: height / 2 + 165 * Math.sin(turn), turn }];
  }));
  const picture = frame(width, height, family);
  const most = widest(family);
  const labels = [];
  for (const variable of used(family)) {
    const [a, b] = variable.index.map((place) => spot.get(place));
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    if (!length) continue;
    const [dx, dy] = [(b.x - a.x) / length, (b.y - a.y) / length];
    // Bent to the right, so that there and back are two lines.
    const bend = { x: (a.x + b.x) / 2 - 0.08 * length * dy, y: (a.y + b.y) / 2 + 0.08 * length * dx };
    const end = { x: b.x - 13 * dx, y: b.y - 13 * dy };
    picture.append(
      svg("path", { class: "flow", d: `M${a.x} ${a.y} Q${bend.x} ${bend.y} ${end.x} ${end.y}`, "stroke-width": 1.5 + (4 * Math.abs(variable.value)) / most }),
      svg("path", { class: "tip", d: `M${end.x} ${end.y} l${-11 * dx - 6 * dy} ${-11 * dy + 6 * dx} l${12 * dy} ${-12 * dx} z` }),
    );
    if (variable.domain !== "binary") labels.push(svg("text", { class: "halo", x: bend.x, y: bend.y + 4, "text-anchor": "middle" }, formatNumber(variable.value)));
  }
  for (const [place, { x, y, turn }] of spot) {
    const side = Math.cos(turn);
    picture.append(
      svg("circle", { class: "node", cx: x, cy: y, r: 9 }),
      svg("text", { x: x + 18 * side, y: y + 5 + 18 * Math.sin(turn), "text-anchor": side > 0.3 ? "start" : side < -0.3 ? "end" : "middle" }, shorten(String(place), 18)),
    );
  }
  picture.append(...labels);
  return picture;
}
