// A schedule as a Gantt chart, where the decisions are starting times and the model knows how long each takes.

import { svg, formatNumber, shorten } from "./dom.js";

const STARTS = /(^|[_ ])(start|begin)/i;
const LASTS = /(duration|processing|length|time|hours|minutes|days)/i;
const MOST = 40;

// The picture, or null where the decisions of the family are no starting times.
export function schedule(family, formulation) {
  const variable = formulation?.variables.find((v) => v.indices.length === 1 && [v.label, v.name].includes(family[0].name));
  if (!variable || family.length > MOST || ![variable.name, variable.label].some((name) => STARTS.test(name))) return null;
  const lengths = durations(variable.indices[0], formulation);
  if (!lengths) return null;
  const bars = family
    .map((v) => ({ name: String(v.index[0]), start: v.value, end: v.value + (lengths.get(String(v.index[0])) ?? 0) }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  return gantt(bars);
}

function durations(set, formulation) {
  const lasting = formulation.parameters.find((p) => p.indices.length === 1 && p.indices[0] === set && LASTS.test(`${p.name} ${p.label}`) && Array.isArray(p.value));
  if (!lasting) return null;
  return new Map(lasting.value.map(([element, value]) => [String(element), value]));
}

function gantt(bars) {
  const end = Math.max(...bars.map((bar) => bar.end), 1e-9);
  const [left, width, lane] = [150, 460, 34];
  const height = bars.length * lane + 34;
  const x = (time) => left + (time / end) * width;
  const picture = svg("svg", { class: "chart", viewBox: `0 0 640 ${height}`, role: "img", "aria-label": bars.map((bar) => `${bar.name} from ${formatNumber(bar.start)} to ${formatNumber(bar.end)}`).join(", ") });
  for (let tick = 0; tick <= end + 1e-9; tick += step(end)) {
    picture.append(svg("line", { class: "axis", x1: x(tick), x2: x(tick), y1: 2, y2: height - 26 }), svg("text", { class: "soft", x: x(tick), y: height - 8, "text-anchor": "middle" }, formatNumber(tick)));
  }
  bars.forEach((bar, k) => {
    const long = x(bar.end) - x(bar.start);
    const said = `${formatNumber(bar.start)}–${formatNumber(bar.end)}`;
    picture.append(
      svg("text", { x: left - 12, y: k * lane + 22, "text-anchor": "end" }, shorten(bar.name, 18)),
      svg("rect", { class: "fill", x: x(bar.start), y: k * lane + 6, width: Math.max(long, 2), height: lane - 10, rx: 5 }),
      long > 60
        ? svg("text", { class: "on-bar", x: x(bar.start) + long / 2, y: k * lane + 22, "text-anchor": "middle" }, said)
        : svg("text", { class: "halo", x: x(bar.end) + 6, y: k * lane + 22 }, said),
    );
  });
  return picture;
}

// A round distance between ticks, of which about eight fit.
function step(end) {
  const rough = end / 8;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((k) => k * power).find((one) => one >= rough);
}
