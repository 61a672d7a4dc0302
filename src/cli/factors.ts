/** tickforge factors: a panel of assets -> signal quality, factor returns, risk split; screen, page, table. */
import { rmSync } from "node:fs";
import { readPanel } from "../data/panel.js";
import { type FactorOptions, factorInput } from "../engines/factor_input.js";
import { factorStudy } from "../engines/factor_study.js";
import type { FactorReport } from "../report/factors.js";
import { factorsPage } from "../report/factors.js";
import { chooseBackend } from "./backend.js";
import { version } from "./commands.js";
import { exit, UsageError } from "./exit.js";
import { factorsJson, factorsScreen } from "./factors-screen.js";
import { checkTargets, complete, PartFile, partOf } from "./files.js";
import { toSecond } from "./format.js";
import { Progress } from "./progress.js";
import type { Values } from "./replay.js";
import { reportFile } from "./report.js";
import { shellWord } from "./screen.js";
import type { Terminal } from "./terminal.js";

const text = (value: Values[string]): string | undefined => (value === undefined ? undefined : String(value));

export async function factors(values: Values, words: readonly string[], line: readonly string[], terminal: Terminal): Promise<number> {
  const started = performance.now();
  terminal.quiet = values.quiet === true;
  if (words.length === 0) throw new UsageError("factors needs a PANEL", "tickforge factors panel.csv --factors momentum,size");
  const options = optionsOf(values);
  const targets = { report: text(values.report), out: text(values.out) };
  const files = [...words, text(values.sectors)].filter((path) => path !== undefined);
  checkTargets(targets, files, values.force === true);
  chooseBackend(text(values.backend), terminal);

  const at = { bytes: 0, totalBytes: 0, rows: 0 };
  let label = `reading ${files[0]}`;
  const progress = terminal.quiet
    ? undefined
    : new Progress(
        terminal.stderr,
        () => label,
        () => at,
      );
  try {
    const panel = await readPanel(files, {
      date: text(values.date),
      asset: text(values.asset),
      onProgress: ({ read, total, rows }) => void Object.assign(at, { bytes: read, totalBytes: total ?? 0, rows }),
    });
    const { input, coverage, sectors } = factorInput(panel, options);
    const onProgress = (done: number, total: number, what: string) => {
      label = `computing ${what}`;
      Object.assign(at, { bytes: done, totalBytes: total, rows: panel.rows });
    };
    const study = factorStudy({ ...input, onProgress });
    const report: FactorReport = {
      commandLine: ["tickforge", ...line.map(shellWord)].join(" "),
      version: version(),
      files: await Promise.all(files.map((path, i) => reportFile(path, panel.notes[i]!))),
      options,
      time: panel.time,
      sectors,
      coverage,
      study,
    };
    const written = write(targets, report);
    progress?.end();
    const seconds = (performance.now() - started) / 1000;
    terminal.answer(values.json ? factorsJson(report, written, seconds) : factorsScreen(report, written, seconds));
    return exit.ok;
  } finally {
    progress?.end();
  }
}

/** Values that a kernel would refuse are refused here, before anything is read. */
function optionsOf(values: Values): FactorOptions & { horizons: readonly number[] } {
  const list = (name: string): string[] | undefined =>
    text(values[name])
      ?.split(",")
      .map((word) => word.trim())
      .filter((word) => word !== "");
  const factors = list("factors");
  if (!factors || factors.length === 0)
    throw new UsageError("--factors names no factor", "columns of the panel, or momentum and size: --factors momentum,size");
  const twice = factors.find((name, i) => factors.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`--factors names ${twice} twice`, "name each factor once");
  const horizons = (list("horizons") ?? ["1", "5", "10", "20"]).map(Number);
  if (!horizons.every((h, i) => Number.isInteger(h) && h >= 1 && h <= 10_000 && (i === 0 || h > horizons[i - 1]!)))
    throw new UsageError(`--horizons is ${text(values.horizons)}, expected whole numbers of dates, rising`, "such as 1,5,10");
  const whole = (name: string, flag: string, fallback: number, least: number, most: number): number => {
    const value = (values[name] as number | undefined) ?? fallback;
    if (value < least || value > most) throw new UsageError(`--${flag} is ${value}, expected ${least} to ${most}`);
    return value;
  };
  return {
    factors,
    horizons,
    quantiles: whole("quantiles", "quantiles", 5, 2, 100),
    window: whole("window", "window", 504, 1, 10_000),
    lag: whole("lag", "lag", 20, 0, 10_000),
    halfLife: whole("halfLife", "half-life", 126, 1, 1_000_000),
    mode: (text(values.mode) ?? "joint") as FactorOptions["mode"],
    price: text(values.price),
    return: text(values.return),
    cap: text(values.cap),
    sector: text(values.sector),
  };
}

/** What is asked for is complete or not there. */
function write({ report, out }: { report: string | undefined; out: string | undefined }, of: FactorReport): string[] {
  const pieces: [string, string][] = [];
  if (report !== undefined) pieces.push([report, factorsPage(of)]);
  if (out !== undefined) pieces.push([out, returnsTable(of)]);
  try {
    for (const [path, content] of pieces) {
      const file = new PartFile(path);
      file.write(content);
      file.close();
    }
    for (const [path] of pieces) complete(path);
  } catch (error) {
    for (const [path] of pieces) rmSync(partOf(path), { force: true });
    throw error;
  }
  return pieces.map(([path]) => path);
}

/** A row for each date: market, factors, R^2. An empty cell: none. */
function returnsTable({ time, study }: FactorReport): string {
  const cell = (value: number) => (Number.isFinite(value) ? String(value) : "");
  const head = ["date", ...study.returns.map(({ name }) => name), "r_squared", "assets"].join(",");
  const rows = Array.from(time, (ns, t) =>
    [toSecond(ns).slice(0, 10), ...study.returns.map(({ values }) => cell(values[t]!)), cell(study.rSquared[t]!), study.used[t]].join(","),
  );
  return `${[head, ...rows].join("\n")}\n`;
}
