/** What `tickforge doctor --calibrate` measured on this machine: a file in the user's cache that says from how much work on which backend is the fastest. */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { cpus, homedir } from "node:os";
import { dirname, join } from "node:path";
import { loadAddon, packageVersion } from "../addon/addon.js";
import type { Crossover, Crossovers, Ways } from "../core/call/choose.js";
import { metalDevice } from "./metal.js";

const schema = 2;

/** What the measurements hang on: where one of these has changed, they are not used. */
export interface Fingerprint {
  version: string;
  processor: string;
  cores: number;
  platform: string;
  node: string;
  /** Build of the add-on, and what multiplies its matrices; "none" where it does not load. */
  cpu: string;
  linalg: string;
  /** The GPU, where one is chosen. */
  device?: string;
}

export interface Calibration {
  schema: number;
  date: string;
  fingerprint: Fingerprint;
  /** Those that were measured. */
  backends: string[];
  seconds: number;
  /** Kernels and dtypes of which larger sizes were left out, since the time was over. */
  cut: number;
  kernels: Record<string, { f64?: Ways; f32?: Ways }>;
  /** Backends that were not the reference's equal somewhere: they are chosen by name only. */
  left: { kernel: string; backend: string; cause: string }[];
}

export type Found = { calibration: Calibration; cause?: undefined } | { calibration?: undefined; cause: string };

/** Looking for a GPU takes time: it is done where a crossover names it. */
export function fingerprint(kernels: Calibration["kernels"]): Fingerprint {
  const { addon } = loadAddon();
  const all = cpus();
  return {
    version: packageVersion(),
    processor: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    platform: `${process.platform}-${process.arch}`,
    node: process.versions.node.split(".")[0]!,
    cpu: addon?.cpu ?? "none",
    linalg: addon?.linalg ?? "none",
    ...(chooses(kernels, "metal") && { device: metalDevice() || "none" }),
  };
}

const chooses = (kernels: Calibration["kernels"], name: string): boolean =>
  Object.values(kernels)
    .flatMap(({ f64, f32 }) => [f64?.call, f64?.bound, f32?.call, f32?.bound])
    .some((crossover) => crossover?.some(({ backend }) => backend === name));

/** TICKFORGE_CALIBRATION names another file; `none` is no file at all. */
export function calibrationPath(): string {
  const { TICKFORGE_CALIBRATION: named, XDG_CACHE_HOME: cache, LOCALAPPDATA: local } = process.env;
  if (named) return named;
  const system = { darwin: join(homedir(), "Library", "Caches"), win32: local }[process.platform as string];
  return join(cache || system || join(homedir(), ".cache"), "tickforge", "calibration.json");
}

/** The calibration of this machine, or why there is none that holds. */
export function findCalibration(): Found {
  const path = calibrationPath();
  if (path === "none") return { cause: "TICKFORGE_CALIBRATION is none" };
  let read: Calibration;
  try {
    read = JSON.parse(readFileSync(path, "utf8")) as Calibration;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    return { cause: missing ? "not calibrated" : `the calibration cannot be read: ${(error as Error).message}` };
  }
  if (read?.schema !== schema || !sound(read)) return { cause: "the calibration is of another version, or damaged" };
  const now = fingerprint(read.kernels);
  const changed = (Object.keys(now) as (keyof Fingerprint)[]).filter((key) => now[key] !== read.fingerprint[key]);
  if (changed.length === 0) return { calibration: read };
  return { cause: `the calibration is of another ${changed.map((key) => `${key} (${read.fingerprint[key]})`).join(", ")}` };
}

/** A file that somebody edited must not choose what nobody measured, nor end what reads it. */
function sound({ fingerprint: of, kernels, date, backends, seconds, cut, left }: Calibration): boolean {
  const record = (value: unknown): boolean => typeof value === "object" && value !== null;
  const steps = (crossover: Crossover | undefined) =>
    crossover === undefined ||
    (Array.isArray(crossover) &&
      crossover.every(
        (step, i) =>
          record(step) &&
          step.work >= (crossover[i - 1]?.work ?? 0) &&
          Number.isFinite(step.rows) &&
          ["string", "undefined"].includes(typeof step.backend),
      ));
  const ways = (of: Ways | undefined) => of === undefined || (record(of) && steps(of.call) && steps(of.bound));
  return (
    record(of) &&
    typeof of.version === "string" &&
    typeof date === "string" &&
    [backends, left].every(Array.isArray) &&
    left.every(record) &&
    [seconds, cut].every(Number.isFinite) &&
    record(kernels) &&
    Object.values(kernels).every((kernel) => record(kernel) && ways(kernel.f64) && ways(kernel.f32))
  );
}

export const crossoversOf = ({ kernels }: Calibration): Crossovers => new Map(Object.entries(kernels));

/** With those above it, each by itself: Node's `recursive` never ends below a folder where none can be made, such as /proc. */
export function makeFolder(path: string): void {
  const there = () => existsSync(path) && statSync(path).isDirectory();
  if (there()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (!there()) throw error; // else another process was quicker
  }
}

/** Complete or not there: it is written beside its place and moved. Throws where the folder cannot be written. */
export function writeCalibration(made: Omit<Calibration, "schema" | "fingerprint">): void {
  const path = calibrationPath();
  makeFolder(dirname(path));
  writeFileSync(`${path}.part`, `${JSON.stringify({ ...made, schema, fingerprint: fingerprint(made.kernels) })}\n`);
  renameSync(`${path}.part`, path);
}

/** `reference below 12 rows, native from 12 on`; undefined where `first` is the fastest for all but nothing. */
export function crossoverText(crossover: Crossover | undefined, first = "native"): string | undefined {
  const steps = crossover?.filter((_, i) => (crossover[i + 1]?.rows ?? 2) > 1) ?? [];
  const named = steps.map(({ rows, backend = first }) => ({ rows, backend }));
  if (named.length === 0 || (named.length === 1 && named[0]!.backend === first)) return undefined;
  if (named.length === 1) return `${named[0]!.backend} at every size`;
  const parts = named.map(({ rows, backend }, i) => (i === 0 ? `${backend} below ${named[1]!.rows} rows` : `${backend} from ${rows} on`));
  return parts.join(", ");
}

/** What calls of a kernel take; f32 columns beside f64 where other backends are among them. */
export function callsText({ f64, f32 }: { readonly f64?: Ways; readonly f32?: Ways }): string | undefined {
  const [wide, narrow] = [crossoverText(f64?.call), crossoverText(f32?.call)];
  const among = (crossover: Crossover | undefined) => (crossover ?? []).map(({ backend = "native" }) => backend).join();
  if (narrow === undefined || among(f64?.call) === among(f32?.call)) return wide;
  return `${wide ?? (f64 ? "native at every size" : "")}; f32: ${narrow}`.replace(/^; /, "");
}
