/** Folders of a system, and whether its memory and state have room. */
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, extname, isAbsolute, join, resolve } from "node:path";
import type { PlannedEngine, PlannedTopic } from "./plan.js";
import type { Source } from "./source.js";

/** Of a file's name, as the name of a system. */
export function stemOf(file: string): string {
  const stem = basename(file, extname(file)).replace(/[^A-Za-z0-9_.-]/g, "_");
  return stem.replace(/^[^A-Za-z0-9]+/, "").slice(0, 60) || "system";
}

/** Where the state of a system lies that names no folder; not made here. */
export function stateFolder(file: string | undefined): string {
  if (file === undefined) return join(userFolder(), "default");
  const path = resolve(file);
  return join(userFolder(), `${stemOf(path)}-${createHash("sha256").update(path).digest("hex").slice(0, 8)}`);
}

function userFolder(): string {
  const { XDG_STATE_HOME: given } = process.env;
  if (given !== undefined && isAbsolute(given)) return join(given, "tickforge");
  const home = homedir();
  if (usable(home)) return join(home, ".local", "state", "tickforge");
  return join(tmpdir(), `tickforge-${process.getuid?.() ?? 0}`);
}

function usable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return isAbsolute(folder) && statSync(folder).isDirectory();
  } catch {
    return false;
  }
}

function freeBytes(folder: string): number {
  let there = resolve(folder);
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  const { bavail, bsize } = statfsSync(there);
  return bavail * bsize;
}

/** Rings lie in memory, states as files in `folder`: all of them must find room before anything starts. */
export function needRoom(topics: readonly PlannedTopic[], engines: readonly PlannedEngine[], folder: string, source: Source): void {
  const memory = process.platform === "linux" ? "/dev/shm" : tmpdir();
  const rings = topics.map(({ topic, giver, ringBytes }) => ({ name: `topic ${topic.name}`, engine: giver, bytes: ringBytes }));
  const states = engines.map(({ name, stateBytes }) => ({ name: `engine ${name}`, engine: name, bytes: stateBytes }));
  for (const [what, place, parts, hint] of [
    ["the rings of the topics", memory, rings, 'fewer "rows" or "slots" in "gives"; containers have --shm-size'],
    ["the states of the engines", folder, states, 'options that keep less, or a "folder" where there is more room'],
  ] as const) {
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    const free = freeBytes(place);
    if (bytes <= free) continue;
    const largest = parts.reduce((a, b) => (b.bytes > a.bytes ? b : a));
    const told = `${what} take ${inWords(bytes)}, ${place} has ${inWords(free)} free; the largest is ${largest.name} with ${inWords(largest.bytes)}`;
    throw source.error("E_SYSTEM_SPACE", ["engines", largest.engine], told, { of: "key", value: bytes, hint });
  }
}

/** `1.2 MiB`. */
export function inWords(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const step = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step]}`;
}
