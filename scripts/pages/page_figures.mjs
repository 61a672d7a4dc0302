// Writes what bench/results/page/*.json say (npm run bench:page -- --json FILE) into docs/page.md; --check writes nothing and fails where it says something else.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "bench/results/page");
const page = join(root, "docs/page.md");
const [begin, end] = ["<!-- figures -->", "<!-- /figures -->"];

const number = (value) => value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
/** Of several runs the least and the median; a machine that others use makes one run slow. */
const of = (runs, name) => {
  const sorted = runs.map((run) => run[name]).sort((a, b) => a - b);
  return sorted.length === 1 ? number(sorted[0]) : `${number(sorted[0])}, median ${number(sorted[sorted.length >> 1])}`;
};
const rows = [
  ["frames", "8 panels with 10,000 rows a line: a frame, 95 of 100", "16.7 ms", "p95ms", "ms"],
  ["frames", "the same: processor time of the tab a frame", "", "processorMsPerFrame", "ms"],
  ["event to pixel", "from a row's commit to the picture, 99 of 100", "60 ms", "p99ms", "ms"],
  ["event to pixel", "the same, half of them", "", "p50ms", "ms"],
  ["rate", "1 M rows a second in, 12 lines: sent to a client", "500 kB/s", "kilobytesPerSecond", "kB/s"],
  ["rate", "the same: rows missed", "0", "missed", ""],
  ["rate", "the same: share of one core that the server takes", "", "serverProcessorShare", ""],
  ["rate", "the same: drawing a tick for a client, 99 of 100", "", "drawP99ms", "ms"],
  ["clients", "20 clients, one stalled: memory that the server adds", "2 MB", "stalledMegabytes", "MB"],
  ["clients", "the same: between two frames of the others, 99 of 100", "", "gapP99ms", "ms"],
  ["seek", "any stretch of a recording, asked and answered: half of them", "100 ms", "p50ms", "ms"],
  ["seek", "the same: 99 of 100", "", "p99ms", "ms"],
  ["seek", "the same: work of the server, 99 of 100", "", "drawP99ms", "ms"],
  ["seek", "the same: rows of the recording", "", "rows", ""],
  ["memory", "heap of the tab at 20 times the market's speed, collected: after the first third", "", "firstMegabytes", "MB"],
  ["memory", "the same: at the end", "no growth", "lastMegabytes", "MB"],
  ["memory", "the same: minutes of the market", "", "marketMinutes", ""],
  ["size", "the page, gzipped", "120 kB", "kilobytes", "kB"],
];
function tableOf(file) {
  const { machine, results } = JSON.parse(readFileSync(join(folder, file), "utf8"));
  const loads = results.map(({ load }) => load);
  const lines = rows.flatMap(([path, words, wanted, name, unit]) => {
    const runs = results.filter((one) => one.path === `page/${path}`);
    return runs.length === 0 ? [] : [`| ${words} | ${wanted} | ${of(runs, name)}${unit && ` ${unit}`} |`];
  });
  const where = `${machine.processor}, ${machine.cores} cores, node ${machine.node}, Chromium without a graphics processor, ${machine.date}`;
  const load = `other programs ran beside it: load ${number(Math.min(...loads))} to ${number(Math.max(...loads))}`;
  return [`${where}; ${load}.`, "", "| figure | wanted at most | measured |", "| --- | --- | --- |", ...lines].join("\n");
}

const text = readFileSync(page, "utf8");
const [from, to] = [text.indexOf(begin), text.indexOf(end)];
if (from < 0 || to < from) throw new Error(`${page} has no lines ${begin} and ${end}`);
const tables = readdirSync(folder).sort().map(tableOf);
const wanted = `${text.slice(0, from)}${begin}\n\n${tables.join("\n\n")}\n\n${text.slice(to)}`;
if (!process.argv.includes("--check")) writeFileSync(page, wanted);
else if (wanted !== text) {
  console.error("docs/page.md does not show what bench/results/page has: node scripts/pages/page_figures.mjs");
  process.exitCode = 1;
}
