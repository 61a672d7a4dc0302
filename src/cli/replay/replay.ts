/** tickforge replay: files or a simulation -> importer -> ring -> vpin -> screen, files, report. */
import { closeSync, openSync, readSync } from "node:fs";
import { packageVersion } from "../../addon/addon.js";
import type { Interval } from "../../analysis/toxicity.js";
import { RecordingReader } from "../../bus/recording/recording.js";
import { minHistoryOf } from "../../engines/alarms.js";
import { parseMeasures, usualMeasures } from "../../engines/measure_list.js";
import { statOf } from "../../files/bytes/source.js";
import { isRecording } from "../../files/layout/recognise.js";
import type { Source, TimeOptions } from "../../importer/importer.js";
import { vpin } from "../../kernels/flow/toxicity/vpin.js";
import { Sessions } from "../../market/sessions.js";
import { simulate } from "../../market/simulate.js";
import { Tape, type TapeJob, type TapeResult } from "../../studies/tape/tape.js";
import { text, type Values } from "../kit/args.js";
import { chooseBackend } from "../kit/backend.js";
import { columnNames, columnsOf } from "../kit/column_options.js";
import type { Given } from "../kit/command.js";
import { exit, UsageError } from "../kit/exit.js";
import { checkPage, checkTargets, stdoutName } from "../kit/files.js";
import { kebab } from "../kit/flag.js";
import { pageScript } from "../kit/interactive.js";
import { interruptible } from "../kit/interrupt.js";
import { Progress } from "../kit/progress.js";
import { commandOf, shellWord } from "../kit/screen.js";
import { type Spool, spool } from "../kit/spool.js";
import type { Terminal } from "../kit/terminal.js";
import { answerJson } from "./answer.js";
import { comparison } from "./compare.js";
import { groupsOf } from "./groups.js";
import { Outputs } from "./outputs.js";
import { quoteFlags, quotePaths, withQuotes } from "./quote_files.js";
import { summary } from "./summary.js";
import type { Again, Answer } from "./tape_answer.js";
import { refuseAllThin, type Thin, thinTape } from "./thin.js";

const namedAgain = 2;

export async function replay({ values, words, line, terminal }: Given): Promise<number> {
  const options = optionsOf(values);
  const groups = groupsOf(words, { compare: values.compare === true, join: values.join === true });
  const chosen = groups.map(({ name, files }) => sourceOf(values, files, name, words));
  const pipes = words.filter(isPipe);
  const targets = { out: text(values.out), record: text(values.record), report: text(values.report) };
  if (groups.length > 1 && targets.record !== undefined)
    throw new UsageError("--record holds one tape, and these files are several", "one instrument at a time, or --join where they are one");
  checkPage(targets.report);
  const own = pageScript(values.interactive, targets.report);
  if (groups.length > 1 && values.quotes !== undefined)
    throw new UsageError(
      "--quotes goes with one tape, and these files are several",
      "one instrument at a time, or --join where they are one",
    );
  checkTargets(targets, [...words, ...quotePaths(values)], values.force === true);
  terminal.dataOnStdout = targets.out === stdoutName;
  const outputs = await Outputs.prepare(targets, (text) => terminal.data(text));
  chooseBackend(text(values.backend), terminal);

  const kept = pipes.length > 0 && options.bucketVolume === undefined ? await spool(pipes, terminal) : undefined;
  const commandLine = commandOf(line);
  const answers: Answer[] = [];
  const leftOut: Thin[] = [];
  try {
    for (const [i, { source, title, truth, rowsPerSlot }] of chosen.entries()) {
      const job: TapeJob = {
        ...options,
        ...{ source: spooled(source, kept), twice: pipes.length === 0 || kept !== undefined, rowsPerSlot, recorder: outputs.recorder },
        sensitivity: targets.report !== undefined && groups.length === 1,
        onWarning: (warning) => terminal.note(`tickforge: ${warning}\n`),
      };
      const started = performance.now();
      const result = await watched(new Tape(job), title, terminal, outputs, answers).catch((error) =>
        thinTape(error, groups[i]!, groups.length),
      );
      if (typeof result === "number") return result;
      if ("needed" in result) {
        leftOut.push(result);
        continue;
      }
      if (options.empty === "emit" && result.classify !== "bvc")
        terminal.note("tickforge: --empty emit changes nothing: the file has sides, so there is no sigma of bars (--classify bvc)\n");
      for (const { file, unit, line: at, what } of result.imported.bad ?? []) terminal.note(`${file}, ${unit} ${at}: ${what}\n`);
      answers.push({
        ...{ title, result, files: groups[i]!.files, truth, written: [], again: pipes.length === 0 ? againOf(line, words) : undefined },
        ...options,
        ...{ barSeconds: result.barSeconds, measures: result.measures, zone: text(values.zone) },
        chosen: { bucketVolume: values.bucketVolume !== undefined, classify: values.classify !== undefined },
        seconds: (performance.now() - started) / 1000,
      });
    }
  } finally {
    kept?.remove();
  }
  refuseAllThin(leftOut, answers.length);
  const made = { answers, own, leftOut, commandLine, version: packageVersion() };
  const written = await outputs.complete(made);
  const complete = answers.map((answer) => ({ ...answer, written }));
  if (values.json) terminal.answer(answerJson(complete, leftOut, words, packageVersion()));
  else terminal.screen(groups.length > 1 ? comparison(complete, leftOut) : summary(complete[0]!));
  return exit.ok;
}

/** Runs the tape with progress and Ctrl-C; an exit code where it was stopped. */
async function watched(
  tape: Tape,
  title: string,
  terminal: Terminal,
  outputs: Outputs,
  before: readonly Answer[],
): Promise<TapeResult | number> {
  const progress = terminal.quiet
    ? undefined
    : new Progress(
        terminal.stderr,
        () => `${tape.phase} ${title}`,
        () => tape.progress(),
      );
  const interrupt = interruptible(
    () => tape.stop(),
    () => progress?.end(),
  );
  try {
    const result = await tape.run();
    progress?.end();
    if (!result.stopped) return result;
    terminal.error(outputs.keepPartial(result, before));
    return interrupt.code;
  } catch (error) {
    outputs.discard();
    throw error;
  } finally {
    progress?.end();
    interrupt.end();
  }
}

type Settings = Pick<
  TapeJob,
  | "bucketVolume"
  | "window"
  | "history"
  | "threshold"
  | "minHistory"
  | "classify"
  | "barSeconds"
  | "empty"
  | "measures"
  | "session"
  | "horizonSeconds"
>;

/** Values that the kernel would refuse are refused here, before anything is read. */
function optionsOf(values: Values) {
  const params = vpin.contract.params;
  const number = (name: string, fallback: number) => (values[name] as number | undefined) ?? fallback;
  const settings: Settings & { bucketVolume: number | undefined } = {
    bucketVolume: values.bucketVolume as number | undefined,
    window: number("window", params.window.default),
    history: number("history", params.history.default),
    threshold: number("threshold", 0.99),
    minHistory: minHistory(values),
    classify: values.classify as Settings["classify"],
    barSeconds: values.bars === undefined ? undefined : Number(values.bars) / 1e9,
    empty: values.empty as Settings["empty"],
    measures: text(values.measures) ?? (values.report === undefined ? undefined : usualMeasures),
    session: text(values.session),
    horizonSeconds: values.horizon === undefined ? undefined : Number(values.horizon) / 1e9,
  };
  const { bucketVolume, window, history, threshold, classify, measures = "none", session } = settings;
  const measured = parseMeasures(measures).length > 0;
  if (session !== undefined) new Sessions(session);
  if (bucketVolume !== undefined && !(bucketVolume > 0)) throw new UsageError(`--bucket-volume is ${bucketVolume}, expected > 0`);
  vpin.stateBytes({ bucketVolume: bucketVolume ?? 1, window, history });
  if (!(threshold > 0 && threshold <= 1)) throw new UsageError(`--threshold is ${threshold}, expected > 0 and <= 1`, "such as 0.99");
  if (values.bars !== undefined && !measured && classify !== undefined && classify !== "bvc")
    throw new UsageError(`--bars goes with --classify bvc or --measures, not with ${classify} alone`);
  if (values.empty !== undefined && classify !== undefined && classify !== "bvc")
    throw new UsageError(`--empty goes with --classify bvc, not with ${classify}`);
  const { from, to } = values as { from?: bigint; to?: bigint };
  if (from !== undefined && to !== undefined && from >= to)
    throw new UsageError("--from is not before --to", "trades in [from, to) are read");
  return settings;
}

function minHistory(values: Values): number {
  const history = (values.history as number | undefined) ?? vpin.contract.params.history.default;
  const chosen = values.minHistory as number | undefined;
  if (chosen !== undefined && chosen < 1) throw new UsageError(`--min-history is ${chosen}, expected at least 1`, "such as 100");
  if (chosen !== undefined && history > 0 && chosen > history)
    throw new UsageError(
      `--min-history is ${chosen} and --history is ${history}: no alarm could come`,
      "a larger --history, or a smaller --min-history",
    );
  return minHistoryOf(history, chosen);
}

interface Chosen {
  source: Source;
  title: string;
  truth: readonly Interval[] | undefined;
  rowsPerSlot: number | undefined;
}

function sourceOf(values: Values, files: readonly string[], title: string, words: readonly string[]): Chosen {
  if (words.length === 0) {
    const reading = [...columnNames, ...quoteFlags, "from", "to", "session", "onBad", "outliers"].find(
      (name) => values[name] !== undefined,
    );
    if (reading) throw new UsageError(`--${kebab(reading)} needs a FILE`, "tickforge replay FILE");
    const seed = (values.seed as number | undefined) ?? 1;
    return { source: { kind: "simulated", seed }, title: "simulated tape", truth: simulate({ seed }).episodes, rowsPerSlot: undefined };
  }
  if (values.seed !== undefined) throw new UsageError("--seed is for the simulated tape, which takes no FILE");
  const twice = words.find((word, i) => words.indexOf(word) !== i);
  if (twice !== undefined) throw new UsageError(`${twice} is named twice`, "each file once");
  if (files.some(startsLikeRecording)) return recording(values, files, title);
  const onBad = text(values.onBad) as "stop" | "skip" | "report" | undefined;
  return {
    source: { kind: "files", paths: files, options: { ...withQuotes(columnsOf(values), values, isPipe), onBad, ...timesOf(values) } },
    title,
    truth: undefined,
    rowsPerSlot: undefined,
  };
}

function recording(values: Values, words: readonly string[], title: string): Chosen {
  if (words.length > 1) throw new UsageError("a recording is replayed by itself", "one FILE");
  const quotes = quoteFlags.find((name) => values[name] !== undefined);
  if (quotes) throw new UsageError(`--${kebab(quotes)} is for files of trades`, "join quotes to the files, and record that: --record FILE");
  const flag = columnNames.find((name) => values[name] !== undefined);
  if (flag) throw new UsageError(`--${kebab(flag)} is for text; a recording's columns are known`);
  const reader = new RecordingReader(words[0]!);
  const { rows, columns } = reader.topic;
  reader.close();
  return {
    source: { kind: "recording", path: words[0]!, options: timesOf(values), quotes: "bid" in columns },
    title,
    truth: undefined,
    rowsPerSlot: rows,
  };
}

const timesOf = ({ from, to, session, outliers }: Values): TimeOptions => ({ from, to, session, outliers }) as TimeOptions;

/** A few files are named in the command; more of them once, below it. */
function againOf(line: readonly string[], words: readonly string[]): Again {
  if (words.length <= namedAgain) return { command: commandOf(line), files: [] };
  const first = line.indexOf(words[0]!);
  const rest = line.flatMap((word, i) => (i === first ? ["FILES"] : words.includes(word) ? [] : [word]));
  return { command: commandOf(rest), files: words.map(shellWord) };
}

const spooled = (source: Source, kept: Spool | undefined): Source =>
  source.kind === "files" ? { ...source, options: { ...source.options, spools: kept?.paths } } : source;

function isPipe(path: string): boolean {
  const found = path === "-" ? undefined : statOf(path);
  return path === "-" || (found !== undefined && !found.isFile() && !found.isDirectory());
}

/** Looks at the first bytes of a plain file; what cannot be opened is the importer's to tell. */
function startsLikeRecording(path: string): boolean {
  if (!statOf(path)?.isFile()) return false;
  const head = new Uint8Array(4);
  try {
    const file = openSync(path, "r");
    readSync(file, head);
    closeSync(file);
  } catch {
    return false;
  }
  return isRecording(head);
}
