/** Builds shaders against the stand-in for metal_stdlib and runs them on the CPU, under address and undefined-behaviour sanitizers. */
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { packageVersion } from "../../../src/addon/addon.js";
import { shaderFiles, shaderSource } from "../../../src/backends/metal.js";

const here = resolve("test/metal/stand_in");
const execute = promisify(execFile);
/** Compilers of this file, through ccache where the build says so. */
function compile(args: readonly string[]) {
  const launcher = process.env.CMAKE_CXX_COMPILER_LAUNCHER;
  return execute(launcher ?? "g++", launcher ? ["g++", ...args] : args);
}
const warnings = ["-Wall", "-Wextra", "-Werror", "-Wdouble-promotion"];
const textsOf = (...folders: string[]) =>
  folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(h|cc|mm)$|^metal_stdlib$/.test(name))
      .map((name) => readFileSync(join(folder, name), "utf8")),
  );

const clangVersion = spawnSync("clang++-19", ["--version"]);
/** clang with address spaces that carry types, or why it is not at hand. */
export const clang = clangVersion.status === 0 ? "clang++-19" : undefined;
const versions = `${spawnSync("g++", ["--version"]).stdout}${clangVersion.stdout}`;

const abandoned = 300_000; // ms after which another makes what a process began
const kept = 86_400_000; // ms that what has other ingredients by now is kept

/** A file or folder of out/metal, made once of the same ingredients by the same compilers, by whichever suite asks first. */
export async function madeOnce(stem: string, ingredients: readonly string[], make: (path: string) => Promise<unknown>): Promise<string> {
  const folder = resolve("out/metal");
  mkdirSync(folder, { recursive: true });
  const key = createHash("sha256")
    .update(JSON.stringify([versions, ingredients]))
    .digest("hex");
  const path = join(folder, `${stem}-${key.slice(0, 20)}`);
  const [claim, part] = [`${path}.claim`, `${path}.part`];
  while (!existsSync(path)) {
    const since = statSync(claim, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > abandoned) rmSync(claim, { force: true });
    try {
      closeSync(openSync(claim, "wx"));
    } catch {
      await setTimeout(50);
      continue;
    }
    try {
      if (existsSync(path)) break;
      rmSync(part, { recursive: true, force: true });
      await make(part);
      renameSync(part, path);
    } finally {
      rmSync(claim, { force: true });
    }
    for (const name of readdirSync(folder).filter((other) => other.startsWith(`${stem}-`))) {
      const made = statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - made > kept) rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
  return path;
}

/** Names of the kernels in a text of shaders. */
export const kernelsOf = (text: string): string[] => [...text.matchAll(/^kernel void (\w+)\(/gm)].map((m) => m[1]!);

export interface Program {
  path: string;
}

interface Options {
  /**
   * What Metal still allows: logarithms off by 4 ulp and products contracted to fma at the compiler's will. Its results differ from those
   * of the exact build; the error bound must hold for both.
   */
  rough?: boolean;
  flags?: readonly string[];
}

const language = ["-std=c++20", ...warnings, "-Wno-attributes", `-I${here}`];
const sanitizers = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const kernelsIn = (path: string, text: string) => [
  `-DSHADER="${path}"`,
  `-DKERNELS=${kernelsOf(text)
    .map((name) => `RUN(${name})`)
    .join(" ")}`,
];

/** A program that runs the kernels of a text of shaders on request; `stem` is what its file is called by. */
export async function build(stem: string, text: string, { rough = false, flags = sanitizers }: Options = {}): Promise<Program> {
  const texts = textsOf(here);
  const source = await madeOnce(`${stem}.metal`, [text], async (path) => writeFileSync(path, text));
  const object = (path: string) => compile([...language, ...flags, "-c", join(here, "run.cc"), "-o", path]);
  const runner = await madeOnce("run.o", [...texts, ...flags], object);
  const arithmetic = rough ? ["-DMETAL_ROUGH", "-ffp-contract=fast", "-march=native"] : ["-ffp-contract=off"];
  const options = [...language, "-O1", ...arithmetic, ...flags];
  const path = await madeOnce(`${stem}${rough ? "-rough" : ""}`, [...texts, source, ...options], (to) =>
    compile([...options, ...kernelsIn(source, text), join(here, "shaders.cc"), "-x", "none", runner, "-o", to]),
  );
  return { path };
}

/** All shaders and the functions that they share, in one program, from the text that a device is given. */
export const buildShaders = (options?: Options): Promise<Program> =>
  build("shaders", shaderSource([...shaderFiles(), "test/metal/stand_in/functions.metal"]), options);

/** What g++ says of a file of shaders, or nothing. */
export function errorsOf(file: string, ...flags: string[]): string {
  const program = kernelsIn(resolve(file), readFileSync(file, "utf8"));
  return String(spawnSync("g++", [...language, "-fsyntax-only", ...flags, ...program, join(here, "shaders.cc")]).stderr);
}

/** The add-on with a device that runs `program`, and no kernel that needs none; the folder for TICKFORGE_PREBUILD. */
export function buildAddon(): Promise<string> {
  const gpu = readdirSync("native/metal").map((name) => basename(name, ".cc"));
  const addon = ["addon", "addon_memory", "shared_memory", "placement"].map((name) => `native/addon/${name}.cc`);
  const plain = [...addon, "native/gpu/gpu.cc", "native/abi/check_values.cc", "native/simd/roofline.cc"];
  const sources = [...plain, "test/metal/stand_in/device.cc", ...gpu.map((name) => `native/metal/${name}.cc`)];
  const modules = ["node-addon-api", "node-api-headers/include"].map((name) => `-isystem${resolve("node_modules", name)}`);
  const defines = [
    "-DNAPI_VERSION=9",
    "-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
    "-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
    '-DTICKFORGE_LINALG="tiles"',
    `-DTICKFORGE_VERSION="${packageVersion()}"`,
    "-DTICKFORGE_BATCH_NUMBERS=360", // several batches of every simulation
  ];
  const flags = ["-std=c++20", "-O1", "-fPIC", "-fno-exceptions", "-ffp-contract=off", "-Wall", "-Wextra", "-Wno-psabi"];
  const lists = ["KERNELS(X)", "BUILDS(X) X(base)", `GPU_KERNELS(X) ${gpu.map((name) => `X(${name})`).join(" ")}`];
  const list = lists.map((line) => `#define ${line}\n`).join("");
  const texts = textsOf("native", "shaders", here);
  return madeOnce("addon", [list, ...texts, ...sources, ...flags, ...modules, ...defines], async (folder) => {
    mkdirSync(`${folder}/build/Release`, { recursive: true });
    writeFileSync(`${folder}/kernel_list.h`, list);
    const objects = await Promise.all(
      sources.map(async (source) => {
        const metal = source.startsWith("native/metal/");
        const object = `${folder}/${basename(source, ".cc")}${metal ? "_metal" : ""}.o`;
        const isa = metal ? ["-DTICKFORGE_ISA=metal"] : [];
        await compile([...flags, ...defines, ...isa, "-iquotenative", `-I${folder}`, ...modules, "-c", source, "-o", object]);
        return object;
      }),
    );
    await compile(["-shared", "-static-libstdc++", ...objects, "-o", `${folder}/build/Release/tickforge.node`]);
  });
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

/** What clang says of a shader when device, constant and threadgroup are distinct types; empty where it is right. */
export function addressSpaceErrors(shader: string): string {
  const quiet = ["-Wno-unknown-attributes", "-Wno-ignored-attributes", "-Wno-unused-function"];
  const args = ["-std=c++20", "-x", "c++", "-fsyntax-only", ...warnings, ...quiet, `-I${here}`, "-DMETAL_ADDRESS_SPACES", shader];
  const { status, stderr } = spawnSync(clang!, args);
  return status === 0 ? "" : String(stderr);
}

/** What clang says of Objective-C++ sources against declarations of what they use of Apple's headers; empty where one is right. */
export async function appleErrors(sources: readonly string[]): Promise<string[]> {
  const objective = ["-std=c++20", "-fobjc-arc", "-fobjc-runtime=macosx-13", "-fblocks", "-Wall", "-Wextra", "-Werror"];
  const args = [...objective, "-iquote", "native", "-iquote", "native/gpu", `-I${here}/apple`];
  // What all of them include is read once.
  const included = [...sources[0]!.matchAll(/^#(?:import|include) .*$/gm)].join("\n");
  const texts = [...textsOf("native", `${here}/apple/Foundation`, `${here}/apple/Metal`), ...args];
  const header = await madeOnce("apple.h", [included], async (path) => writeFileSync(path, included));
  const headers = await madeOnce("apple.pch", [header, ...texts], (path) =>
    execute(clang!, [...args, "-Xclang", "-fno-pch-timestamp", "-x", "objective-c++-header", header, "-o", path]),
  );
  return sources.map((source) => {
    const { status, stderr } = spawnSync(clang!, [...args, "-fsyntax-only", "-include-pch", headers, "-x", "objective-c++", "-"], {
      input: source,
    });
    return status === 0 ? "" : String(stderr);
  });
}
