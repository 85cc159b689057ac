// The OpenAPI document of this server, as a page: each call with its fields, answers and an example.

import { el, byId, problemCard, reachable, table } from "./dom.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
const LONGEST = 20_000;

// Words between backticks are code.
const prose = (text) => text.split("`").map((part, k) => (k % 2 ? el("code", {}, part) : part));

function typeText(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(typeText).join(" or ");
  if (schema.allOf) return schema.allOf.map(typeText).join(" and ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "array") return `list of ${typeText(schema.items) || "anything"}`;
  return schema.type ?? "anything";
}

const limits = (schema) => [
  ["default", schema.default], ["at least", schema.minimum], ["more than", schema.exclusiveMinimum], ["at most", schema.maximum], ["characters at most", schema.maxLength],
].filter(([, value]) => value !== undefined && value !== null && typeof value !== "object").map(([name, value]) => `${name} ${value}`).join(", ");

function field(name, schema, required) {
  const about = [schema.description, limits(schema)].filter(Boolean).join("; ");
  return el("tr", {}, el("td", {}, el("code", {}, name), required ? " (required)" : ""), el("td", { class: "words" }, typeText(schema)), el("td", { class: "words" }, prose(about)));
}

const scrolled = (title, rows) => [el("h3", {}, title), el("div", { class: "scroll" }, table(["Name", "Type", "Meaning"], rows))];

function parameters(operation) {
  if (!operation.parameters?.length) return null;
  return scrolled("Parameters", operation.parameters.map((p) => field(`${p.name}, in the ${p.in}`, { ...p.schema, description: p.description }, p.required)));
}

function fields(content, schemas) {
  const schema = content?.["application/json"]?.schema;
  const named = schema?.$ref ? schemas[schema.$ref.split("/").pop()] : schema;
  if (!named?.properties) return null;
  return scrolled("Body", Object.entries(named.properties).map(([name, one]) => field(name, one, named.required?.includes(name))));
}

function example(title, content) {
  const [first] = Object.values(content?.["application/json"]?.examples ?? {});
  if (!first) return null;
  return el("details", {}, el("summary", {}, title), el("pre", { tabindex: "0", role: "region", "aria-label": title }, JSON.stringify(first.value, null, 2).slice(0, LONGEST)));
}

function answers(operation) {
  const good = Object.entries(operation.responses).filter(([status]) => status < "300");
  const bad = Object.keys(operation.responses).filter((status) => status >= "300");
  return [
    el("h3", {}, "Answers"),
    el("ul", {}, good.map(([status, one]) => el("li", {}, el("code", {}, status), " ", prose(one.description)))),
    bad.length ? el("p", { class: "help" }, `Otherwise a problem document (RFC 9457): ${bad.join(", ")}.`) : null,
    good.map(([status, one]) => example(`Example of ${status}`, one.content)),
  ];
}

function call(path, method, operation, schemas) {
  const body = operation.requestBody?.content;
  return el("details", { class: "card" },
    el("summary", {}, el("span", { class: "pill good verb" }, method), el("code", {}, path), ` – ${operation.summary ?? ""}`),
    operation.description && operation.description !== operation.summary ? el("p", {}, prose(operation.description)) : null,
    parameters(operation), fields(body, schemas), example("Example of a body", body), answers(operation));
}

try {
  const { paths, components } = await (await fetch("/openapi.json")).json();
  byId("calls").replaceChildren(...Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => call(path, method, item[method], components?.schemas ?? {}))));
  reachable(byId("calls"));
} catch {
  byId("problem").replaceChildren(problemCard({ title: "The description could not be loaded", detail: "Reload the page to try again." }));
}
