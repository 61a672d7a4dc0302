// Writes what bench/results/*.json say: a table of a few workloads into README.md, and all of them into docs/benchmarks.md.
// node scripts/readme_table.mjs [--check] [--readme FILE] [--page FILE] [--results FOLDER]; --check writes nothing and fails where something is not as it should be.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    readme: { type: "string", default: join(root, "README.md") },
    page: { type: "string", default: join(root, "docs", "benchmarks.md") },
    results: { type: "string", default: join(root, "bench", "results") },
  },
});
const [begin, end] = ["<!-- kernels -->", "<!-- /kernels -->"];
/** The README has room for one workload of each kind of work. */
const chosen = [
  "volume_buckets + bucket_vpin: signed trades, 200 a bucket",
  "time_bars + bulk_volume_classification: one-minute bars of 1,000 trades",
  "replay: CSV file to VPIN",
  "historical_risk: one asset",
  "monte_carlo_risk: 100 assets, full correlation",
  "sample_covariance: 100 assets",
  "black_scholes: in cache",
  "margin_grid: 100,000 positions, 16 scenarios",
  "momentum: 3,000 assets, 504 of 2,520 dates",
  "factor_returns: 10 styles",
];

const json = (file) => JSON.parse(readFileSync(join(values.results, file), "utf8"));
const count = (n) => (n >= 1e6 ? `${+(n / 1e6).toPrecision(3)} M` : n >= 1e3 ? `${+(n / 1e3).toPrecision(3)} k` : String(n));
const plural = (unit) => (unit === "matrix" ? "matrices" : unit.endsWith("s") ? unit : `${unit}s`);
const digits = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(2));
const units = [
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "us"],
  [1, "ns"],
];
function time(ns) {
  const [scale, unit] = units.find(([least]) => ns >= 0.9995 * least) ?? units.at(-1);
  return `${digits(ns / scale)} ${unit}`;
}
const times = (value) => `${value >= 10 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(2)} x`;
const error = (value) => (value === 0 ? "0" : value.toExponential(0));

/** Lines of one workload together, in the order of the file: the native one, the reference, and those of others. */
function workloads(results) {
  const groups = new Map();
  for (const line of results) {
    const key = `${line.kernel}: ${line.label}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups].map(([key, lines]) => {
    const of = (backend) => lines.find((line) => line.backend === backend);
    const native = of("native");
    const others = lines.filter((line) => !["native", "reference", "wasm"].includes(line.backend));
    return { key, native: native ?? lines[0], runs: native !== undefined, reference: of("reference"), wasm: of("wasm"), others };
  });
}

const name = ({ native: { kernel, label } }) => `\`${kernel}\`${label ? ` ${label}` : ""}`;
const rows = ({ native: { unit, size } }) => `${count(size)} ${plural(unit)}`;
const limit = ({ limitFraction, limitedBy }) => (limitFraction > 0 ? `${(100 * limitFraction).toFixed(0)} % of ${limitedBy}` : "");
const other = (line) => `${line.backend} ${time(line.nsPerRowMin)}`;
const slower = ({ native, reference }) => (reference ? times(reference.nsPerRowMin / native.nsPerRowMin) : "");
const wasmOf = ({ native, wasm }) => (wasm ? `${time(wasm.nsPerRowMin)}, ${times(wasm.nsPerRowMin / native.nsPerRowMin)}` : "");
const row = (cells) => `| ${cells.join(" | ")} |`;
const machineLine = (machine) =>
  `${machine.processor}, build ${machine.cpu}, one thread, node ${machine.node}, ${machine.platform}, ${machine.date}`;

function short(results, machine) {
  const all = workloads(results);
  const found = chosen.flatMap((key) => all.filter((one) => one.key === key && one.runs));
  if (found.length === 0) return [];
  return [
    `${machineLine(machine)}; the least time of several:`,
    "",
    row(["workload", "rows", "native, a row", "others", "the reference takes"]),
    "|---|---|---|---|---|",
    ...found.map((one) => row([name(one), rows(one), time(one.native.nsPerRowMin), one.others.map(other).join(", "), slower(one)])),
  ].join("\n");
}

function whole(results, machine) {
  const all = workloads(results);
  const inWasm = hasWasm(results);
  return [
    `## ${machineLine(machine)}${inWasm ? ", beside WebAssembly" : ""}`,
    "",
    ...(inWasm ? [wasmLine(all), ""] : []),
    row([
      ...["workload", "rows", "native, a row", "median", "of the limit", "error"],
      ...(inWasm ? ["wasm: time, of native's"] : []),
      ...["others: time, error", "the reference takes"],
    ]),
    `|---|---|---|---|---|---|---|---|${inWasm ? "---|" : ""}`,
    ...all.map((one) => {
      const { native, others } = one;
      const beside = others.map((line) => `${other(line)}, ${error(line.maxError)}`).join("; ");
      const measured = [time(native.nsPerRowMin), time(native.nsPerRowMedian), limit(native), error(native.maxError)];
      return row([name(one), rows(one), ...measured, ...(inWasm ? [wasmOf(one)] : []), beside, slower(one)]);
    }),
  ].join("\n");
}
const hasWasm = (results) => results.some(({ backend }) => backend === "wasm");

/** What all lines of WebAssembly say together. */
function wasmLine(all) {
  const both = all.filter(({ wasm, runs }) => wasm && runs);
  const ratio = ({ native, wasm }) => wasm.nsPerRowMin / native.nsPerRowMin;
  const sorted = both.toSorted((a, b) => ratio(a) - ratio(b));
  const faster = ({ reference }, line) => reference.nsPerRowMin / line.nsPerRowMin;
  const fast = both.filter((one) => one.reference && faster(one, one.native) >= 20);
  const slow = fast.filter((one) => faster(one, one.wasm) < 5);
  const worst = sorted.at(-1);
  return [
    `WebAssembly takes ${times(ratio(sorted[sorted.length >> 1]))} what native takes by the median of ${sorted.length} workloads, at most`,
    `${times(ratio(worst))} (${name(worst)}). Of the ${fast.length} in which native is 20 x as fast as the reference or more, it is 5 x as fast`,
    `as the reference or more in ${fast.length - slow.length}${slow.length > 0 ? ` (not in ${slow.map(name).join(", ")})` : ""}.`,
  ].join(" ");
}

const files = readdirSync(values.results).filter(
  (file) => file.endsWith(".json") && !file.endsWith(".meta.json") && !file.startsWith("bus"),
);
const tables = files
  .map((file) => ({ file, results: json(file), machine: json(file.replace(/\.json$/, ".meta.json")) }))
  .sort((a, b) => b.results.length - a.results.length);

/** A kernel's name is the stem of its file. */
const kernels = [...readFileSync(join(root, "src", "kernels", "index.ts"), "utf8").matchAll(/from "\.\/[\w/]+\/(\w+)\.js"/g)].map(
  (match) => match[1],
);
/** A machine may have run some kernels alone: those that came after the whole run of another. */
const wrong = kernels
  .filter((name) => !tables.some(({ results }) => results.some((line) => line.kernel === name && line.backend === "native")))
  .map((name) => `${tables.map(({ file }) => file).join(", ")}: no line of ${name} on native`);
if (tables.length === 0) wrong.push(`${values.results} has no results`);

const readme = readFileSync(values.readme, "utf8");
const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
if (from < 0 || to < from) wrong.push(`${values.readme} has no lines ${begin} and ${end}`);
const wantedReadme = `${readme.slice(0, from)}${begin}\n${tables.flatMap(({ results, machine }) => (hasWasm(results) ? [] : short(results, machine))).join("\n\n")}\n${readme.slice(to)}`;
const wantedPage = [
  "# Benchmarks",
  "Times of one row, on one thread, by `npm run bench`; it compares every result with the reference before it times anything, and `error` is the worst element of that comparison. Median beside minimum, because machines are shared. `of the limit` sets the time against what the machine itself could do with as many bytes or as much arithmetic, measured in the same run (`memory` or `compute`, whichever is slower). `others` are TensorFlow.js, numpy, packages from npm and plain JavaScript on the same task. The last column is how many times as long the reference takes, which is the specification and written to be read.",
  "`npm run bench -- --quick` takes three minutes at most, however busy the machine is: it cuts repetitions, puts several lines in one process, and counts the lines for which no time was left. `npm run bench:compare -- OLD.json NEW.json` sets two files of `--json FILE` beside each other: a line has changed where its minimum moved by more than 10 % and by more than the median of either file lies above its minimum. It ends with exit code 1 where a line is slower, so that it can hold a merge back; of several new files the fastest line counts. Files of another machine, build, version of Node or kind of run are compared with a warning and fail nothing. Lines on another number of rows are left out; of lines without a median it says that 10 % is all that is known of their noise.",
  ...tables.map(({ results, machine }) => whole(results, machine)),
  "",
].join("\n\n");
const page = existsSync(values.page) ? readFileSync(values.page, "utf8") : "";
if (wrong.length === 0 && values.check) {
  const stale = [wantedReadme !== readme && "README.md", wantedPage.trimEnd() !== page.trimEnd() && "docs/benchmarks.md"].filter(Boolean);
  for (const file of stale) wrong.push(`${file} does not show what bench/results has: node scripts/readme_table.mjs`);
}

for (const what of wrong) console.error(`readme_table: ${what}`);
if (wrong.length > 0) process.exitCode = 1;
else if (!values.check) {
  writeFileSync(values.readme, wantedReadme);
  writeFileSync(values.page, `${wantedPage.trimEnd()}\n`);
}
