// Writes the table of kernels, speed and error by backend, into README.md from bench/results/*.json.
// node scripts/readme-table.mjs [--check] [--readme FILE] [--results FOLDER]; --check writes nothing and fails where something is not as it should be.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    readme: { type: "string", default: join(root, "README.md") },
    results: { type: "string", default: join(root, "bench", "results") },
  },
});
const [begin, end] = ["<!-- kernels -->", "<!-- /kernels -->"];
const last = ["plain-js", "numpy", "reference"];

const json = (file) => JSON.parse(readFileSync(join(values.results, file), "utf8"));
const count = (n) => (n >= 1e6 ? `${+(n / 1e6).toPrecision(3)} M` : n >= 1e3 ? `${+(n / 1e3).toPrecision(3)} k` : String(n));
/** Peers from npm are in the files alone: a column each would leave no room. */
const shown = (backend) => last.includes(backend) || /^(native|tfjs-\w+)$/.test(backend);
const plural = (unit) => (unit === "matrix" ? "matrices" : unit.endsWith("s") ? unit : `${unit}s`);
const ns = (value) => `${value >= 100 ? value.toFixed(0) : value.toPrecision(2)} ns`;
const error = (value) => (value === 0 ? "0" : value.toExponential(0));

/** The reference has no error: it is what the others are compared with. */
function cell(lines, backend) {
  const found = lines.find((line) => line.backend === backend);
  if (!found) return "";
  return backend === "reference" ? ns(found.nsPerRowMin) : `${ns(found.nsPerRowMin)}, error ${error(found.maxError)}`;
}

function table(results, machine) {
  const backends = [...new Set(results.map((line) => line.backend))].filter(shown).sort((a, b) => last.indexOf(a) - last.indexOf(b));
  const workloads = grouped(results);
  const rows = [...workloads.values()].map((lines) => {
    const { kernel, label, unit, size } = lines.find((line) => line.backend === "native") ?? lines[0];
    return `| \`${kernel}\`${label ? ` ${label}` : ""} | ${count(size)} ${plural(unit)} | ${backends.map((b) => cell(lines, b)).join(" | ")} |`;
  });
  return [
    `${machine.processor}, build ${machine.cpu}, one thread, node ${machine.node}, ${machine.platform}, ${machine.date}; the minimum a row, and the worst element against the reference:`,
    "",
    `| kernel | rows | ${backends.join(" | ")} |`,
    `|---|---|${backends.map(() => "---|").join("")}`,
    ...rows,
  ].join("\n");
}

/** Lines of one workload together, in the order of the file. */
function grouped(results) {
  const groups = new Map();
  for (const line of results) {
    const key = `${line.kernel}: ${line.label}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return groups;
}

const files = readdirSync(values.results).filter(
  (file) => file.endsWith(".json") && !file.endsWith(".meta.json") && !file.startsWith("bus"),
);
const tables = files.map((file) => ({ file, results: json(file), machine: json(file.replace(/\.json$/, ".meta.json")) }));

/** A kernel's name is the stem of its file. */
const kernels = [...readFileSync(join(root, "src", "kernels", "index.ts"), "utf8").matchAll(/from "\.\/\w+\/(\w+)\.js"/g)].map(
  (match) => match[1],
);
const wrong = tables.flatMap(({ file, results }) =>
  kernels
    .filter((name) => !results.some((line) => line.kernel === name && line.backend === "native"))
    .map((name) => `${file} has no line of ${name} on native`),
);
if (tables.length === 0) wrong.push(`${values.results} has no results`);

const readme = readFileSync(values.readme, "utf8");
const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
if (from < 0 || to < from) wrong.push(`${values.readme} has no lines ${begin} and ${end}`);
const wanted = `${readme.slice(0, from)}${begin}\n${tables.map(({ results, machine }) => table(results, machine)).join("\n\n")}\n${readme.slice(to)}`;
if (wrong.length === 0 && values.check && wanted !== readme)
  wrong.push("README.md does not show what bench/results has: node scripts/readme-table.mjs");

for (const what of wrong) console.error(`readme-table: ${what}`);
if (wrong.length > 0) process.exitCode = 1;
else if (!values.check) writeFileSync(values.readme, wanted);
