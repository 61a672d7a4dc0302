/** Builds shaders against the stand-in for metal_stdlib and runs them on the CPU, under address and undefined-behaviour sanitizers. */
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { promisify } from "node:util";

const here = resolve("test/metal");
const warnings = ["-Wall", "-Wextra", "-Werror", "-Wdouble-promotion"];

/** Names of the kernels in a shader's text. */
export const kernelsOf = (shader: string): string[] =>
  [...readFileSync(shader, "utf8").matchAll(/^kernel void (\w+)\(/gm)].map((m) => m[1]!);

export interface Program {
  path: string;
}

/**
 * `rough` builds what Metal still allows: exp off by 4 ulp and products contracted to fma at the compiler's will. Its results
 * differ from those of the exact build; the error bound must hold for both.
 */
export async function build(shader: string, { rough = false, flags = [] as string[] } = {}): Promise<Program> {
  mkdirSync("out/metal", { recursive: true });
  const path = resolve("out/metal", `${basename(shader, ".metal")}${rough ? "_rough" : ""}`);
  await promisify(execFile)("g++", [
    ...["-std=c++20", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", ...warnings, "-Wno-attributes"],
    ...(rough ? ["-DMETAL_ROUGH", "-ffp-contract=fast", "-march=native"] : ["-ffp-contract=off"]),
    ...[
      `-I${here}`,
      `-DSHADER="${resolve(shader)}"`,
      `-DKERNELS=${kernelsOf(shader)
        .map((name) => `RUN(${name})`)
        .join(" ")}`,
    ],
    ...flags,
    ...[resolve(here, "run.cc"), "-o", path],
  ]);
  return { path };
}

export interface Launch {
  groups: number;
  /** Threads of a group. */
  threads: number;
  /** Last thread of a group first. */
  reverse?: boolean;
  /** By buffer index; results come back in new arrays, inputs stay as they are. */
  buffers?: Readonly<Record<number, Float32Array | Uint32Array | Uint8Array>>;
  /** Bytes of threadgroup memory by index. */
  threadgroup?: Readonly<Record<number, number>>;
}

export interface Ran {
  /** Bytes of every buffer after the run. */
  buffers: Record<number, Uint8Array<ArrayBuffer>>;
  failed: boolean;
  stderr: string;
}

export const floats = (bytes: Uint8Array<ArrayBuffer>): Float32Array => new Float32Array(bytes.slice().buffer);

/** Runs a kernel; `failed` and `stderr` say what a sanitizer or the scheduler caught. */
export function attempt({ path }: Program, kernel: string, launch: Launch): Ran {
  const buffers = Object.entries(launch.buffers ?? {});
  const threadgroup = Object.entries(launch.threadgroup ?? {});
  const numbers = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
  const input = Buffer.concat([
    numbers(launch.groups, launch.threads, launch.reverse ? 1 : 0, buffers.length + threadgroup.length),
    ...buffers.flatMap(([index, { buffer, byteOffset, byteLength }]) => [
      numbers(0, Number(index), byteLength),
      Buffer.from(buffer, byteOffset, byteLength),
    ]),
    ...threadgroup.map(([index, bytes]) => numbers(1, Number(index), bytes)),
  ]);
  // A preloaded sanitizer of the caller must not come before the one that is linked in.
  const env = { ...process.env, LD_PRELOAD: "", ASAN_OPTIONS: "detect_leaks=0" };
  const { status, signal, stdout, stderr, error } = spawnSync(path, [kernel], { input, env, maxBuffer: 1 << 28 });
  if (error) throw error;
  const result: Ran = { buffers: {}, failed: status !== 0, stderr: `${stderr}${signal ?? ""}` };
  let at = 0;
  for (const [index, { byteLength }] of buffers) result.buffers[Number(index)] = new Uint8Array(stdout.subarray(at, (at += byteLength)));
  return result;
}

/** As attempt, where nothing may be caught. */
export function run(program: Program, kernel: string, launch: Launch): Ran["buffers"] {
  const { buffers, failed, stderr } = attempt(program, kernel, launch);
  if (failed) throw new Error(`${kernel} failed:\n${stderr}`);
  return buffers;
}

/** clang with address spaces that carry types, or why it is not at hand. */
export const clang = spawnSync("clang++-19", ["--version"]).status === 0 ? "clang++-19" : undefined;

/** What clang says of a shader when device, constant and threadgroup are distinct types; empty where it is right. */
export function addressSpaceErrors(shader: string): string {
  const quiet = ["-Wno-unknown-attributes", "-Wno-ignored-attributes", "-Wno-unused-function"];
  // clang's own copy of the sanitizer headers is a package of its own; those of g++ say the same.
  const headers = String(spawnSync("g++", ["-print-file-name=include"]).stdout).trim();
  const { status, stderr } = spawnSync(clang!, [
    ...[
      "-std=c++20",
      "-x",
      "c++",
      "-fsyntax-only",
      ...warnings,
      ...quiet,
      `-I${here}`,
      "-idirafter",
      headers,
      "-DMETAL_ADDRESS_SPACES",
      shader,
    ],
  ]);
  return status === 0 ? "" : String(stderr);
}
