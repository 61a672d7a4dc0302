// After tsc: writes what the contracts say of inputs, options and outputs into the declarations of the kernels, where editors show it, and
// leaves out the declarations that no public one leads to.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as kernels from "../dist/src/kernels/index.js";

const folder = fileURLToPath(new URL("../dist/src/kernels", import.meta.url));
const contracts = new Map(Object.entries(kernels).map(([name, { contract }]) => [name, contract]));
const parts = ["inputs", "params", "state", "outputs"];

/** `price of each trade, > 0. Unit: price. Shape: [trade].` */
function said({ doc, unit, shape, default: usual }) {
  const facts = [doc, unit && `Unit: ${unit}`, shape && `Shape: [${shape.join(", ")}]`, usual !== undefined && `Default: ${usual}`];
  return `${facts.filter(Boolean).join(". ")}.`.replaceAll("*/", "* /");
}

/** The declaration of one kernel with a comment above each of its ports and options. */
function told(lines, contract) {
  let part = 0;
  return lines.flatMap((line) => {
    part += line.startsWith("}, ") ? (line.match(/\{/g)?.length ?? 0) : 0;
    const [, name] = /^ {4}readonly (\w+): /.exec(line) ?? [];
    const declared = name && contract[parts[part]]?.[name];
    return declared?.doc ? [`    /** ${said(declared)} */`, line] : [line];
  });
}

/** What push() takes, by name; undefined where it takes none: a kernel without state, or rows wider than a value. */
function rowOf({ state, inputs, rows }) {
  const columns = Object.entries(inputs).filter(([, { shape }]) => shape[0] === rows);
  const needed = columns.findLastIndex(([, { optional }]) => !optional) + 1;
  if (!state || columns.length === 0 || columns.length > 8 || columns.slice(0, needed).some(([, { shape }]) => shape.length > 1)) return;
  const value = ({ dtype }) => (dtype === "i64" ? "number | bigint" : "number");
  const single = columns.filter(([, { shape }]) => shape.length === 1);
  return `[${single.map(([name, port], i) => `${name}${i < needed ? "" : "?"}: ${value(port)}${i < needed && port.optional ? " | undefined" : ""}`).join(", ")}]`;
}

/** The same with the row as the last of the types. */
function withRow(block, contract) {
  const row = rowOf(contract);
  return block.replace(/^(\}>?)(?:, \[.*\])?>;$/m, row ? `$1, ${row}>;` : "$1>;");
}

for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".d.ts"))) {
  const file = join(folder, path);
  const text = readFileSync(file, "utf8");
  const made = text.replace(/^export declare const (\w+): import\(.*\)\.Kernel<\{$[\s\S]*?^\}>?(?:, \[.*\])?>;$/gm, (block, name) =>
    contracts.has(name) && !block.includes("    /** ")
      ? withRow(told(block.split("\n"), contracts.get(name)).join("\n"), contracts.get(name))
      : block,
  );
  if (made !== text) writeFileSync(file, made);
}

const all = fileURLToPath(new URL("../dist/src", import.meta.url));
const reached = new Set();
const entries = readdirSync(join(all, "entries")).filter((name) => name.endsWith(".d.ts"));
const waiting = ["index.d.ts", "browser.d.ts", ...entries.map((name) => join("entries", name))].map((name) => join(all, name));
for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
  if (reached.has(file) || !existsSync(file)) continue;
  reached.add(file);
  for (const [, name] of readFileSync(file, "utf8").matchAll(/(?:from\s+|import\()"(\.[^"]+)\.js"/g))
    waiting.push(join(dirname(file), `${name}.d.ts`));
}
for (const path of readdirSync(all, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".d.ts")))
  if (!reached.has(join(all, path))) rmSync(join(all, path));

// Of Node's classes only this one is left, in what the bus says to its client: users compile without the types of Node too.
for (const file of reached) {
  const text = readFileSync(file, "utf8");
  if (/\bBuffer\b/.test(text)) writeFileSync(file, text.replace(/\bBuffer\b/g, "Uint8Array"));
}
