/** `npm run bench:compare -- OLD NEW`: what changed between two files of `npm run bench -- --json` by more than the times vary by themselves. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { ns } from "../table.js";
import { allowance, type Change, type Compared, compare, fastest, type Line } from "./changes.js";

export const help = `npm run bench:compare -- OLD.json NEW.json [NEW.json ...]

Prints which lines of NEW are slower or faster than those of OLD by more than the times vary by themselves, all files from
npm run bench -- --json FILE. Of several NEW files the faster of two equal lines counts: what was slow by chance is seldom so again. A line has changed where its minimum moved by more than ${100 * allowance} %, and by more than the median of either
file lies above its minimum. Lines of packages that are not ours and lines of another size are left out, and counted.
  --help

Where the .meta.json beside a file is missing or names another machine, build, version of Node or kind of run, that is told, and slower lines do not
fail the comparison: such times say nothing about the code.
Exit: 0 nothing is slower, 1 a line is slower, 2 usage, or a file that cannot be compared.`;

/** A file or a command line that cannot be used; the message says why. */
class Unusable extends Error {}

interface File {
  path: string;
  lines: Line[];
  /** Undefined where the file beside it is missing. */
  machine: Record<string, unknown> | undefined;
}

function parsed(path: string): unknown {
  if (!existsSync(path)) throw new Unusable(`${path}: there is no such file`);
  if (statSync(path).isDirectory()) throw new Unusable(`${path}: is a directory`);
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Unusable(`${path}: is not JSON: ${(error as Error).message}`);
  }
}

function read(path: string): File {
  const lines = parsed(path);
  if (!Array.isArray(lines)) throw new Unusable(`${path}: holds no array of lines, as npm run bench -- --json FILE writes it`);
  lines.forEach((line, i) => {
    for (const key of ["kernel", "label", "backend"])
      if (typeof line?.[key] !== "string") throw new Unusable(`${path}: line ${i + 1} has no '${key}'`);
    for (const key of ["size", "nsPerRowMin"])
      if (!(line[key] > 0))
        throw new Unusable(`${path}: line ${i + 1} (${line.kernel}) has ${line[key]} as '${key}', expected a number above 0`);
  });
  const meta = path.replace(/(\.json)?$/, ".meta.json");
  return { path, lines, machine: existsSync(meta) ? (parsed(meta) as Record<string, unknown>) : undefined };
}

/** What must be equal for times to be comparable; of Node's version, the major. */
const conditions: Record<string, (machine: Record<string, unknown>) => unknown> = {
  processor: (machine) => machine.processor,
  cores: (machine) => machine.cores,
  build: (machine) => machine.cpu,
  platform: (machine) => machine.platform,
  node: (machine) => String(machine.node).split(".")[0],
  "--quick": (machine) => machine.quick,
};

/** Why the times say nothing about the code; empty where they do. */
function warnings(old: File, now: File): string[] {
  const without = [old, now].filter(({ machine }) => !machine).map(({ path }) => path);
  if (without.length > 0) return [`${without.join(" and ")}: no .meta.json beside it, so it is not known what it was measured on`];
  return Object.entries(conditions).flatMap(([name, of]) => {
    const [before, after] = [of(old.machine!), of(now.machine!)];
    return before === after ? [] : [`measured under other conditions: ${name} was ${before}, is ${after}`];
  });
}

const percent = (ratio: number): string => `${ratio >= 1 ? "+" : ""}${(100 * (ratio - 1)).toFixed(0)} %`;
const row = (cells: readonly string[]): string =>
  `  ${cells[0]!.padEnd(8)} ${cells[1]!.padStart(9)} ${cells[2]!.padStart(9)} ${cells[3]!.padStart(8)} ${cells[4]!.padStart(7)}  ${cells[5]}`;
const table = (title: string, changes: readonly Change[]): string[] =>
  changes.length === 0
    ? []
    : [
        title,
        row(["backend", "old", "new", "change", "noise", "line (ns a row, minimum)"]),
        ...changes.map(({ key, backend, old, now, ratio, noise }) =>
          row([backend, ns(old), ns(now), percent(ratio), `${(100 * noise).toFixed(0)} %`, key]),
        ),
      ];

function text(compared: Compared, warned: readonly string[]): string {
  const { slower, faster, same, others, sizes, gone, added, unspread, middle } = compared;
  const counted = (count: number, what: string) => (count > 0 ? [`${count} ${what}`] : []);
  const named = (keys: readonly string[], what: string) => (keys.length > 0 ? [`${keys.length} ${what}: ${keys.join("; ")}`] : []);
  return [
    ...warned.map((warning) => `warning: ${warning}`),
    ...table("slower:", slower),
    ...table("faster:", faster),
    `${slower.length} slower, ${faster.length} faster, ${same} within the noise; the line in the middle: ${percent(middle)}`,
    ...counted(others, "lines of other packages left out"),
    ...named(sizes, "lines of another size left out"),
    ...named(gone, "lines of OLD are not in NEW"),
    ...named(added, "lines of NEW are not in OLD"),
    ...counted(unspread, `lines have no median in one of the files: for those, ${100 * allowance} % is all that is known of the noise`),
  ].join("\n");
}

export function main(args: readonly string[]): number {
  try {
    const { values, positionals } = parse(args);
    if (values.help) {
      process.stdout.write(`${help}\n`);
      return 0;
    }
    if (positionals.length < 2) throw new Unusable(`takes two files or more, OLD.json and NEW.json, and was given ${positionals.length}`);
    const [old, ...now] = positionals.map(read) as [File, ...File[]];
    const compared = compare(old.lines, fastest(now.map(({ lines }) => lines)));
    if (compared.slower.length + compared.faster.length + compared.same === 0)
      throw new Unusable(`${old.path} and ${now.map(({ path }) => path).join(", ")} have no line in common that can be compared`);
    const warned = [...new Set(now.flatMap((one) => warnings(old, one)))];
    process.stdout.write(`${text(compared, warned)}\n`);
    return compared.slower.length > 0 && warned.length === 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    process.stderr.write(`bench:compare: ${error.message}\n`);
    return 2;
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: { help: { type: "boolean", short: "h", default: false } } });
  } catch (error) {
    throw new Unusable(`${(error as Error).message}\n\n${help}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exitCode = main(process.argv.slice(2));
