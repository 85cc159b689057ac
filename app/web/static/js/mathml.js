// MathML from the server, rebuilt node by node from an allow-list: nothing but mathematics gets through.

const NS = "http://www.w3.org/1998/Math/MathML";
const TAGS = new Set([
  "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msub", "msup", "msubsup", "munder", "mover", "munderover",
  "mfrac", "msqrt", "mroot", "mtable", "mtr", "mtd", "mfenced", "mstyle", "mpadded",
]);
const ATTRIBUTES = new Set(["mathvariant", "stretchy", "fence", "separator", "columnalign", "width", "alttext", "linethickness", "title"]);

export function mathOf(source) {
  const parsed = new DOMParser().parseFromString(source, "application/xml");
  if (parsed.querySelector("parsererror")) return document.createTextNode(source);
  const made = copy(parsed.documentElement) ?? document.createTextNode("");
  // In a line with what is around it, but as large as on a line of its own.
  made.setAttribute?.("displaystyle", "true");
  return made;
}

function copy(node) {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.data);
  if (node.nodeType !== Node.ELEMENT_NODE || !TAGS.has(node.localName)) return null;
  const made = document.createElementNS(NS, node.localName);
  for (const { name, value } of node.attributes) if (ATTRIBUTES.has(name)) made.setAttribute(name, value);
  for (const child of node.childNodes) {
    const copied = copy(child);
    if (copied) made.append(copied);
  }
  return made;
}
