/** The text format of Prometheus (0.0.4) from any number of sources; where two have one name, its lines stand together under one HELP and TYPE. */
import { needArray, needMethods } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import { said } from "../../core/contract/given.js";
import { Histogram } from "./histogram.js";
import type { Family, Labels, Metrics } from "./metrics.js";

/** One value as it is now; that of a histogram is in nanoseconds and told in seconds. */
export interface Sample {
  readonly name: string;
  readonly type: Family["type"];
  readonly help: string;
  readonly labels: Labels;
  readonly value: number | Histogram;
}
/** Whatever counts: asked each time that somebody looks. */
export type Source = Metrics | (() => readonly Sample[]);

export const contentType = "text/plain; version=0.0.4; charset=utf-8";
/** Bounds of latency that Prometheus sees: powers of two from 256 ns to 17 s. */
const [FIRST, LAST] = [8, 34];

/** `le` would include the bound itself, which a count of what is below does not; no clock tells the difference. */
export function buckets(name: string, labels: Labels, histogram: Histogram) {
  const { count, sum } = histogram;
  const bucket = (le: number | string, value: number) => ({ metricName: `${name}_bucket`, labels: { ...labels, le }, value });
  return [
    ...histogram.below(FIRST, LAST).map(({ bound, count }) => bucket(bound / 1e9, count)),
    bucket("+Inf", count),
    { metricName: `${name}_sum`, labels, value: sum / 1e9 },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

/** The metrics of these sources as text; `needMethods` of each that is no function. */
export function textOf(sources: readonly Source[]): string {
  needArray("metrics: sources", sources);
  const families = new Map<string, { type: string; help: string; lines: Map<string, string> }>();
  for (const sample of sources.flatMap(samplesOf)) {
    const { name, type, help } = sample;
    if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name))
      throw wrong(`'${name}' is no name of a metric`, "letters, digits, _ and :, such as tickforge_engine_rows_total");
    const family = families.get(name) ?? { type, help, lines: new Map() };
    families.set(name, family);
    if (family.type !== type) throw wrong(`${name} is a ${family.type} here and a ${type} there`, "give one of them another name");
    const key = labelsOf(name, sample.labels);
    if (family.lines.has(key)) throw wrong(`${name}${key} is there twice`, "tell its sources apart by a label");
    family.lines.set(key, linesOf(sample, key));
  }
  return [...families]
    .map(([name, { type, help, lines }]) => `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${[...lines.values()].join("")}`)
    .join("");
}

function samplesOf(source: Source): readonly Sample[] {
  if (typeof source === "function") return source();
  needMethods("metrics: source", source, "a Metrics or a function", "families");
  return source
    .families()
    .flatMap(({ name, type, help, samples }) => samples.map(({ labels, value }) => ({ name, type, help, labels, value })));
}
function linesOf({ name, type, labels, value }: Sample, key: string): string {
  if (value instanceof Histogram && type === "histogram")
    return buckets(name, labels, value)
      .map((line) => `${line.metricName}${labelsOf(name, line.labels)} ${numberOf(line.value)}\n`)
      .join("");
  if (typeof value === "number" && type !== "histogram") return `${name}${key} ${numberOf(value)}\n`;
  throw wrong(`${name}, a ${type}, has the value ${said(value)}`, "a number, or a Histogram for a histogram");
}
function labelsOf(name: string, labels: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => {
    if (!/^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/.test(label))
      throw wrong(`${name}: '${label}' is no name of a label`, "letters, digits and _, not beginning with __");
    return `${label}="${escaped(String(value)).replaceAll('"', '\\"')}"`;
  });
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}
const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
const numberOf = (value: number): string => (Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? "+Inf" : "-Inf");
const wrong = (what: string, hint: string): BusError => new BusError("E_BUS_OPTION", `metrics: ${what}`, { option: "metric", hint });
