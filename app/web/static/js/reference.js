// The OpenAPI document of this server, as a page: each call with its fields, answers and an example.

import { el, byId, problemCard } from "./dom.js";

const METHODS = ["get", "post", "put", "patch", "delete"];

function schemaText(schema, depth = 0) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map((one) => schemaText(one, depth)).join(" or ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "array") return `list of ${schemaText(schema.items, depth + 1) || "anything"}`;
  return schema.type ?? "anything";
}

function parameters(operation) {
  if (!operation.parameters?.length) return null;
  return el("table", {},
    el("caption", {}, "Parameters"),
    el("tbody", {}, operation.parameters.map((p) => el("tr", {},
      el("td", {}, el("code", {}, p.name), p.required ? " (required)" : ""), el("td", {}, p.in), el("td", {}, schemaText(p.schema)), el("td", {}, p.description ?? "")))));
}

function example(content) {
  const examples = Object.values(content?.["application/json"]?.examples ?? {});
  if (!examples.length) return null;
  const text = JSON.stringify(examples[0].value, null, 2);
  return el("details", {}, el("summary", {}, "Example"), el("pre", { tabindex: "0" }, text.slice(0, 20000)));
}

function call(path, method, operation) {
  return el("section", { class: "card" },
    el("h2", {}, el("code", {}, `${method.toUpperCase()} ${path}`)),
    el("p", {}, operation.summary ?? ""),
    operation.description && operation.description !== operation.summary ? el("p", { class: "help" }, operation.description) : null,
    parameters(operation),
    operation.requestBody ? el("p", {}, "Body: ", Object.entries(operation.requestBody.content).map(([type, one]) => `${type} (${schemaText(one.schema)})`).join(", ")) : null,
    operation.requestBody ? example(operation.requestBody.content) : null,
    el("table", {}, el("caption", {}, "Answers"), el("tbody", {}, Object.entries(operation.responses).map(([status, response]) => el("tr", {}, el("td", {}, status), el("td", {}, response.description))))),
    example(operation.responses["200"]?.content));
}

try {
  const document_ = await (await fetch("/openapi.json")).json();
  byId("calls").replaceChildren(...Object.entries(document_.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => call(path, method, item[method]))));
} catch {
  byId("problem").replaceChildren(problemCard({ title: "The description could not be loaded", detail: "Reload the page to try again." }));
}
