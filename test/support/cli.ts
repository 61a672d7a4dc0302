/** The command line as a user runs it: the built files, in a process of their own. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";

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

export function tickforge(args: readonly string[], { cwd, env, input, meanwhile, through }: RunOptions = {}): Promise<Ran> {
  const [command, ...rest] = [...(through ?? []), process.execPath, mainFile, ...args] as [string, ...string[]];
  const { TICKFORGE_BACKEND: _, TICKFORGE_REQUIRE: __, ...clean } = process.env;
  const child = spawn(command, rest, { cwd, env: { ...clean, NO_COLOR: "1", ...env } });
  const ran: Ran = { code: null, signal: null, stdout: "", stderr: "" };
  child.stdout.on("data", (data) => {
    ran.stdout += data;
  });
  child.stderr.on("data", (data) => {
    ran.stderr += data;
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  meanwhile?.(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ ...ran, code, signal }));
  });
}

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
