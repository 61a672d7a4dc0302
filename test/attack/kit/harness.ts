/** Runs attacks in child processes: a crash, a hang or hoarded memory ends one child and is told with the attempt that it was at. */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../../src/addon/addon.js";

/** One thing tried. `run` may answer, or throw: a TickforgeError is a name for what was wrong, a Broken a promise that was not kept. */
export interface Attempt {
  what: string;
  run(): unknown;
}
/** All attempts of one seed: the same index is the same attempt in every process. */
export interface Attack {
  total: number;
  attempt(index: number): Attempt;
  /** After the last attempt of a process. */
  close?(): unknown;
}
/** The default export of an attack's module. */
export type MakeAttack = (seed: number) => Attack | Promise<Attack>;

/** What an attempt throws where an answer was wrong without a word: memory outside an array touched, rows lost, another number. */
export class Broken extends Error {}

export interface Failure {
  index: number;
  what: string;
  how: "crash" | "hang" | "memory" | "unnamed" | "broken";
  message: string;
}
export interface Outcome {
  attempts: number;
  answered: number;
  named: number;
  failures: Failure[];
}
export interface Limits {
  /** Of one attempt. */
  seconds?: number;
  /** Resident memory of a child. */
  megabytes?: number;
  /** Children at a time. */
  processes?: number;
  env?: Record<string, string>;
  /** Failures after which nothing more is tried. */
  enough?: number;
}

/** Layout of a child's progress file: the numbers, then the text of the attempt it is at. */
export const progress = { index: 0, answered: 1, named: 2, failed: 3, size: 4, text: 400 } as const;

/** Attempts 0 to `count` of a module of this folder (its name without ending), spread over child processes; `log` is told of each failure. */
export async function attack(module: string, seed: number, count: number, limits: Limits = {}): Promise<Outcome> {
  const { processes = 2 } = limits;
  const outcome: Outcome = { attempts: 0, answered: 0, named: 0, failures: [] };
  const folder = mkdtempSync(join(tmpdir(), "tickforge-attack-"));
  // A child takes half a second to begin: a small share of an attack is one for each process.
  const share = Math.max(1, Math.ceil(count / (processes * (count < 2_000 ? 1 : 8))));
  let next = 0;
  const worker = async (number: number) => {
    while (next < count) {
      const from = next;
      next = Math.min(count, next + share);
      await shard(module, seed, from, next, join(folder, String(number)), limits, outcome);
    }
  };
  try {
    await Promise.all(Array.from({ length: processes }, (_, number) => worker(number)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  outcome.failures.sort((a, b) => a.index - b.index);
  return outcome;
}

/** Attempts `from` to `to`: a child that dies is followed by one that begins behind the attempt it died of. */
async function shard(module: string, seed: number, from: number, to: number, file: string, limits: Limits, outcome: Outcome) {
  const { enough = 50 } = limits;
  for (let at = from; at < to && outcome.failures.length < enough; ) {
    const ended = await child([module, String(seed), String(at), String(to), file], file, limits);
    const { numbers, text } = readProgress(file);
    const stopped = ended === undefined ? to : numbers[progress.index]!;
    outcome.attempts += ended === undefined ? to - at : stopped - at + 1;
    outcome.answered += numbers[progress.answered]!;
    outcome.named += numbers[progress.named]!;
    outcome.failures.push(...readFailures(`${file}.failures`));
    if (ended) outcome.failures.push({ index: stopped, what: text, ...ended });
    at = stopped + 1;
  }
}

/** Undefined where the child did all of it. */
function child(args: readonly string[], file: string, limits: Limits): Promise<Pick<Failure, "how" | "message"> | undefined> {
  const { seconds = 20, megabytes = 3000, env } = limits;
  rmSync(file, { force: true });
  rmSync(`${file}.failures`, { force: true });
  closeSync(openSync(file, "w"));
  const main = join(packageRoot(), "dist/test/attack/kit/child.js");
  const started = spawn(process.execPath, ["--expose-gc", main, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "", ...env },
  });
  let stderr = "";
  started.stderr.on("data", (data) => {
    stderr = (stderr + data).slice(-4000);
  });
  return new Promise((resolve, reject) => {
    let verdict: Pick<Failure, "how" | "message"> | undefined;
    let seen = -1;
    let since = Date.now();
    const watch = setInterval(() => {
      const { numbers } = readProgress(file);
      const now = Date.now();
      if (numbers[progress.index] !== seen) [seen, since] = [numbers[progress.index]!, now];
      if (now - since > 1000 * seconds) verdict ??= { how: "hang", message: `no answer in ${seconds} s` };
      const resident = residentMegabytes(started.pid!);
      if (resident > megabytes) verdict ??= { how: "memory", message: `${Math.round(resident)} MB` };
      if (verdict) started.kill("SIGKILL");
    }, 200);
    started.on("error", reject);
    started.on("close", (code, signal) => {
      clearInterval(watch);
      if (code === 0) return resolve(undefined);
      resolve(verdict ?? { how: "crash", message: `${signal ?? `exit ${code}`} ${stderr.slice(0, 2000)}` });
    });
  });
}

function readProgress(file: string): { numbers: Float64Array; text: string } {
  const bytes = Buffer.alloc(8 * progress.size + progress.text);
  const opened = openSync(file, "r");
  readSync(opened, bytes, 0, bytes.length, 0);
  closeSync(opened);
  const numbers = new Float64Array(progress.size);
  numbers.forEach((_, i) => {
    numbers[i] = bytes.readDoubleLE(8 * i);
  });
  return {
    numbers,
    text: bytes
      .subarray(8 * progress.size)
      .toString()
      .replace(/\0+$/, ""),
  };
}

function readFailures(file: string): Failure[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line) => (line.endsWith("}") ? [JSON.parse(line) as Failure] : []));
  } catch {
    return [];
  }
}

function residentMegabytes(pid: number): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * 4096) / 1e6;
  } catch {
    return 0;
  }
}

/** One line for people, then a line a failure. */
export function told(name: string, { attempts, answered, named, failures }: Outcome): string {
  const count = (how: Failure["how"]) => failures.filter((one) => one.how === how).length;
  const hows = (["crash", "hang", "memory", "unnamed", "broken"] as const).map((how) => `${count(how)} ${how}`).join(", ");
  const lines = failures.slice(0, 20).map(({ index, what, how, message }) => `  ${how} at ${index}: ${what}\n    ${message.slice(0, 600)}`);
  return [`${name}: ${attempts} attempts, ${answered} answered, ${named} refused by name; ${hows}`, ...lines].join("\n");
}
