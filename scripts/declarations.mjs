// Writes what the contracts say of inputs, options and outputs into the declarations of the kernels, where editors show it: after tsc.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".d.ts"))) {
  const file = join(folder, path);
  const text = readFileSync(file, "utf8");
  const made = text.replace(/^export declare const (\w+): import\(.*\)\.Kernel<\{$[\s\S]*?^\}>+;$/gm, (block, name) =>
    contracts.has(name) && !block.includes("    /** ") ? told(block.split("\n"), contracts.get(name)).join("\n") : block,
  );
  if (made !== text) writeFileSync(file, made);
}
