/** What doctor looks at, one check after the other. */
import { spawnSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { loadAddon } from "../../addon/addon.js";
import { callsText, findCalibration } from "../../backends/calibration.js";
import { install, withoutNative } from "../../backends/index.js";
import { metalKernels, openMetal } from "../../backends/metal.js";
import { openWasm, wasmFamilies } from "../../backends/wasm.js";
import { tryPlacement } from "../../bus/shared/placement.js";
import { type SelfTest, selfTest } from "../../measure/self_test.js";
import { diagnose, machine } from "../kit/diagnosis.js";
import { plural } from "../kit/format.js";

export interface Check {
  name: string;
  status: "ok" | "warn" | "fail" | "skip";
  text: string;
  /** Further lines: what was tried, what to do. */
  lines?: string[];
  /** For programs. */
  details?: Record<string, unknown>;
}

export const oldest = { major: 20, minor: 19 };

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const fits = major > oldest.major || (major === oldest.major && minor >= oldest.minor);
  const needs = `needs >= ${oldest.major}.${oldest.minor}`;
  if (fits) return { name: "node", status: "ok", text: `node ${version} (${needs})`, details: { version } };
  const lines = ["fix     install a newer Node: https://nodejs.org/en/download"];
  return { name: "node", status: "fail", text: `node ${version} is too old (${needs})   [E_NODE_OLD]`, lines, details: { version } };
}

const threads = 2;
const builds: Readonly<Record<string, string>> = { base: "x86-64-v2", v3: "x86-64-v3", v4: "x86-64-v4" };

export async function kernelsCheck(version: string): Promise<Check> {
  const where = `${process.platform}-${process.arch}`;
  const crash = loadingCrash();
  if (crash !== undefined) {
    const lines = ["fix     install the package again; it is damaged", "until then use --backend reference"];
    return {
      name: "kernels",
      status: "fail",
      text: `kernels ${version} ${where}: ${crash}`,
      lines,
      details: { cause: "damaged", loaded: false },
    };
  }
  install();
  const loaded = loadAddon();
  if (!loaded.addon) {
    const { cause, what, tried, here, fix } = diagnose(loaded);
    const lines = [
      `tried   ${tried}`,
      `here    ${here}`,
      `fix     ${fix}   [${loaded.code}]`,
      `until then everything runs on ${withoutNative().text}`,
    ];
    return {
      name: "kernels",
      status: "fail",
      text: `kernels ${version} ${where}: not loaded, ${what}`,
      lines,
      details: { cause, code: loaded.code, tried, loaded: false },
    };
  }
  const named = (build: string) => (process.arch === "x64" ? builds[build] : undefined) ?? build;
  const { cpu, cpus, builds: built = cpus, linalg } = loaded.addon;
  const test = selfTest();
  const inThreads = await Promise.all(Array.from({ length: threads }, loadsInWorker));
  const broken = inThreads.find((answer) => answer !== "ok");
  const parts = [
    `kernels ${version} ${where}, ${named(cpu)} build (built: ${built.map(named).join(", ")})${linalg === "tiles" ? "" : `, linalg: ${linalg}`}, loaded in ${Math.max(1, Math.round(loaded.milliseconds))} ms`,
    `self-test ${test.passed}/${test.kernels} match references`,
    broken === undefined ? `loads in ${threads} worker threads` : `does not load in worker threads: ${broken}`,
  ];
  const lines = selfTestLines(test);
  const failed = test.failures.length > 0 || test.mismatches.length > 0 || broken !== undefined;
  const details = {
    loaded: true,
    path: loaded.path,
    cpu,
    cpus,
    builds: built,
    linalg,
    milliseconds: loaded.milliseconds,
    selfTest: test,
    threads: inThreads,
  };
  return {
    name: "kernels",
    status: failed ? "fail" : test.referenceOnly.length > 0 ? "warn" : "ok",
    text: parts.join("; "),
    ...(lines.length && { lines }),
    details,
  };
}

/** A file that was cut off can end the process that loads it: another one tries it first. */
function loadingCrash(): string | undefined {
  const module = new URL("../../addon/addon.js", import.meta.url).href;
  const { signal } = spawnSync(process.execPath, ["--input-type=module", "-e", `(await import(${JSON.stringify(module)})).loadAddon()`]);
  return signal ? `loading it ends the process with ${signal}` : undefined;
}

function selfTestLines({ failures, mismatches, referenceOnly }: SelfTest): string[] {
  const lines = [...failures.map((failure) => `wrong   ${failure}`), ...mismatches.map((mismatch) => `differs ${mismatch}`)];
  if (mismatches.length > 0)
    lines.push("fix     binary and JavaScript are of different versions: npm run build in the package's folder, or install it again");
  else if (failures.length > 0) lines.push("fix     use --backend reference, and please report this with tickforge doctor --json");
  if (referenceOnly.length > 0) lines.push(`not in the binary, on the reference only: ${referenceOnly.join(", ")}`);
  return lines;
}

function loadsInWorker(): Promise<string> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL("./doctor_worker.js", import.meta.url));
    worker.once("message", (answer) => resolve(String(answer)));
    worker.once("error", (error) => resolve(error.message));
    worker.once("exit", () => resolve("the thread ended without an answer"));
  });
}

/** A ring of 64 slots of 16,384 trades, and some more. */
const enoughBytes = 48 * 2 ** 20;

export function memoryCheck(): Check {
  const elsewhere = process.platform === "win32" ? "no process shares memory with another on Windows" : "the bus maps files elsewhere here";
  if (process.platform !== "linux") return { name: "shm", status: "skip", text: `/dev/shm is Linux's; ${elsewhere}` };
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    const free = bavail * bsize;
    const text = `/dev/shm ${Math.floor(free / 2 ** 20)} MiB free`;
    if (free >= enoughBytes) return { name: "shm", status: "ok", text: `${text}, enough for the bus`, details: { free } };
    const lines = ["fix     in a container: --shm-size=256m; else: mount -o remount,size=256m /dev/shm"];
    return { name: "shm", status: "warn", text: `${text}, little for a bus between processes`, lines, details: { free } };
  } catch (error) {
    return { name: "shm", status: "warn", text: `/dev/shm cannot be used: ${(error as Error).message}` };
  }
}

/** Pinning and real-time priority: a bus works without them, and says what it was granted. */
export function placementCheck(loaded: boolean): Check {
  const name = "placement";
  if (!loaded) return { name, status: "skip", text: "pinning and real time need the kernels' add-on" };
  const { pin, realTime } = tryPlacement();
  const pinned = pin!.granted
    ? `threads can be pinned to ${plural(pin!.cores.length, "core")}`
    : `threads cannot be pinned: ${pin!.reason}`;
  const urgent = realTime!.granted ? "real-time priority is permitted" : `real-time priority is refused: ${realTime!.reason}`;
  return { name, status: pin!.granted && realTime!.granted ? "ok" : "skip", text: `${pinned}; ${urgent}`, details: { pin, realTime } };
}

/** How "auto" chooses: as measured here, or native wherever it loads. */
export function choiceCheck(): Check {
  const name = "choice";
  const { calibration, cause } = findCalibration();
  const { TICKFORGE_BACKEND: named, TICKFORGE_REQUIRE: required } = process.env;
  const ruled = (named ?? required) ? `; ${named ? "TICKFORGE_BACKEND" : "TICKFORGE_REQUIRE"}=${named ?? required} rules here` : "";
  if (!calibration) {
    const text = `backends by rule: native where it loads (${cause})${ruled}`;
    return {
      name,
      status: "skip",
      text,
      lines: ["more    tickforge doctor --calibrate measures where another is faster"],
      details: { cause },
    };
  }
  const { kernels, date, backends, seconds, cut, left } = calibration;
  const crossed = Object.entries(kernels).flatMap(([kernel, ways]) => {
    const text = callsText(ways);
    return text === undefined ? [] : [`${kernel}: ${text}`];
  });
  const text = `backends by size, calibrated ${date} in ${Math.ceil(seconds)} s: ${crossed.length} of ${plural(Object.keys(kernels).length, "kernel")} change with it, the others take native${ruled}`;
  const wrong = left.map(({ kernel, backend, cause: why }) => `left    ${backend} of ${kernel}: ${why}`);
  const short =
    cut > 0 ? [`short   ${plural(cut, "kernel")} without the largest sizes, since the time was over: best done on a quiet machine`] : [];
  return {
    name,
    status: left.length > 0 ? "warn" : "ok",
    text,
    lines: [...wrong, ...short, ...crossed],
    details: { date, seconds, cut, backends, kernels, left },
  };
}

/** The GPU of a Mac: everything works without one, so that there being none is no warning. */
export function metalCheck(loaded: boolean): Check {
  const name = "metal";
  if (!loaded) return { name, status: "skip", text: "metal needs the kernels' add-on" };
  const { device, cause, causes } = openMetal();
  if (device === undefined) return { name, status: "skip", text: `metal: ${cause}`, details: { cause } };
  const missing = metalKernels().flatMap((kernel, i) => (causes[i] ? [`${kernel}: ${causes[i]}`] : []));
  const text = `metal: ${device}, ${plural(metalKernels().length - missing.length, "kernel")}, by name and where a calibration chose it`;
  return { name, status: missing.length > 0 ? "warn" : "ok", text, lines: missing, details: { device, kernels: metalKernels(), missing } };
}

/** The same kernels where the add-on does not load: where this is missing as well there is the reference. */
export function wasmCheck(): Check {
  const name = "wasm";
  install();
  const found = wasmFamilies.map((family) => ({ family, ...openWasm(family) }));
  const lines = found.flatMap(({ failed }) => (failed ? [`${failed.message}   [${failed.code}]`] : []));
  const modules = found.flatMap(({ family, module }) => (module ? [{ family, bytes: module.size, rows: module.rows.length }] : []));
  const [first] = found.flatMap(({ failed }) => failed ?? []);
  if (modules.length === 0)
    return { name, status: "skip", text: lines[0]!, lines: [`more    ${first!.hint}`], details: { code: first!.code } };
  const sum = (key: "bytes" | "rows") => modules.reduce((total, one) => total + one[key], 0);
  const text = `WebAssembly: ${plural(modules.length, "module")} with ${plural(sum("rows"), "row")} of kernels, SIMD, ${Math.round(sum("bytes") / 1000)} kB; runs where native does not load`;
  return { name, status: first ? "warn" : "ok", text, lines, details: { bytes: sum("bytes"), rows: sum("rows"), simd: true, modules } };
}

export function coresCheck(): Check {
  const cores = availableParallelism();
  if (cores > 2) return { name: "cores", status: "ok", text: `${cores} cores`, details: { cores } };
  return { name: "cores", status: "warn", text: `${plural(cores, "core")}: bench numbers will be noisy`, details: { cores } };
}

const optional = ["@duckdb/node-api", "@tensorflow/tfjs-core", "@tensorflow/tfjs-node", "apache-arrow", "ioredis"];

export function packagesCheck(): Check {
  const require = createRequire(import.meta.url);
  const installed = optional.filter((name) => {
    try {
      require.resolve(name);
      return true;
    } catch {
      return false;
    }
  });
  const missing = optional.filter((name) => !installed.includes(name));
  const details = { installed, missing };
  if (missing.length === 0) return { name: "optional", status: "ok", text: `${installed.join(", ")} installed (optional)`, details };
  const have = installed.length > 0 ? `; ${installed.join(", ")} installed` : "";
  return { name: "optional", status: "skip", text: `${missing.join(", ")} not installed (optional)${have}`, details };
}

export { machine };
