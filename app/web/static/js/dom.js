// Elements made from text, never from markup: whatever the user or a model wrote stays text.

export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) node.style.setProperty(name, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

export function card(title, ...children) {
  return el("section", { class: "card" }, el("h2", {}, title), ...children);
}

export function problemCard(problem) {
  const fields = problem.errors ?? [];
  return el(
    "section", { class: "card error" },
    el("h2", {}, problem.title || "That did not work"),
    el("p", {}, problem.detail || ""),
    fields.length > 1 ? el("ul", {}, fields.map((one) => el("li", {}, `${one.pointer} ${one.detail}`))) : null,
    problem.request_id ? el("p", { class: "help" }, `Request ${problem.request_id}`) : null,
  );
}

// What can be scrolled can be reached by keyboard, in every browser; looked at again whenever a size changes.
const sizes = new ResizeObserver((changed) => {
  for (const { target } of changed) {
    const scrolls = target.scrollWidth > target.clientWidth + 1 || target.scrollHeight > target.clientHeight + 1;
    if (scrolls) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});

export function reachable(root) {
  root.querySelectorAll(".scroll, .formula, .picture").forEach((node) => sizes.observe(node));
  return root;
}

// A table; a heading that starts with # is over numbers.
export function table(headings, rows, attributes = {}) {
  return el("table", attributes,
    el("thead", {}, el("tr", {}, headings.map((title) =>
      el("th", { scope: "col", class: title.startsWith("#") ? "n" : null }, title.replace("#", ""))))),
    el("tbody", {}, rows));
}

// Numbers are written as the language of the answer that is shown writes them.
let language = "en";

export function speak(code) {
  language = code || "en";
}

export function formatNumber(value) {
  if (value === null || value === undefined) return "";
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e15)) return value.toPrecision(6);
  return value.toLocaleString(language, { maximumFractionDigits: 4, useGrouping: "always" });
}

const CURRENCIES = { $: "USD", "€": "EUR", "£": "GBP", "¥": "JPY" };

export function quantity(value, unit) {
  if (value === null || value === undefined) return "";
  const currency = CURRENCIES[unit];
  if (currency) {
    const options = { style: "currency", currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: 0, maximumFractionDigits: 4, useGrouping: "always" };
    const parts = new Intl.NumberFormat(language, options).formatToParts(Math.abs(value));
    return (value < 0 ? "-" : "") + parts.map((part) => (part.type === "currency" ? unit : part.value)).join("");
  }
  return `${formatNumber(value)} ${unit || ""}`.trim();
}

export function indexed(name, index) {
  return index && index.length ? `${name}[${index.join(", ")}]` : name;
}

export const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
