/** `npm run bench`: every task on every backend, each line in its own process; a table on stdout and the same as JSON. */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { loadAddon } from "../src/addon/addon.js";
import { callsText, findCalibration } from "../src/backends/calibration.js";
import { install } from "../src/backends/index.js";
import { metalKernels, openMetal } from "../src/backends/metal.js";
import { UsageError } from "../src/cli/kit/exit.js";
import { checkTargets } from "../src/cli/kit/files.js";
import { backendNames } from "../src/core/call/choose.js";
import { didYouMean } from "../src/core/contract/errors.js";
import type { Task } from "./case.js";
import type { Answer } from "./child.js";
import { describeMachine, machineLine } from "./machine.js";
import { packageNames } from "./npm_peers.js";
import { help, type Options, parse } from "./options.js";
import { whyNo } from "./peers/numpy.js";
import { askAll, type Told } from "./schedule.js";
import { footer, header, line } from "./table.js";
import { keyOf, tasks } from "./tasks.js";

export interface Result {
  kernel: string;
  label: string;
  unit: string;
  size: number;
  backend: string;
  /** Build of the add-on; "js" or "python" where it is not the add-on that ran. */
  cpu: string;
  nsPerRowMin: number;
  nsPerRowMedian: number;
  /** The reference's minimum over this one's; null where the reference was not asked for. */
  speedup: number | null;
  /** Share of what the machine could do at most; null without the add-on, which measures that. */
  limitFraction: number | null;
  limitedBy: "compute" | "memory" | null;
  /** Worst element against the reference, relative to the larger of its value and the contract's floor. */
  maxError: number;
  /** Rows that were compared with the reference. */
  verified: number;
  /** Multiply-adds (two operations each) and bytes read a second, in the same process. */
  peakFlops: number | null;
  bandwidth: number | null;
  options: Task["options"];
}

const cpuOf = (backend: string): string =>
  backend === "reference" || backend === "plain-js" || backend.startsWith("tfjs-") || packageNames.includes(backend)
    ? "js"
    : backend === "wasm"
      ? "wasm"
      : backend === "numpy"
        ? "python"
        : (loadAddon().addon?.cpu ?? "none");

const installed = (name: string): boolean => {
  try {
    return Boolean(createRequire(import.meta.url).resolve(name));
  } catch {
    return false;
  }
};
const tensorBackends = ["tfjs-wasm", "tfjs-cpu", ...(installed("@tensorflow/tfjs-node") ? ["tfjs-node"] : [])];

/** The reference first: the others are measured against it. */
function backendsOf(task: Task, wanted: Options["backends"]): string[] {
  const others = backendNames().filter((name) => !["reference", "tfjs", "metal"].includes(name));
  const gpu = metalKernels().includes(task.kernel) && (wanted?.includes("metal") || openMetal().cause === undefined) ? ["metal"] : [];
  const all = task.prove ? others : ["reference", ...others, ...gpu, ...(task.tensors ? tensorBackends : []), ...(task.peers ?? [])];
  return wanted ? all.filter((name) => wanted.includes(name) || wanted.includes(name.split("-")[0]!)) : all;
}

function resultOf(
  task: Task,
  backend: string,
  { measured }: Extract<Answer, { measured: unknown }>,
  reference: Result | undefined,
): Result {
  const { limitNsPerRow, roofline, ...rest } = measured;
  const base = backend === "reference" ? rest.nsPerRowMin : reference?.nsPerRowMin;
  return {
    kernel: task.kernel,
    label: task.label,
    unit: task.unit,
    backend,
    cpu: cpuOf(backend),
    ...rest,
    speedup: base === undefined ? null : base / rest.nsPerRowMin,
    limitFraction: limitNsPerRow === null ? null : limitNsPerRow / rest.nsPerRowMin,
    peakFlops: roofline?.flopsPerSecond ?? null,
    bandwidth: roofline?.bytesPerSecond ?? null,
    options: task.options,
  };
}

/** What a call without a backend's name takes, where this machine was calibrated. */
function choiceLine({ kernel }: Task): string {
  const { calibration } = findCalibration();
  const text = callsText(calibration?.kernels[kernel] ?? {});
  return text === undefined ? "" : `  ${"auto".padEnd(11)} ${text}\n`;
}

interface Outcome {
  results: Result[];
  wrong: number;
}

/** One line of the table; `reference` is that of the same task, where it was asked for. */
function tell(task: Task, backend: string, answer: Told, reference: Result | undefined, outcome: Outcome): void {
  if ("measured" in answer) {
    const result = resultOf(task, backend, answer, reference);
    outcome.results.push(result);
    process.stdout.write(`${line(result)}\n`);
    return;
  }
  if (!("skipped" in answer) && !packageNames.includes(backend)) outcome.wrong++;
  const [what, why] = Object.entries(answer)[0]!;
  process.stdout.write(`  ${backend.padEnd(11)} ${what}: ${why}\n`);
}

function runTasks(chosen: readonly Task[], options: Options, outcome: Outcome): void {
  const named = new Map(chosen.map((task) => [keyOf(task), task]));
  const lines = chosen.flatMap((task) => backendsOf(task, options.backends).map((backend) => ({ task: keyOf(task), backend })));
  let last: string | undefined;
  const left = askAll(lines, options.quick, ({ task: key, backend }, answer) => {
    const task = named.get(key)!;
    if (key !== last) process.stdout.write(`\n${key} (ns a ${task.unit.replace(/s$/, "")})\n${choiceLine(task)}`);
    last = key;
    const reference = outcome.results.find((one) => keyOf(one) === key && one.backend === "reference");
    tell(task, backend, answer, reference, outcome);
  });
  if (left > 0)
    process.stdout.write(
      `\nno time was left for ${left} of ${lines.length} lines in the three minutes of a quick run; --only NAME measures some, without --quick all\n`,
    );
}

/** Throws, before minutes are spent, where a backend has no such name or the lines could not be written. */
function check({ backends, json }: Options, all: readonly Task[]): void {
  const known = new Set([...all.flatMap((task) => backendsOf(task, undefined)), "tfjs", "metal", "tfjs-node", "numpy", ...packageNames]);
  for (const name of backends ?? []) {
    if (known.has(name)) continue;
    const near = didYouMean(name, [...known]);
    throw new UsageError(`no backend is called '${name}'`, near ? `did you mean ${near}?` : `known: ${[...known].toSorted().join(", ")}`);
  }
  if (json !== undefined) checkTargets({ json, meta: metaOf(json) }, [], true);
}

const metaOf = (json: string): string => json.replace(/(\.json)?$/, ".meta.json");

/** Exact names of kernels come first: `vpin` is not bucket_vpin. */
function selected(all: Task[], { only, quick }: Options): Task[] {
  if (only === undefined) return all.filter((task) => !(quick && task.further));
  const exact = all.filter((task) => task.kernel === only);
  return exact.length > 0 ? exact : all.filter((task) => keyOf(task).includes(only));
}

function main(): number {
  let options: Options;
  try {
    options = parse(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n\n${help}\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  if (options.cpu) process.env.TICKFORGE_CPU = options.cpu; // before the add-on loads; children inherit it
  install();
  const chosen = selected(tasks(), options);
  if (chosen.length === 0) {
    process.stderr.write(`bench: no line's kernel or label contains '${options.only}'\n`);
    return 2;
  }
  try {
    check(options, tasks());
  } catch (error) {
    const { message, hint } = error as UsageError;
    process.stderr.write(`bench: ${message}\n  ${hint}\n`);
    return 2;
  }
  const { cause } = loadAddon();
  const machine = describeMachine(options.quick);
  process.stdout.write(`${machineLine(machine)}\n`);
  const { calibration, cause: uncalibrated } = findCalibration();
  process.stdout.write(`auto: ${calibration ? `by size, calibrated ${calibration.date}` : `native where it loads (${uncalibrated})`}\n`);
  if (cause) process.stdout.write(`native: not here: ${cause}\n`);
  if (chosen.some((task) => task.peers) && whyNo("numpy")) process.stdout.write(`numpy: not here: ${whyNo("numpy")}\n`);
  process.stdout.write(`\n${header()}\n`);
  const outcome: Outcome = { results: [], wrong: 0 };
  runTasks(chosen, options, outcome);
  process.stdout.write(`\n${footer(outcome.results)}\n`);
  if (options.json) {
    writeFileSync(options.json, `${JSON.stringify(outcome.results, null, 1)}\n`);
    writeFileSync(metaOf(options.json), `${JSON.stringify(machine, null, 2)}\n`);
  }
  return outcome.wrong > 0 ? 1 : 0;
}

process.exitCode = main();
