/** What `tickforge doctor --calibrate` measured on this machine: a file in the user's cache that says from how much work on which backend is the fastest. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { cpus, homedir } from "node:os";
import { dirname, join } from "node:path";
import { loadAddon, packageVersion } from "../addon.js";
import type { Crossover, Crossovers, Ways } from "../choose.js";

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

export function fingerprint(): Fingerprint {
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
  };
}

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
  const now = fingerprint();
  const changed = (Object.keys(now) as (keyof Fingerprint)[]).filter((key) => now[key] !== read.fingerprint[key]);
  if (changed.length === 0) return { calibration: read };
  return { cause: `the calibration is of another ${changed.map((key) => `${key} (${read.fingerprint[key]})`).join(", ")}` };
}

/** A file that somebody edited must not choose what nobody measured. */
function sound({ fingerprint: of, kernels, date }: Calibration): boolean {
  const steps = (crossover: Crossover | undefined) =>
    crossover === undefined ||
    (Array.isArray(crossover) &&
      crossover.every(
        ({ work, rows, backend }, i) =>
          work >= (crossover[i - 1]?.work ?? 0) && Number.isFinite(rows) && ["string", "undefined"].includes(typeof backend),
      ));
  const ways = (of: Ways | undefined) => of === undefined || (steps(of.call) && steps(of.bound));
  return (
    typeof of === "object" &&
    of !== null &&
    typeof date === "string" &&
    typeof kernels === "object" &&
    kernels !== null &&
    Object.values(kernels).every((kernel) => ways(kernel?.f64) && ways(kernel?.f32))
  );
}

export const crossoversOf = ({ kernels }: Calibration): Crossovers => new Map(Object.entries(kernels));

/** Complete or not there: it is written beside its place and moved. Throws where the folder cannot be written. */
export function writeCalibration(made: Omit<Calibration, "schema" | "fingerprint">): void {
  const path = calibrationPath();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, `${JSON.stringify({ schema, fingerprint: fingerprint(), ...made })}\n`);
  renameSync(`${path}.part`, path);
}

/** `reference below 12 rows, native from 12 on`; undefined where one backend is the fastest for all but nothing. */
export function crossoverText(crossover: Crossover | undefined, first = "native"): string | undefined {
  if (crossover === undefined || crossover.length < 2 || crossover.at(-1)!.rows <= 1) return undefined;
  const parts = crossover.map(({ rows, backend = first }, i) =>
    i === 0 ? `${backend} below ${crossover[1]!.rows} rows` : `${backend} from ${rows} on`,
  );
  return parts.join(", ");
}
