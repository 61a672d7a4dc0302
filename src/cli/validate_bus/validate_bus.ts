/** tickforge validate bus: whether the buses of the topologies deliver, and how fast engines answer each other, with a score. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageVersion } from "../../addon/addon.js";
import { adviceOf } from "../../analysis/bus_advice.js";
import { goalsOf } from "../../analysis/bus_goals.js";
import { faultsOf, formula, scoreOf } from "../../analysis/bus_score.js";
import { install } from "../../backends/index.js";
import { topologies } from "../../bus/routing/topology.js";
import { SharedBus } from "../../bus/shared/shared_bus.js";
import { didYouMean, TickforgeError } from "../../core/contract/errors.js";
import { busPage } from "../../report/bus/bus.js";
import { readSystem } from "../../system/plan/read_system.js";
import { ownerOf } from "../../system/supervisor/home.js";
import { ringsFolder } from "../../system/supervisor/rings.js";
import { text } from "../kit/args.js";
import { foreignFlag, type Given } from "../kit/command.js";
import { machine } from "../kit/diagnosis.js";
import { exit, FailedError, UsageError } from "../kit/exit.js";
import { checkPage, checkTargets, writeWhole } from "../kit/files.js";
import { stoppable } from "../kit/interrupt.js";
import { commandOf } from "../kit/screen.js";
import { runValidation } from "./validate_run.js";
import type { RunningBus } from "./validate_running.js";
import { type BusAnswer, busScreen } from "./validate_screen.js";

const names = [...Object.keys(topologies), "legacy"];

export async function validateBus(given: Given): Promise<number> {
  const { values, line, terminal } = given;
  const chosen = chosenOf(given);
  const targets = { report: text(values.report), out: text(values.out) };
  checkPage(targets.report);
  checkTargets(targets, [], values.force === true);
  install();
  const started = performance.now();
  const at = { bytes: 0, totalBytes: 0, rows: 0 };
  let [label, all] = ["starting", 0];
  const running = await runningOf(given);
  const work = stoppable(terminal, () => label, at);
  try {
    const found = await runValidation({
      ...(running && { running }),
      ...{ topologies: chosen, redis: values.redis === true, quick: values.quick === true, signal: work.signal },
      onCheck: (what, done, total) => {
        label = `check ${done + 1} of ${total}, ${what}`;
        all += at.rows;
        at.rows = 0;
      },
      onRows: (rows) => void (at.rows += rows),
    });
    work.progress?.end();
    const seconds = (performance.now() - started) / 1000;
    const answer = { found, seconds, rows: all + at.rows, quick: values.quick === true };
    const commandLine = commandOf(line);
    const pieces: [string, string][] = [];
    if (targets.report !== undefined)
      pieces.push([targets.report, busPage({ ...answer, commandLine, version: packageVersion(), machine: machine() })]);
    if (targets.out !== undefined) pieces.push([targets.out, asJson({ ...answer, written: [] })]);
    const written = writeWhole(pieces);
    if (values.json) terminal.answer(asJson({ ...answer, written }));
    else terminal.screen(busScreen({ ...answer, written }, terminal));
    return faultsOf(found).length > 0 ? exit.badData : exit.ok;
  } catch (error) {
    if (!work.signal.aborted) throw error;
    work.progress?.end();
    terminal.error("tickforge: stopped. Nothing was written.\n");
    return work.code;
  } finally {
    work.end();
  }
}

function chosenOf(given: Given): string[] {
  const { values } = given;
  const words = given.words.slice(1);
  const file = words.find((word) => /\.(json|html)$/.test(word));
  if (file !== undefined)
    throw new UsageError(`'${file}' is no topology`, "--json writes to stdout; a file is named by --out FILE.json or --report FILE.html");
  const other = words.find((word) => !names.includes(word));
  if (other !== undefined) {
    const near = didYouMean(other, names);
    throw new UsageError(`no topology is called '${other}'`, near ? `did you mean ${near}?` : `there are ${names.join(", ")}`);
  }
  const foreign = foreignFlag(given, ["bus", "output"]);
  if (foreign) throw new UsageError(`--${foreign.name} is no flag of validate bus`, "see tickforge validate --help");
  const out = text(values.out);
  if (out !== undefined && !out.endsWith(".json")) throw new UsageError(`--out ${out}: the ending says the format, expected .json`);
  if (values.redis !== true && words.length > 0 && words.every((word) => word === "legacy"))
    throw new UsageError("legacy is a list on Redis, and there is no --redis", "tickforge validate bus legacy --redis");
  return words.length === 0 ? names : names.filter((name) => words.includes(name));
}

/** The bus of a folder or namespace that somebody uses; undefined where topologies are started here. */
async function runningOf({ values, words }: Given): Promise<RunningBus[] | undefined> {
  const where = ["folder", "namespace", "system"].filter((name) => values[name] !== undefined);
  if (where.length === 0) return undefined;
  const [folder, namespace, system] = [text(values.folder), text(values.namespace), text(values.system)];
  const given = `--${where[0]} ${text(values[where[0]!])}`;
  if (where.length > 1) throw new UsageError(`--${where.join(" and --")} are one or the other`, "each says where a system runs");
  if (words.length > 1 || values.redis === true)
    throw new UsageError(
      `${given} is a bus that runs: it has no topologies to choose, and no servers are started for it`,
      "leave out what they are chosen by",
    );
  if (system !== undefined) return busesOfSystem(system);
  if (folder !== undefined && !existsSync(folder))
    throw new FailedError("E_BUS_NAME", `${given}: there is no such folder`, {
      hint: "start what publishes there; tickforge bus status shows where rings lie",
    });
  const place = folder !== undefined ? { folder } : { namespace: namespace! };
  const bus = new SharedBus(place);
  const names = bus.names();
  bus.close();
  if (names.length === 0)
    throw new FailedError("E_BUS_NAME", `${given}: there is no topic in ${bus.folder}`, {
      hint: "start what publishes there; tickforge bus up --topology gives each bus a folder, DIR/market, or a namespace, NAME-market",
    });
  return [{ name: folder ?? namespace!, place }];
}

/** Its rings, and the server that carries topics to other hosts. */
async function busesOfSystem(file: string): Promise<RunningBus[]> {
  const plan = await readSystem({ file });
  if (!ownerOf(plan.folder))
    throw new TickforgeError("E_SYSTEM_NONE", `--system ${file}: it does not run`, { file, hint: `start it with tickforge up ${file}` });
  const rings = ringsFolder(plan.folder);
  const buses = [...new Set(plan.topics.map(({ bus }) => bus))];
  return [
    ...buses.map((bus) => ({ name: bus, place: { folder: join(rings, bus) } })),
    ...(plan.redis === undefined ? [] : [{ name: plan.redis, place: { url: plan.redis }, topics: [] }]),
  ];
}

function asJson({ found, seconds, rows, quick, written }: BusAnswer): string {
  const { parts, score } = scoreOf(found);
  const faults = faultsOf(found);
  const object = {
    ...{
      schema: 1,
      command: "validate bus",
      version: packageVersion(),
      machine: machine(),
      ok: faults.length === 0,
      score,
      parts,
      formula,
    },
    ...{ faults, advice: adviceOf(found), goals: goalsOf(found), ...found, quick, rows, seconds, written },
  };
  return `${JSON.stringify(object, (_, value) => (typeof value === "number" && !Number.isFinite(value) ? null : value), 2)}\n`;
}
