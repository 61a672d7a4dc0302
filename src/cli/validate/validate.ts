/** tickforge validate FILE: every bad row of trade files with its place, and what else is odd about them. Memory does not grow with a file. */

import { DataError, TickforgeError } from "../../core/contract/errors.js";
import { Course, rowsPerSlot } from "../../engines/trades.js";
import { remarksOf } from "../../files/layout/remarks.js";
import { readTrades } from "../../files/read/trades.js";
import type { FileFacts } from "../../files/trades/reading.js";
import { keepOpen } from "../../importer/keep.js";
import { totalOf } from "../../importer/sources.js";
import { Sessions } from "../../market/sessions.js";
import { Alike } from "../../studies/tape/alike.js";
import type { Finding } from "../findings/finding.js";
import { findings, findingsJson } from "../findings/findings.js";
import { text, type Values } from "../kit/args.js";
import { chooseBackend } from "../kit/backend.js";
import { columnsOf } from "../kit/column_options.js";
import { foreignFlag, type Given } from "../kit/command.js";
import { exit, exitCodeOf, UsageError } from "../kit/exit.js";
import { amount, count, plural, seconds, toSecond } from "../kit/format.js";
import { Progress } from "../kit/progress.js";
import { errorScreen, pointed } from "../kit/screen.js";
import type { Terminal } from "../kit/terminal.js";
import { WholeTape } from "./whole_tape.js";

type Facts = Awaited<ReturnType<typeof readTrades>>;

interface Checked {
  file: string;
  facts: Facts;
  found: Finding[];
  course: ReturnType<Course["summary"]>;
  volume: number;
  seconds: number;
}

const listedDefault = 20;

export async function validate(given: Given): Promise<number> {
  const { values, words, terminal } = given;
  const foreign = foreignFlag(given, ["input", "output"]);
  if (foreign) throw new UsageError(`--${foreign.name} is a flag of validate bus`, "tickforge validate bus --quick");
  if (words.length === 0)
    throw new UsageError("validate needs a FILE, or the word bus", "tickforge validate trades.csv.gz, tickforge validate bus");
  const most = (values.most as number | undefined) ?? listedDefault;
  if (most < 0) throw new UsageError(`--most is ${most}, expected 0 or more`);
  const session = values.session === undefined ? undefined : new Sessions(String(values.session));
  chooseBackend(text(values.backend), terminal);
  let worst: number = exit.ok;
  const answers: unknown[] = [];
  for (const file of words) {
    const one = await check(file, values, most, session, terminal).catch((error: unknown) => failed(file, error));
    if (values.json) answers.push(asJson(one));
    else
      terminal.screen(
        `${answers.push(one) > 1 ? "\n" : ""}${"error" in one ? errorScreen(one.error, terminal) : screen(one, most, terminal)}`,
      );
    worst = Math.max(worst, "error" in one ? exitCodeOf(one.error) : one.facts.refused > 0 ? exit.badData : exit.ok);
  }
  if (values.json)
    terminal.answer(`${JSON.stringify({ schema: 1, command: "validate", ok: worst === exit.ok, files: answers }, null, 2)}\n`);
  return worst;
}

/** A file that cannot be read at all does not keep the others from being looked at. */
function failed(file: string, error: unknown): { file: string; error: TickforgeError } {
  if (!(error instanceof TickforgeError)) throw error;
  return { file, error };
}

async function check(file: string, values: Values, most: number, session: Sessions | undefined, terminal: Terminal): Promise<Checked> {
  const started = performance.now();
  const course = new Course(session);
  const alike = new Alike();
  const whole = new WholeTape();
  let outside = 0;
  const slot = { columns: slotColumns() };
  const commit = (rows: number) => {
    const kept = session ? keepOpen(slot.columns, rows, session) : rows;
    outside += rows - kept;
    course.take(slot.columns, kept);
    alike.take(slot.columns, kept);
    whole.take(slot.columns, kept);
  };
  const at = { bytes: 0, totalBytes: 0, rows: 0 };
  const progress = terminal.quiet
    ? undefined
    : new Progress(
        terminal.stderr,
        () => `validating ${file}`,
        () => at,
      );
  const facts = await readTrades(
    file,
    { claim: () => slot, commit },
    {
      ...columnsOf(values),
      ...{ onBad: "report", keep: most, bars: true },
      onProgress: ({ read, total, rows }) => Object.assign(at, { bytes: read, totalBytes: total ?? 0, rows }),
    },
  ).finally(() => progress?.end());
  const summary = course.summary();
  const { volume } = whole;
  // What buyers took of bars is known beside their rows.
  const sides = facts.files.some(({ layout }) => layout.bought) ? undefined : whole.sides;
  const found = findings({ ...looked(facts, session && outside), alike: alike.count, course: summary, sides, volume });
  return { file, facts, found, course: summary, volume, seconds: (performance.now() - started) / 1000 };
}

const slotColumns = () => ({
  time: new BigInt64Array(rowsPerSlot),
  price: new Float64Array(rowsPerSlot),
  size: new Float64Array(rowsPerSlot),
  side: new Int8Array(rowsPerSlot),
  instrument: new Uint32Array(rowsPerSlot),
});

function looked({ files, rows, symbols }: Facts, outsideSession: number | undefined) {
  const sum = (of: (file: FileFacts) => number) => files.reduce((total, file) => total + of(file), 0);
  const sideless = files.every(({ layout }) => layout.columns.side === undefined && !layout.signedSize);
  const counts = { repeats: sum((f) => f.repeats), zeroSizes: sum((f) => f.zeroSizes), unknownSides: sum((f) => f.unknownSides) };
  const remarks = remarksOf(files.map(({ layout }) => layout));
  return { trades: rows, rejected: rejectedOf(files), remarks, ...counts, sideless, outsideSession, instruments: symbols };
}

const rejectedOf = (files: readonly FileFacts[]): Record<string, number> => totalOf(files.map(({ refusedBy }) => refusedBy));

const formatText = ({ files: [first] }: Facts): string => (first ? [first.layout.name, ...first.layout.notes].join(", ") : "");

function screen({ file, facts, found, course, volume, seconds: elapsed }: Checked, most: number, terminal: Terminal): string {
  const { rows, refused, bad } = facts;
  const listed = bad.flatMap((row) => {
    const { shown, margin, caret, where } = pointed(row, terminal);
    return [`${row.unit} ${row.line}: ${row.what}`, `${margin}${shown.text}`, ...(caret ? [`${caret}${where}`] : [])];
  });
  const left = refused - bad.length;
  const passed = Object.entries(totalOf(facts.files.map(({ passedBy }) => passedBy)));
  const when = rows ? `${toSecond(course.startTime)} .. ${toSecond(course.endTime)} UTC   ` : "";
  return `${[
    `${file === "-" ? "stdin" : file}   ${formatText(facts)}`,
    `${when}${plural(rows, "good row")}   volume ${amount(volume)}   ${plural(refused, "bad row")}   ${seconds(elapsed)}`,
    ...(passed.length > 0 ? [`passed over: ${passed.map(([kind, rows]) => `${count(rows)} ${kind}`).join(", ")}`] : []),
    ...listed,
    ...(left > 0 ? [`${plural(left, "more bad row")} not listed${most === 0 ? "" : `: --most ${refused} lists them all`}`] : []),
    ...found.map(({ what, done }) => `found: ${what}; ${done}`),
    refused > 0
      ? "bad: replay stops at the first bad row; --on-bad skip leaves them out"
      : found.length > 0
        ? "good: every row can be read"
        : "good: nothing odd was found",
  ].join("\n")}\n`;
}

function asJson(one: Checked | { file: string; error: TickforgeError }): unknown {
  if ("error" in one) {
    const { code, message, hint } = one.error;
    return { file: one.file, error: { code, message, hint: hint ?? null, data: one.error instanceof DataError } };
  }
  const { file, facts, found } = one;
  const listed = facts.bad.map(({ line, column, columnName, value, what, text, code }) => ({
    ...{ line, column: column ?? null, columnName: columnName ?? null },
    ...{ value, what, text, code },
  }));
  return {
    ...{ file, format: formatText(facts), rows: facts.rows },
    bad: { total: facts.refused, reasons: rejectedOf(facts.files), listed },
    passedOver: totalOf(facts.files.map(({ passedBy }) => passedBy)),
    quality: findingsJson(found),
  };
}
