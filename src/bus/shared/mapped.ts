/** A ring's memory as a file that processes open by name, with locks that tell them of each other. */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { loadAddon, type MemoryFunctions, noSharedMemory } from "../../addon/addon.js";
import { BusError } from "../../core/contract/errors.js";
import type { Columns, Topic } from "../bus.js";
import type { Peers } from "../ring/peers.js";
import { createRegion, openRegion, type RegionOptions } from "../ring/region.js";

/** Locks lie on bytes that no region reaches: the first is shared by all who have the file open, the others are seats. */
const SEATS = 2 ** 40;
const ATTACHED = 0;

export interface Mapping {
  readonly path: string;
  readonly file: number;
  readonly memory: ArrayBuffer;
  readonly peers: Peers & { placement: number; trouble(): BusError | undefined };
}

export function memoryFunctions(): MemoryFunctions {
  const { addon, cause } = loadAddon();
  if (addon?.memory) return addon.memory;
  const instead = "Between threads of one process RingBus needs no add-on, nor does RedisBus between processes.";
  const hint = addon ? instead : `Run tickforge doctor. ${instead}`;
  throw new BusError("E_BUS_ADDON", `the shared bus needs the add-on: ${cause ?? noSharedMemory}`, { hint });
}

/** The bytes of a file that was opened to be read: as they lie where the add-on maps files, else read whole. */
export function fileView(file: number, bytes: number): ArrayBuffer {
  const functions = loadAddon().addon?.memory;
  if (functions) return functions.view(file, bytes);
  const copy = new Uint8Array(bytes);
  for (let at = 0, got = 1; at < bytes && got > 0; at += got) got = fs.readSync(file, copy, at, Math.min(bytes - at, 2 ** 30), at);
  return copy.buffer;
}

/** Seats as locks on bytes of the file: they end with the process, or thread, that opened it. */
class LockedPeers implements Peers {
  readonly pid = process.pid;
  placement = 0;
  private readonly mine = new Set<number>();
  constructor(
    private readonly memory: MemoryFunctions,
    private readonly file: number,
    private readonly path: string,
    private readonly bytes: number,
  ) {}
  trouble(): BusError | undefined {
    const { file, path, bytes } = this;
    const wrong = (code: string, what: string, hint: string) =>
      new BusError(code, `${path}: the file of the ring ${what}`, { hint, file: path });
    const { size } = fs.fstatSync(file);
    if (size < bytes)
      return wrong(
        "E_BUS_CUT",
        `was cut from ${bytes} to ${size} bytes while in use`,
        "Close the bus, remove the file, and open another bus.",
      );
    if (same(file, path)) return undefined;
    const now = fs.existsSync(path) ? "was replaced by another" : "was removed";
    return wrong("E_BUS_GONE", `${now} while in use: who opens the topic now cannot meet this one`, "Close the bus and open another.");
  }
  enter(seat: number): boolean {
    if (this.mine.has(seat) || !this.memory.lock(this.file, SEATS + seat, true)) return false;
    this.mine.add(seat);
    return true;
  }
  leave(seat: number): void {
    if (this.mine.delete(seat)) this.memory.unlock(this.file, SEATS + seat);
  }
  alive(seat: number): boolean {
    return this.mine.has(seat) || this.memory.held(this.file, SEATS + seat);
  }
}

/** What a failed call of the system means for whoever wants this topic. */
function explain(error: unknown, path: string, topic: string, bytes: number): BusError {
  if (error instanceof BusError) return error;
  const { code = "", message } = error as NodeJS.ErrnoException;
  const of = (name: string, what: string, hint: string) =>
    new BusError(name, `topic '${topic}': ${what}`, { hint, file: path, cause: error });
  if (["ENOSPC", "EDQUOT", "ENOMEM", "EFBIG"].includes(code)) {
    const { bavail, bsize } = fs.statfsSync(dirname(path));
    const free = `${dirname(path)} has ${bavail * bsize} bytes free, the ring needs ${bytes}`;
    return of("E_BUS_SPACE", free, "Free some, use fewer slots or rows, or pass a folder elsewhere; containers have --shm-size.");
  }
  if (["EACCES", "EPERM", "EROFS", "ELOOP"].includes(code))
    return of("E_BUS_PERMISSION", `no access to ${path}: ${message}`, "Run both sides as one user, or pass a folder that it owns.");
  if (code === "EXTERNAL")
    return of("E_BUS_EXTERNAL", message, "Electron is one; run the bus in a Node process of its own and send it what you need.");
  return of("E_BUS_SYSTEM", `${path}: ${message}`, "The message is the operating system's.");
}

/** A folder that is ours alone: whoever could write there could put another file in a ring's place. */
export function ownFolder(folder: string): string {
  try {
    if (!fs.existsSync(folder)) fs.mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return ownFolder(folder);
    const hint = "Pass a folder that this user may write to; the one above it must be there.";
    throw new BusError("E_BUS_PERMISSION", `cannot make the folder ${folder}: ${(cause as Error).message}`, { hint, file: folder, cause });
  }
  const { uid, mode } = fs.lstatSync(folder);
  if (uid === process.getuid?.() && (mode & 0o077) === 0) return folder;
  const what = `the folder ${folder} belongs to user ${uid} with mode ${(mode & 0o777).toString(8)}, expected this user's with 700`;
  throw new BusError("E_BUS_PERMISSION", what, { hint: "chmod 700 it, or pass another folder.", file: folder });
}

const ending = ".ring";
export function pathOf(folder: string, name: string): string {
  const file = encodeURIComponent(name) + ending;
  if (file.length > 240) {
    const hint = "Names of files end at 255 bytes.";
    throw new BusError("E_BUS_TOPIC", `topic '${name.slice(0, 40)}...': the name takes ${file.length} bytes as a file, at most 240`, {
      hint,
    });
  }
  return join(folder, file);
}
/** Names of the topics that have a file there. */
export const namesIn = (folder: string): string[] =>
  fs.readdirSync(folder).flatMap((file) => {
    if (!file.endsWith(ending)) return [];
    try {
      return [decodeURIComponent(file.slice(0, -ending.length))];
    } catch {
      // Not a name that a topic's file has.
      return [];
    }
  });

/** Makes the whole file under another name first: nobody ever sees one that is half made. Undefined where somebody was faster. */
function create(path: string, topic: Topic, options: RegionOptions): Mapping | undefined {
  const functions = memoryFunctions();
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  let file = -1;
  let bytes = 0;
  let kept = false;
  try {
    file = fs.openSync(draft, "wx+", 0o600);
    const allocate = (size: number) => {
      bytes = size;
      functions.allocate(file, size);
      return map(functions, draft, file);
    };
    const { memory } = createRegion(topic, { ...options, allocate });
    functions.lock(file, SEATS + ATTACHED, false);
    fs.linkSync(draft, path);
    kept = true;
    return { path, file, memory: memory as ArrayBuffer, peers: new LockedPeers(functions, file, path, bytes) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw explain(error, path, topic.name, bytes);
  } finally {
    if (!kept && file >= 0) fs.closeSync(file);
    fs.rmSync(draft, { force: true });
  }
}

/** Opens the file that is there; undefined where it is gone, or went while it was looked at. */
function open(path: string, topic: Topic | undefined, name: string): Mapping | undefined {
  const functions = memoryFunctions();
  let file = -1;
  let kept = false;
  try {
    file = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_NOFOLLOW);
    if (!functions.lock(file, SEATS + ATTACHED, false) || !same(file, path)) return undefined;
    const memory = map(functions, path, file);
    const peers = new LockedPeers(functions, file, path, memory.byteLength);
    try {
      const { topic: found } = openRegion(memory, topic);
      // With nobody there, the next one's wishes count.
      const outdated = topic && (found.slots !== topic.slots || found.backpressure !== topic.backpressure);
      if (!outdated || !alone(functions, file)) kept = true;
    } catch (error) {
      if (!topic || !alone(functions, file)) throw error;
    }
    if (kept) return { path, file, memory, peers };
    discard(path);
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw explain(error, path, name, 0);
  } finally {
    if (!kept && file >= 0) fs.closeSync(file);
  }
}

/** Through an opening of its own: the mapping holds on to it, and with it would to the locks of `file` after that is closed. */
function map(functions: MemoryFunctions, path: string, file: number): ArrayBuffer {
  const { O_RDWR, O_NOFOLLOW } = fs.constants;
  const own = fs.openSync(path, O_RDWR | O_NOFOLLOW);
  try {
    if (!same(own, path) || !same(file, path)) throw Object.assign(new Error(`${path} was replaced`), { code: "ENOENT" });
    return functions.map(own, fs.fstatSync(own).size);
  } finally {
    fs.closeSync(own);
  }
}

/** Whether `path` still is this file. */
function same(file: number, path: string): boolean {
  const there = fs.statSync(path, { throwIfNoEntry: false });
  const { ino, dev } = fs.fstatSync(file);
  return there?.ino === ino && there.dev === dev;
}

/** Whether nobody else has the file open; if so, nobody can any more. */
const alone = (functions: MemoryFunctions, file: number): boolean => {
  if (functions.lock(file, SEATS + ATTACHED, true)) return true;
  functions.lock(file, SEATS + ATTACHED, false);
  return false;
};

function discard(path: string): void {
  fs.rmSync(path, { force: true });
  for (const file of fs.readdirSync(dirname(path)))
    if (file.startsWith(`${basename(path)}.`)) fs.rmSync(join(dirname(path), file), { force: true });
}

/** Opens a topic's ring, or makes it; one that nobody uses and that does not fit is replaced. */
export function openMapping<C extends Columns>(path: string, topic: Topic<C>, options: RegionOptions): Mapping {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const mapping = open(path, topic, topic.name) ?? create(path, topic, options);
    if (mapping) return mapping;
  }
  throw new BusError("E_BUS_SYSTEM", `topic '${topic.name}': ${path} changes all the time`, {
    hint: "Look who makes and removes it.",
    file: path,
  });
}

/** Opens a ring by its name alone. */
export function findMapping(path: string, name: string): Mapping {
  const mapping = open(path, undefined, name);
  if (mapping) return mapping;
  throw absent(path, name);
}

/** Opens a ring only to look: whoever uses it need not know, and may remove it. `inUse`: whether anybody has it open. */
export function lookMapping(path: string, name: string): Mapping & { inUse(): boolean } {
  const functions = memoryFunctions();
  let file = -1;
  try {
    file = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_NOFOLLOW);
    const memory = map(functions, path, file);
    const inUse = () => functions.held(file, SEATS + ATTACHED);
    return { path, file, memory, peers: new LockedPeers(functions, file, path, memory.byteLength), inUse };
  } catch (error) {
    if (file >= 0) fs.closeSync(file);
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw absent(path, name);
    throw explain(error, path, name, 0);
  }
}

const absent = (path: string, name: string) =>
  new BusError("E_BUS_NAME", `topic '${name}': there is no ring ${path}`, {
    hint: "Start what publishes it, or check folder and namespace.",
  });

/** Lets go of the file, and unless it is to be kept removes it if nobody else has it. The memory stays mapped until its views are gone. */
export function closeMapping({ path, file }: Mapping, keep = false): void {
  const functions = memoryFunctions();
  if (!keep && alone(functions, file) && same(file, path)) discard(path);
  fs.closeSync(file);
}
