/** tickforge drill: a system under bursts, and what of its promises it kept. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageVersion } from "../../addon/addon.js";
import { type Burst, heldUpOf, latencyCourse, recoveriesOf, recoverySummary, verdictsOf } from "../../analysis/drill.js";
import { install } from "../../backends/index.js";
import { type DrillReport, drillPage } from "../../report/drill/drill.js";
import { text } from "../kit/args.js";
import type { Given } from "../kit/command.js";
import { machine } from "../kit/diagnosis.js";
import { exit, UsageError } from "../kit/exit.js";
import { checkPage, checkTargets, writeWhole } from "../kit/files.js";
import { pageScript } from "../kit/interactive.js";
import { stoppable } from "../kit/interrupt.js";
import { commandOf } from "../kit/screen.js";
import { runDrill } from "./drill_run.js";
import { drillScreen } from "./drill_screen.js";
import { asked, drillPlan, ownPlan, usualPace } from "./drill_system.js";
import { type DrillTape, tapeOf } from "./drill_tape.js";

/** Threads and processes are loaded in the first calm. */
const beginSeconds = 1;
/** Trades a second that a recording is played with where no pace is given. */
const usualTrades = 500;

export async function drill(given: Given): Promise<number> {
  const { values, words, line, terminal } = given;
  if (words.length > 1)
    throw new UsageError(`drill takes one recording, got ${words.length}: ${words.join(" ")}`, "tickforge drill --help");
  const { burst, bursts, seconds } = scheduleOf(values);
  const report = text(values.report);
  checkPage(report);
  const own = pageScript(values.interactive, report);
  checkTargets({ report }, words, values.force === true);
  install();
  const folder = mkdtempSync(join(tmpdir(), "tickforge-drill-"));
  let label = "reading";
  let before = 0;
  const at = { bytes: 0, totalBytes: seconds, rows: 0 };
  const running = stoppable(terminal, () => label, at);
  try {
    const file = text(values.system);
    const tape = file !== undefined && words.length === 0 ? undefined : await tapeOf(words[0], folder);
    const pace = (values.pace as number | undefined) ?? (tape && paceOf(tape));
    const pacing = { burst, bursts, pace };
    const system = join(folder, "system");
    const plan = file === undefined ? await drillPlan(tape!, pacing, system) : await ownPlan(file, tape, pacing, system);
    const found = await runDrill(plan, {
      ...{ burst, bursts, seconds, signal: running.signal },
      onSample({ seconds: now, rows }) {
        const burstNow = bursts.findIndex(({ from, to }) => now >= from && now < to);
        const all = rows.reduce((sum, one) => sum + one, 0);
        const phase = burstNow < 0 ? "calm" : `burst ${burstNow + 1} of ${bursts.length}`;
        // Rows and rates that are shown are those of the phase.
        if (phase !== label) before = all;
        label = phase;
        at.bytes = now;
        at.rows = all - before;
      },
      onTrouble: (message) => terminal.note(`${message}\n`),
    });
    running.progress?.end();
    if (running.signal.aborted) return running.code;
    const about = {
      ...{ drill: found, commandLine: commandOf(line), version: packageVersion(), machine: machine() },
      ...{ market: tape?.says ?? `the market of ${file}`, system: file ?? "the drill's own system" },
      asked: tape ? asked(tape, pacing) : Number.NaN,
    };
    const written = report === undefined ? [] : writeWhole([[report, drillPage(about, own)]]);
    if (values.json === true) terminal.answer(asJson(about, written));
    else terminal.screen(drillScreen(about, terminal, written));
    return verdictsOf(found).every(({ kept }) => kept !== false) ? exit.ok : exit.badData;
  } finally {
    running.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

const paceOf = ({ tradesPerSecond, options }: DrillTape): number =>
  options.source === "simulated" ? usualPace : Math.max(1, usualTrades / tradesPerSecond);

function scheduleOf(values: Given["values"]): { burst: number; bursts: Burst[]; seconds: number } {
  const { burst = 100, bursts: count = 3, pace } = values as { burst?: number; bursts?: number; pace?: number };
  const secondsOf = (given: unknown, usual: number) => (given === undefined ? usual : Number(given as bigint) / 1e9);
  if (!(burst > 1)) throw new UsageError(`--burst is ${burst}, expected more than 1`, "such as --burst 100");
  if (!(count >= 1 && count <= 1000)) throw new UsageError(`--bursts is ${count}, expected 1 to 1000`, "such as --bursts 3");
  if (pace !== undefined && !(pace > 0)) throw new UsageError(`--pace is ${pace}, expected more than 0`, "such as --pace 1");
  const [length, calm] = [secondsOf(values.length, 20), secondsOf(values.calm, 5)];
  const bursts = Array.from({ length: count }, (_, i) => {
    const from = beginSeconds + calm + i * (length + calm);
    return { from, to: from + length };
  });
  return { burst, bursts, seconds: bursts.at(-1)!.to + calm };
}

/** Every figure; numbers that JSON lacks are null. */
function asJson({ drill: found, ...about }: DrillReport, written: readonly string[]): string {
  const { samples, ...facts } = found;
  const all = recoveriesOf(found);
  const verdicts = verdictsOf(found);
  const courses = found.engines.map((_, e) => [0.5, 0.99].map((share) => latencyCourse(samples, e, share)));
  const object = {
    ...{ schema: 1, command: "drill", ...about, ok: verdicts.every(({ kept }) => kept !== false), verdicts, ...facts },
    recovery: { lag: recoverySummary(all, "lagSeconds"), latency: recoverySummary(all, "latencySeconds"), each: all },
    heldUp: heldUpOf(found),
    samples: samples.map((sample, i) => ({
      ...sample,
      engines: sample.engines.map(({ lag, memoryBytes }, e) => ({
        ...{ lag, memoryBytes, p50Us: courses[e]![0]![i], p99Us: courses[e]![1]![i] },
      })),
    })),
    written,
  };
  return `${JSON.stringify(object, (_, value) => (typeof value === "number" && !Number.isFinite(value) ? null : value))}\n`;
}
