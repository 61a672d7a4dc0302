/** The only file that loads the add-on. It loads once per thread; every cause of a failure is kept for whoever asks. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { TickforgeError } from "../core/contract/errors.js";
import { platformBinary, platformPackage } from "./platform.js";

export interface AddonRow {
  name: string;
  dtype: "f64" | "f32" | "any";
  signature: string;
  address: bigint;
}
/** Memory that processes share, on Linux and macOS. A call that fails throws an Error with the errno's name as its code. */
export interface MemoryFunctions {
  allocate(file: number, bytes: number): void;
  map(file: number, bytes: number): ArrayBuffer;
  /** Bytes of a file that was opened to be read; what is written to them stays in this process. */
  view(file: number, bytes: number): ArrayBuffer;
  /** Ties this thread to cores; those that it may run on from then on. */
  pin(cores: Int32Array): number[];
  /** 1 to 99: before all threads that are not real-time; 0: among the others again. */
  realTime(priority: number): void;
  wait(words: Int32Array, index: number, value: number, milliseconds: number): void;
  wake(words: Int32Array, index: number): void;
  /** False where another opening of the file has the lock. */
  lock(file: number, byte: number, exclusive: boolean): boolean;
  unlock(file: number, byte: number): void;
  held(file: number, byte: number): boolean;
  makeFifo(path: string): void;
}
/** Kernels of one table, and how arrays are bound to them: a row's number, the numbers that describe its arguments (see backends/native), views. */
export interface AddonKernels {
  rows: AddonRow[];
  /** What a contract says of a row's arguments: every call of the row is held against it. */
  declare(row: number, layout: Float64Array): void;
  /** `views`: of all slots, one after the other. */
  bind(row: number, descriptor: Float64Array, views: readonly unknown[]): (slot?: number) => void;
  /** What the bound function would do, once. */
  call(row: number, descriptor: Float64Array, ...views: readonly unknown[]): void;
}
/** Kernels that run on a GPU, where there is one. */
export interface GpuKernels extends AddonKernels {
  /** Compiles the shaders, once; why each row cannot run: "" where it can. Throws an Error where there is no device. */
  open(source: string): { device: string; causes: string[] };
  /** Name of the device, which is not opened; "" where there is none. */
  device(): string;
  /** What the last run that failed was told. */
  failure(): string;
}
export interface Addon extends AddonKernels {
  /** Of the package, and of what it exports and takes; another one is not used. */
  version: string;
  cpu: string;
  /** Instruction sets of the binary that this processor has. */
  cpus: string[];
  /** All that the binary holds. */
  builds: string[];
  /** What multiplies and factors matrices: own tiles, or Apple's Accelerate. */
  linalg: "tiles" | "accelerate";
  metal: GpuKernels;
  /** Runs what was bound on another thread; the number names the execution for `end`, after which it settles soon, computed or not. */
  start(bound: (slot?: number) => void, slot: number, settled: () => void): number;
  end(execution: number): void;
  /** Not on Windows, where no process can sleep on a word that another one writes. */
  memory?: MemoryFunctions;
  address(view: ArrayBufferView): bigint;
  /** For tests: scratch memory lies between fences from now on, or not; how many executions broke one since it was last asked. */
  fence(on: boolean): number;
  /** Multiplies and adds, or reads a view, as fast as this processor can; returns the operations or bytes of it. */
  roofline(repeats: number, view?: Float64Array): number;
}
export interface Loaded {
  addon?: Addon;
  /** File that was loaded, or tried. */
  path?: string;
  cause?: string;
  /** Of the cause. */
  code?: "E_NATIVE_MISSING" | "E_NATIVE_VERSION";
  milliseconds: number;
}

/** Where this file lies: in a bundle that is CommonJS `import.meta` is empty, and what is looked for is looked for from the program's folder. */
const here = (import.meta.url as string | undefined) ?? pathToFileURL(join(process.cwd(), "bundle.cjs")).href;
const require = createRequire(here);

/** The folder with the package.json of tickforge: found upward, since the sources and the shipped files lie at different depths. */
function findRoot(): string | undefined {
  for (let folder = dirname(fileURLToPath(here)); ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    // Above a bundle lies the package.json of another program, whose prebuilds are not ours.
    if (existsSync(file) && nameIn(file) === "tickforge") return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

function nameIn(file: string): unknown {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { name?: unknown }).name;
  } catch {
    return undefined; // not read, or no JSON: another program's, whatever is wrong with it
  }
}

const bundled = "this file was bundled apart from its package, which holds the binaries";

let root: string | undefined;
export function packageRoot(): string {
  root ??= findRoot();
  if (root === undefined) throw new TickforgeError("E_NATIVE_MISSING", bundled, { hint: howToBuild() });
  return root;
}

/** Number of what the add-on exports and takes; native/addon/addon.cc has the same. */
const border = "border 1";

/** What brings the add-on: in a checkout, in the folder of whoever installed the package, or for a bundle. */
export function howToBuild(): string {
  root ??= findRoot();
  if (root === undefined) return "leave tickforge out of the bundle, as an external package, and install it beside (docs/bundlers.md)";
  if (process.platform === "win32")
    return `npm run prebuild -- win32-${process.arch} in a checkout on Linux, which compiles it for Windows`;
  return existsSync(join(root, "tsconfig.json"))
    ? "npm run build in the package's folder (needs CMake and a C++20 compiler)"
    : "npm install --no-save cmake-js node-addon-api node-api-headers && npx cmake-js compile -d node_modules/tickforge (needs CMake and a C++20 compiler)";
}

/** What brings it where there is none, or one of another version: the package of this platform, which some installers leave out. */
export function howToInstall(): string {
  const name = platformPackage();
  const installed = root !== undefined && !existsSync(join(root, "tsconfig.json"));
  return installed && name !== undefined ? `npm install ${name}@${packageVersion()}, or ${howToBuild()}` : howToBuild();
}

/** Of a bundle apart from its package nobody knows it. */
export function packageVersion(): string {
  root ??= findRoot();
  return root === undefined ? "unknown" : (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version;
}

/** A binary is mapped by the system, which sees no file inside an archive of Electron: packers put a copy beside it. */
function outsideArchive(path: string): string {
  const beside = path.replace(/\.asar(?=[\\/])/, ".asar.unpacked");
  return beside !== path && existsSync(beside) ? beside : path;
}

/** What was compiled here, or lies in this package; else what came with the package of this platform. */
function findBinary(folder: string): string {
  const find = require("node-gyp-build") as { resolve?: (dir: string) => string; path?: (dir: string) => string };
  try {
    return (find.resolve ?? find.path)!(folder);
  } catch (error) {
    // Whoever names a folder is not given another's binary.
    const installed = process.env.TICKFORGE_PREBUILD ? undefined : platformBinary((name) => require.resolve(name));
    if (installed !== undefined) return installed;
    const wanted = platformPackage();
    if (!/No native build was found/.test((error as Error).message)) throw error;
    const absent = wanted === undefined ? "there is no package for it" : `the package ${wanted} is not installed`;
    throw new Error(`no prebuilt binary for ${process.platform}-${process.arch}: ${absent}`);
  }
}

function load(): Loaded {
  const started = performance.now();
  const loaded: Loaded = { milliseconds: 0 };
  try {
    loaded.path = outsideArchive(findBinary(packageRoot()));
    const addon = require(loaded.path) as Addon;
    const [theirs, ours] = [addon.version ?? "of a version that tells none", `${packageVersion()} ${border}`];
    if (theirs === ours) loaded.addon = addon;
    else Object.assign(loaded, { code: "E_NATIVE_VERSION", cause: `the add-on is ${theirs}, this JavaScript is tickforge ${ours}` });
  } catch (error) {
    loaded.code = "E_NATIVE_MISSING";
    loaded.cause = (error as Error).message.split("\n")[0]!;
  }
  loaded.milliseconds = performance.now() - started;
  return loaded;
}

let result: Loaded | undefined;
export function loadAddon(): Loaded {
  result ??= load();
  return result;
}

/** Why an add-on that loads has no `memory`. */
export const noSharedMemory = `it maps memory that processes share on Linux and macOS, not on ${process.platform}`;

/** Address of a view's first element, where the add-on is loaded. */
export function addressOf(view: ArrayBufferView): bigint | undefined {
  if (!ArrayBuffer.isView(view) || view instanceof DataView) {
    const hint = "pass a typed array";
    throw new TickforgeError("E_ARGUMENT", "addressOf: this is no typed array", { value: view, hint });
  }
  return loadAddon().addon?.address(view);
}
