/** The command line as a user runs it: the built files, in a process of their own. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import type { Line } from "./served.js";

const root = packageRoot();
export const mainFile = join(root, "dist/src/cli/main.js");

/** Throws where what would be run is not what is in the sources. */
export function requireBuilt(): void {
  requireBuiltIn("src");
}

export function requireBuiltIn(...folders: readonly string[]): void {
  for (const folder of folders)
    for (const path of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"))) {
      const built = join(root, "dist", folder, path.replace(/\.ts$/, ".js"));
      if (!existsSync(built)) throw new Error(`${built} is missing: run npm run build:ts before these tests`);
      if (statSync(built).mtimeMs < statSync(join(root, folder, path)).mtimeMs)
        throw new Error(`${built} is older than ${folder}/${path}: run npm run build:ts before these tests`);
    }
}

/** A built module, typed as its source: worker threads load compiled files only. */
export const builtFile = (path: string): string => pathToFileURL(join(root, "dist/src", path)).href;
export const built = <T>(path: string): Promise<T> => import(/* @vite-ignore */ builtFile(path));

export interface Ran {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}
export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  input?: string | Buffer;
  /** Gets the process as soon as it runs. */
  meanwhile?: (child: ChildProcess) => void;
  /** Another command in front, such as a shell that sets limits. */
  through?: readonly string[];
}

/**
 * Commands that read, compute and answer: their lines go to one process for all of a test file, for it takes half a second to begin, and a
 * whole one with coverage. What is on trial with the process itself (its environment, its streams, signals) has one of its own.
 */
const served = /^(replay|risk|factors|portfolio|backtest|validate(?! bus)|explain|--help|--version|help)\b(?!.*( -( |$)|--backend))/;

export function tickforge(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { cwd = process.cwd(), ...own } = options;
  return Object.keys(own).length === 0 && served.test(args.join(" ")) ? server.run(args, cwd) : alone(args, options);
}

/** In a process of its own. */
export function alone(args: readonly string[], { cwd, env, input, meanwhile, through }: RunOptions = {}): Promise<Ran> {
  const [command, ...rest] = [...(through ?? []), process.execPath, mainFile, ...args] as [string, ...string[]];
  const child = spawn(command, rest, { cwd, env: { ...environment(), ...env } });
  const ran = listen(child);
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  meanwhile?.(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ ...ran, code, signal }));
  });
}

function environment(): NodeJS.ProcessEnv {
  const { TICKFORGE_BACKEND: _, TICKFORGE_REQUIRE: __, ...clean } = process.env;
  return { ...clean, NO_COLOR: "1" };
}

/** What a process writes, as it comes. */
function listen({ stdout, stderr }: ChildProcess): Ran {
  const ran: Ran = { code: null, signal: null, stdout: "", stderr: "" };
  stdout!.on("data", (data) => {
    ran.stdout += data;
  });
  stderr!.on("data", (data) => {
    ran.stderr += data;
  });
  return ran;
}

/** The process of served.ts: begun by the first line, and by the next where a line has ended it. */
const server = new (class {
  private child: ChildProcess | undefined;
  private last: Promise<unknown> = Promise.resolve();

  run(args: readonly string[], cwd: string): Promise<Ran> {
    const ran = this.last.then(() => this.next(args, cwd));
    this.last = ran.catch(() => {});
    return ran;
  }

  private next(args: readonly string[], cwd: string): Promise<Ran> {
    this.child ??= fork(join(root, "dist/test/support/served.js"), { silent: true, env: environment() });
    const { child } = this;
    const mark = `\0${randomUUID()}`;
    const ran = listen(child);
    return new Promise((resolve, reject) => {
      const done = (end: object) => {
        for (const stream of [child.stdout!, child.stderr!]) stream.removeAllListeners("data");
        for (const event of ["message", "error", "close"]) child.removeAllListeners(event);
        resolve({ ...ran, ...end });
      };
      const answered = () => {
        if (ran.code === null || ![ran.stdout, ran.stderr].every((text) => text.endsWith(mark))) return;
        done({ stdout: ran.stdout.slice(0, -mark.length), stderr: ran.stderr.slice(0, -mark.length) });
      };
      for (const stream of [child.stdout!, child.stderr!]) stream.on("data", answered);
      child.on("message", (code: number) => {
        ran.code = code;
        answered();
      });
      child.on("error", reject);
      child.on("close", (code, signal) => {
        this.child = undefined;
        done({ code, signal });
      });
      child.send({ args, cwd, mark } satisfies Line);
    });
  }

  /** Ends by itself where no line has left anything running. */
  async end(): Promise<void> {
    const { child } = this;
    if (!child) return;
    this.child = undefined;
    child.disconnect();
    const [code, signal] = await once(child, "exit", { signal: AbortSignal.timeout(20_000) }).catch(() => {
      child.kill("SIGKILL");
      throw new Error("a line of tickforge has left something that keeps its process from ending");
    });
    if (code !== 0) throw new Error(`the process of the lines ended with ${code ?? signal}`);
  }
})();
afterAll(() => server.end());

/** A folder that goes away after the tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tickforge-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Row {
  timeUs: number;
  price: number;
  size: number;
  side: 1 | -1;
}

/** Seeded trades with all that a tape has: equal times, sizes of six decades, runs of one side. */
export function tape(rows: number, seed = 1): Row[] {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x7fff_ffff;
  };
  let timeUs = 1_768_176_000_000_000;
  let price = 61_000;
  return Array.from({ length: rows }, (_, i) => {
    timeUs += Math.floor(400_000 * random() ** 2);
    price = Math.max(100, price + Math.round(100 * (random() - 0.5)) / 10);
    const lean = Math.floor(i / 500) % 4 === 0 ? 0.9 : 0.5;
    return {
      timeUs,
      price: Math.round(10 * price) / 10,
      size: Math.round(1e5 * 10 ** (3 * random() - 2)) / 1e5,
      side: random() < lean ? 1 : -1,
    };
  });
}

/** In the layout of Binance's spot trades. */
export const binance = (rows: readonly Row[]): string =>
  rows
    .map(
      ({ timeUs, price, size, side }, i) =>
        `${4391188203 + i},${price.toFixed(8)},${size.toFixed(8)},${(price * size).toFixed(8)},${timeUs},${side < 0 ? "True" : "False"},True\n`,
    )
    .join("");

/** Equal but for the last bits: sums of sizes that are no whole lots depend on the pieces they come in. Times and counts are equal. */
export function expectClose(got: ArrayLike<number | bigint>, want: ArrayLike<number | bigint>, name: string): void {
  expect(got.length, name).toBe(want.length);
  const far = Array.from(want, (w, i) => {
    const g = got[i]!;
    if (w === g || (Number.isNaN(w) && Number.isNaN(g))) return 0;
    return typeof w === "bigint" ? Number.POSITIVE_INFINITY : Math.abs(w - Number(g)) / Math.max(1, Math.abs(w));
  });
  expect(
    far.findIndex((distance) => !(distance <= 1e-9)),
    `${name}: first row that differs`,
  ).toBe(-1);
}
