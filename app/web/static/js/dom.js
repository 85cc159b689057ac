// Elements made from text, never from markup: whatever the user or a model wrote stays text.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  set(node, attributes);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  set(node, attributes);
  node.append(...children.flat());
  return node;
}

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}

export const byId = (id) => document.getElementById(id);

export function card(title, ...children) {
  return el("section", { class: "card" }, el("h2", {}, title), ...children);
}

export function problemCard(problem) {
  return el(
    "section", { class: "card error" },
    el("h2", {}, problem.title || "That did not work"),
    el("p", {}, problem.detail || ""),
  );
}

export function formatNumber(value) {
  if (value === null || value === undefined) return "";
  if (Number.isInteger(value)) return value.toLocaleString("en-US");
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toPrecision(6);
  return value.toLocaleString("en-US", { maximumFractionDigits: 4 });
}

export function quantity(value, unit) {
  if (value === null || value === undefined) return "";
  if (["$", "€", "£", "¥"].includes(unit)) return (value < 0 ? "-" : "") + unit + formatNumber(Math.abs(value));
  return `${formatNumber(value)} ${unit || ""}`.trim();
}

export function indexed(name, index) {
  return index && index.length ? `${name}[${index.join(", ")}]` : name;
}
