/** Builds shaders against the stand-in for metal_stdlib and runs them on the CPU, under address and undefined-behaviour sanitizers. */
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { promisify } from "node:util";
import { shaderSource } from "../../src/backends/metal.js";

const here = resolve("test/metal");
/** Compilers of this file, through ccache where the build says so. */
function compile(args: readonly string[]) {
  const launcher = process.env.CMAKE_CXX_COMPILER_LAUNCHER;
  return promisify(execFile)(launcher ?? "g++", launcher ? ["g++", ...args] : args);
}
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
  const made = `${path}.${process.pid}`; // another suite may build the same
  await compile([
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
    ...[resolve(here, "run.cc"), "-o", made],
  ]);
  if (!flags.includes("-fsyntax-only")) renameSync(made, path);
  return { path };
}

/** All shaders in one program, from the text that a device is given. */
export function buildShaders(options?: { rough?: boolean }): Promise<Program> {
  mkdirSync("out/metal", { recursive: true });
  const text = resolve("out/metal", `shaders.${process.pid}.metal`);
  writeFileSync(text, shaderSource());
  return build(text, options);
}

/** The add-on with a device that runs `program`, and no kernel that needs none; the folder for TICKFORGE_PREBUILD. */
export async function buildAddon(): Promise<string> {
  const folder = resolve("out/metal/addon", String(process.pid));
  mkdirSync(`${folder}/build/Release`, { recursive: true });
  const gpu = readdirSync("native/metal").map((name) => basename(name, ".cc"));
  const list = ["KERNELS(X)", "BUILDS(X) X(base)", `GPU_KERNELS(X) ${gpu.map((name) => `X(${name})`).join(" ")}`];
  writeFileSync(`${folder}/kernel_list.h`, list.map((line) => `#define ${line}\n`).join(""));
  const plain = ["addon", "addon_memory", "gpu", "shared_memory", "placement", "check_values", "roofline"].map(
    (name) => `native/${name}.cc`,
  );
  const sources = [...plain, "test/metal/device.cc", ...gpu.map((name) => `native/metal/${name}.cc`)];
  const modules = ["node-addon-api", "node-api-headers/include"].map((name) => `-isystem${resolve("node_modules", name)}`);
  const defines = [
    "-DNAPI_VERSION=9",
    "-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
    "-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
    '-DTICKFORGE_LINALG="tiles"',
  ];
  const flags = ["-std=c++20", "-O1", "-fPIC", "-fno-exceptions", "-ffp-contract=off", "-Wall", "-Wextra", "-Wno-psabi"];
  const objects = await Promise.all(
    sources.map(async (source) => {
      const object = `${folder}/${basename(source, ".cc")}${source.startsWith("native/metal/") ? "_metal" : ""}.o`;
      const isa = source.startsWith("native/metal/") ? ["-DTICKFORGE_ISA=metal"] : [];
      await compile([...flags, ...defines, ...isa, "-iquotenative", `-I${folder}`, ...modules, "-c", source, "-o", object]);
      return object;
    }),
  );
  await compile(["-shared", "-static-libstdc++", ...objects, "-o", `${folder}/build/Release/tickforge.node`]);
  return folder;
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
    numbers(0, kernel.length),
    Buffer.from(kernel),
    numbers(launch.groups, launch.threads, launch.reverse ? 1 : 0, buffers.length + threadgroup.length),
    ...buffers.flatMap(([index, { buffer, byteOffset, byteLength }]) => [
      numbers(0, Number(index), byteLength),
      Buffer.from(buffer, byteOffset, byteLength),
    ]),
    ...threadgroup.map(([index, bytes]) => numbers(1, Number(index), bytes)),
  ]);
  // A preloaded sanitizer of the caller must not come before the one that is linked in.
  const env = { ...process.env, LD_PRELOAD: "", ASAN_OPTIONS: "detect_leaks=0" };
  const { status, signal, stdout, stderr, error } = spawnSync(path, [], { input, env, maxBuffer: 1 << 28 });
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

/** What clang says of an Objective-C++ source against declarations of what it uses of Apple's headers; empty where it is right. */
export function appleErrors(source: string): string {
  const language = ["-std=c++20", "-fsyntax-only", "-x", "objective-c++", "-fobjc-arc", "-fobjc-runtime=macosx-13", "-fblocks"];
  const args = [...language, "-Wall", "-Wextra", "-Werror", "-iquote", "native", `-I${here}/apple`, "-"];
  const { status, stderr } = spawnSync(clang!, args, { input: source });
  return status === 0 ? "" : String(stderr);
}
