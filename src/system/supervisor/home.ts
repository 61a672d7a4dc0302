/** The folder of a system: state, log, and who runs it now. */
import * as fs from "node:fs";
import { basename, join } from "node:path";
import { loadAddon } from "../../addon/addon.js";
import { TickforgeError } from "../../core/contract/errors.js";
import type { Plan } from "../plan/plan.js";
import { ringsFolder } from "./rings.js";

export interface Owner {
  readonly pid: number;
  /** Clock ticks from boot to the start of that process, where the system tells: a pid alone may be somebody else's by now. */
  readonly birth?: string;
  readonly since: string;
  readonly control: string;
}

/** Bytes of a socket's path: 103 on macOS, 107 on Linux. */
const MOST_SOCKET = 103;

const ownerPath = (folder: string) => join(folder, "owner.json");
export const logPath = (folder: string) => join(folder, "log.jsonl");

function birthOf(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/** Who runs the system of this folder; undefined where nobody does. */
export function ownerOf(folder: string): Owner | undefined {
  let owner: Owner;
  try {
    owner = JSON.parse(fs.readFileSync(ownerPath(folder), "utf8")) as Owner;
    process.kill(owner.pid, 0);
  } catch {
    return undefined;
  }
  return owner.birth === undefined || owner.birth === birthOf(owner.pid) ? owner : undefined;
}

function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(join(folder, "state"), { recursive: true, mode: 0o700 });
    fs.accessSync(folder, fs.constants.W_OK);
  } catch (cause) {
    throw notUsable(folder, cause);
  }
}
const notUsable = (folder: string, cause: unknown) =>
  new TickforgeError("E_SYSTEM_FOLDER", `${folder}: cannot be made or written to: ${(cause as Error).message}`, {
    ...{ file: folder, cause },
    hint: "give a folder of this user with --folder",
  });

/** What holds a folder: with the add-on a lock that ends with the process, whatever ends it. */
export interface Hold {
  readonly owner: Owner;
  leave(): void;
}

/** Makes this process the owner; refused while another one is. */
export function occupy({ folder, name }: Plan, fresh: boolean): Hold {
  makeFolder(folder);
  const lock = lockOf(folder);
  if (lock === false) throw runs(folder, name, ownerOf(folder));
  try {
    const other = ownerOf(folder);
    if (other) throw runs(folder, name, other);
    const birth = birthOf(process.pid);
    const owner: Owner = {
      ...{ pid: process.pid, ...(birth !== undefined && { birth }), since: new Date().toISOString() },
      control: controlPath(folder),
    };
    const draft = `${ownerPath(folder)}.${process.pid}`;
    fs.writeFileSync(draft, JSON.stringify(owner), { mode: 0o600 });
    fs.renameSync(draft, ownerPath(folder));
    if (fresh) forget(folder);
    const leave = () => {
      fs.rmSync(ownerPath(folder), { force: true });
      if (lock !== undefined) fs.closeSync(lock);
    };
    return { owner, leave };
  } catch (cause) {
    if (lock !== undefined) fs.closeSync(lock);
    throw cause instanceof TickforgeError ? cause : notUsable(folder, cause);
  }
}

/** The locked file; false where another process has it, undefined where nothing can be locked: then the pid of the owner must do. */
function lockOf(folder: string): number | false | undefined {
  const functions = loadAddon().addon?.memory;
  if (!functions) return undefined;
  let file: number;
  try {
    file = fs.openSync(join(folder, "lock"), fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
  } catch (cause) {
    throw notUsable(folder, cause);
  }
  if (functions.lock(file, 0, true)) return file;
  fs.closeSync(file);
  return false;
}

function runs(folder: string, name: string, other: Owner | undefined): TickforgeError {
  const who = other ? `as process ${other.pid} since ${other.since}` : "and is starting or going down just now";
  return new TickforgeError("E_SYSTEM_RUNS", `system '${name}' runs already, ${who}`, {
    ...{ file: folder, ...(other && { value: other.pid }) },
    hint: "tickforge status shows it, tickforge down ends it; another --folder runs a second one",
  });
}

/** Sockets have short names: with a long folder for temporary files theirs lies in /tmp. On Windows it is a pipe, which lies in no folder. */
function controlPath(folder: string): string {
  if (process.platform === "win32") return `\\\\.\\pipe\\${basename(ringsFolder(folder))}`;
  const path = `${ringsFolder(folder)}.sock`;
  return Buffer.byteLength(path) <= MOST_SOCKET ? path : join("/tmp", basename(path));
}

/** States and rings of earlier runs. */
function forget(folder: string): void {
  fs.rmSync(join(folder, "state"), { recursive: true, force: true });
  fs.mkdirSync(join(folder, "state"), { mode: 0o700 });
  fs.rmSync(ringsFolder(folder), { recursive: true, force: true });
}
