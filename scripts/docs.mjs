// Writes docs/kernels/<family>.md from the contracts, docs/engines.md from what engines declare, docs/system.md and system.schema.json from the keys of system files: node scripts/docs.mjs [--check]. Needs dist.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as kernels from "../dist/src/kernels/index.js";
import { enginesPage } from "./pages/engines_page.mjs";
import { compositions } from "./pages/risk_page.mjs";
import { systemPages } from "./pages/system_page.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const titles = { math: "Mathematics", flow: "Order flow", risk: "Risk", factor: "Factors", portfolio: "Portfolio" };
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
const cell = (text) => String(text).replaceAll("|", "\\|");
const row = (...cells) => `| ${cells.map(cell).join(" | ")} |`;

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

function table(head, rows) {
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

function section(name, { contract }) {
  const parts = [`## ${name}`, `\`${contract.name}\`. ${contract.doc}`, `Source: ${contract.source}.`];
  parts.push(`Calls: \`${name}(inputs, options)\`, \`.async\`, \`.bind\`${streamOf(contract)}.`);
  parts.push(table(["input", "type", "shape", "unit", "meaning"], Object.entries(contract.inputs).map(inputRow)));
  if (Object.keys(contract.params).length)
    parts.push(table(["option", "values", "default", "meaning"], Object.entries(contract.params).map(paramRow)));
  parts.push(table(["output", "type", "shape", "unit", "meaning"], Object.entries(contract.outputs).map(outputRow)));
  const limits = Object.entries(contract.compare).map(([key, { f64, f32 }]) => row(`\`${key}\``, toleranceOf(f64), toleranceOf(f32)));
  parts.push(
    contract.state
      ? "Native results against the reference, a stream's against one call, worst element:"
      : "Native results against the reference, worst element:",
    table(["output", "f64", "f32"], limits),
  );
  parts.push(`Golden numbers: ${contract.golden.map((g) => g.source).join("; ")}.`);
  return parts.join("\n\n");
}

const exported = [...readFileSync(`${root}src/kernels/index.ts`, "utf8").matchAll(/export \{ (.+?) \} from "\.\/(\w+)\//g)];
const kernelNamed = new Map(Object.entries(kernels));
const byFamily = new Map();
for (const [, names, family] of exported)
  for (const name of names.split(", ")) byFamily.set(family, [...(byFamily.get(family) ?? []), name]);

byFamily.get("risk").push(...compositions.keys());

mkdirSync(`${root}docs/kernels`, { recursive: true });
const pages = await systemPages(root);
pages.set(`${root}docs/engines.md`, enginesPage());
for (const [family, names] of byFamily) {
  const file = `${root}docs/kernels/${family}.md`;
  const head = `# ${titles[family] ?? family}\n\nWritten from the contracts by \`npm run docs\`; edit those. All times are epoch nanoseconds UTC. NaN is an answer, never an error; wrong input is refused with its row, and so is NaN in a column that is checked.`;
  pages.set(
    file,
    `${[head, ...names.toSorted().map((name) => compositions.get(name) ?? section(name, kernelNamed.get(name)))].join("\n\n")}\n`,
  );
}
let stale = 0;
for (const [file, text] of pages) {
  if (process.argv.includes("--check")) stale += !existsSync(file) || readFileSync(file, "utf8") !== text;
  else writeFileSync(file, text);
}
if (stale) {
  console.error(`docs: ${stale} page(s) differ from the declarations; run npm run docs`);
  process.exit(1);
}
