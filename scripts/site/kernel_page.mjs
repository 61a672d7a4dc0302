// The site's page of a kernel: what its contract says, its formula, an example, its speed, and what other libraries call it. Needs dist.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { callsOf, folderOf, goldenOf, kernelNamed, limits, portTables, row, table, titles } from "../pages/kernel_sections.mjs";
import { exampleOf } from "./example.mjs";
import { formulas } from "./formulas.mjs";

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const results = JSON.parse(readFileSync(at("bench/results/x86-64.json"), "utf8"));
const machine = JSON.parse(readFileSync(at("bench/results/x86-64.meta.json"), "utf8"));

/** The WebAssembly module that holds a folder of kernels. */
const moduleOf = new Map(
  [...readFileSync(at("native/wasm/CMakeLists.txt"), "utf8").matchAll(/^set\(FOLDERS_(\w+) (.+)\)$/gm)].flatMap(([, family, folders]) =>
    folders.split(" ").map((folder) => [folder, family]),
  ),
);
export const wasmFamilyOf = (name) => moduleOf.get(folderOf.get(name));

const units = [
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "us"],
  [1, "ns"],
];
function time(ns) {
  const [size, unit] = units.find(([least]) => ns >= least) ?? [1, "ns"];
  return `${+(ns / size).toPrecision(3)} ${unit}`;
}

function speed(kernel) {
  const of = results.filter((one) => one.kernel === kernel);
  const lines = of
    .filter(({ backend }) => backend === "native")
    .map((one) => {
      const reference = of.find(({ backend, label, size }) => backend === "reference" && label === one.label && size === one.size);
      const error = one.maxError === undefined ? "" : one.maxError === 0 ? "none" : one.maxError.toPrecision(1);
      const work = `${one.size.toLocaleString("en-US")} rows of ${one.unit}${one.label && `, ${one.label}`}`;
      return row(
        work,
        time(one.nsPerRowMin),
        reference ? time(reference.nsPerRowMin) : "",
        reference ? `${+one.speedup.toPrecision(2)} x` : "",
        error,
      );
    });
  if (lines.length === 0) return [];
  return [
    "## Speed",
    table(["work", "native, a row", "reference, a row", "faster", "largest error seen"], lines),
    `Least of several runs on ${machine.processor}, ${machine.cores} cores, Node ${machine.node}, build ${machine.cpu}, ${machine.date}. [Benchmarks](/benchmarks) says how that was measured, and has the medians.`,
  ];
}

/** Rows of docs/coming-from-python.md in whose column "here" the kernel is named, with the library. */
const coming = readFileSync(at("docs/coming-from-python.md"), "utf8")
  .split(/^## /m)
  .slice(1)
  .flatMap((text) => {
    const [title] = text.split("\n", 1);
    const rows = [...text.matchAll(/^\| (.+?) \| (.+?) \| (.+) \|$/gm)].map(([, there, here, differs]) => ({
      title,
      there,
      here,
      differs,
    }));
    return rows.filter(({ there }) => there !== "there" && !there.startsWith("---"));
  });
function comingFrom(name) {
  const found = coming.filter(({ here }) => new RegExp(`\`${name}\\b`).test(here));
  if (found.length === 0) return [];
  const lines = found.map(({ title, there, here, differs }) => `| ${title} | ${there} | ${here} | ${differs} |`);
  return ["## Coming from other libraries", table(["library", "there", "here", "what differs"], lines)];
}

function missing({ inputs, outputs }) {
  const checked = Object.entries(inputs).filter(([, { check }]) => check && Object.keys(check).length > 0);
  const nan = Object.entries(outputs).filter(([, { doc }]) => /NaN/.test(doc));
  const refused =
    checked.length === 0
      ? "No input is checked for its values."
      : `A value that is not allowed in ${checked.map(([port]) => `\`${port}\``).join(", ")}, NaN among them, is an error with its row; nothing has changed then.`;
  return ["## NaN and errors", `NaN is an answer, never an error. ${refused}`, ...nan.map(([port, { doc }]) => `- \`${port}\`: ${doc}.`)];
}

/** TeX that no line may break. */
const typeset = (formula) => `$$\n${formula}\n$$`;

export function kernelPage(name) {
  const kernel = kernelNamed.get(name);
  const { contract } = kernel;
  const family = wasmFamilyOf(name);
  const [inputs, ...others] = portTables(contract);
  return [
    `# ${name}`,
    `\`${contract.name}\` — ${titles[folderOf.get(name).split("/")[0]]}. ${contract.doc}`,
    ...(formulas[contract.name] ? [typeset(formulas[contract.name])] : []),
    `Source: ${contract.source}.`,
    "## Example",
    `\`\`\`ts\n${exampleOf(name, kernel).code}\n\`\`\``,
    `${callsOf(name, contract)} In a page: \`import { loadWasm, ${name} } from "tickforge/browser"\`, then \`await loadWasm({ families: ["${family}"] })\`.`,
    "## Inputs, options, outputs",
    inputs,
    ...others,
    ...missing(contract),
    "## Exactness",
    ...limits(contract),
    goldenOf(contract),
    ...speed(contract.name),
    ...comingFrom(name),
  ].join("\n\n");
}
