// What docs/kernels/<family>.md and the site's page of a kernel say of its contract: used by docs.mjs and site/. Needs dist.
import { readFileSync } from "node:fs";
import * as kernels from "../../dist/src/kernels/index.js";

export const titles = { math: "Mathematics", flow: "Order flow", risk: "Risk", factor: "Factors", portfolio: "Portfolio" };
const shapeOf = (port) => `[${port.shape.join(", ")}]`;
const typeNames = {
  real: "Float64Array or Float32Array",
  f64: "Float64Array",
  f32: "Float32Array",
  i64: "BigInt64Array",
  i32: "Int32Array",
  u32: "Uint32Array",
  i8: "Int8Array",
  u8: "Uint8Array",
};
export const cell = (text) => String(text).replaceAll("|", "\\|");
export const row = (...cells) => `| ${cells.map(cell).join(" | ")} |`;

function allowed(check = {}) {
  const parts = [];
  if (check.above !== undefined) parts.push(`> ${check.above}`);
  if (check.min !== undefined) parts.push(`>= ${check.min}`);
  if (check.max !== undefined) parts.push(`<= ${check.max}`);
  if (check.below !== undefined) parts.push(`< ${check.below}`);
  if (check.ascending !== undefined) parts.push("never falls");
  return parts.join(", ");
}

function paramRange(param) {
  if (param.type === "enum") return param.values.join(", ");
  const parts = [param.type === "i32" ? "integer" : "number"];
  if (param.min !== undefined) parts.push(`>= ${param.min}`);
  if (param.above !== undefined) parts.push(`> ${param.above}`);
  if (param.max !== undefined) parts.push(`<= ${param.max}`);
  return parts.join(" ");
}

export function table(head, rows) {
  return [row(...head), row(...head.map(() => "---")), ...rows].join("\n");
}

const inputRow = ([name, port]) =>
  row(
    `\`${name}\`${port.optional ? " (optional)" : ""}`,
    typeNames[port.dtype],
    shapeOf(port),
    port.unit,
    `${port.doc}${port.check && allowed(port.check) ? ` (checked: ${allowed(port.check)})` : ""}`,
  );
const outputRow = ([name, port]) =>
  row(`\`${name}\`${port.optional ? ` (with ${port.optional})` : ""}`, typeNames[port.dtype], shapeOf(port), port.unit, port.doc);
const paramRow = ([name, param]) => row(`\`${name}\``, paramRange(param), param.default ?? "needed", param.doc);
const toleranceOf = (t) => (t.exact ? "equal to the bit" : `${t.relative} of max(abs(value), ${t.floor ?? 0})`);

/** A stream adds in other pieces than one call: the last bits of a sum may differ, as they may between backends. */
function streamOf({ state, compare }) {
  if (!state) return "";
  const exact = Object.values(compare).every(({ f64, f32 }) => f64.exact && f32.exact);
  return exact
    ? ", `.stream` (keeps its state; equal to one call for every split of the rows)"
    : ", `.stream` (keeps its state; as one call for every split of the rows, to the errors below)";
}

/** Tables of inputs, options and outputs. */
export function portTables({ inputs, params, outputs }) {
  const parts = [table(["input", "type", "shape", "unit", "meaning"], Object.entries(inputs).map(inputRow))];
  if (Object.keys(params).length) parts.push(table(["option", "values", "default", "meaning"], Object.entries(params).map(paramRow)));
  parts.push(table(["output", "type", "shape", "unit", "meaning"], Object.entries(outputs).map(outputRow)));
  return parts;
}
export const callsOf = (name, contract) => `Calls: \`${name}(inputs, options)\`, \`.async\`, \`.bind\`${streamOf(contract)}.`;
/** How far results may be from the reference. */
export function limits(contract) {
  const rows = Object.entries(contract.compare).map(([key, { f64, f32 }]) => row(`\`${key}\``, toleranceOf(f64), toleranceOf(f32)));
  return [
    contract.state
      ? "Native results against the reference, a stream's against one call, worst element:"
      : "Native results against the reference, worst element:",
    table(["output", "f64", "f32"], rows),
  ];
}
export const goldenOf = ({ golden }) => `Golden numbers: ${golden.map((g) => g.source).join("; ")}.`;

/** Kernels by the names of their exports, and the folder of each: `flow/toxicity`. */
export const kernelNamed = new Map(Object.entries(kernels));
const index = readFileSync(new URL("../../src/kernels/index.ts", import.meta.url), "utf8");
export const folderOf = new Map(
  [...index.matchAll(/export \{ (.+?) \} from "\.\/(.+)\/\w+\.js"/g)].flatMap(([, names, folder]) =>
    names.split(", ").map((name) => [name, folder]),
  ),
);
export const byFamily = new Map();
for (const [name, folder] of folderOf) {
  const [family] = folder.split("/");
  byFamily.set(family, [...(byFamily.get(family) ?? []), name]);
}
