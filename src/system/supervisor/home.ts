/** The folder of a system: state, log, and who runs it now. */
import * as fs from "node:fs";
import { join } from "node:path";
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
    throw new TickforgeError("E_SYSTEM_FOLDER", `${folder}: cannot be made or written to: ${(cause as Error).message}`, {
      ...{ file: folder, cause },
      hint: "give a folder of this user with --folder",
    });
  }
}

/** Makes this process the owner; refused while another one is. */
export function occupy({ folder, name }: Plan, fresh: boolean): Owner {
  makeFolder(folder);
  const birth = birthOf(process.pid);
  const owner: Owner = {
    pid: process.pid,
    ...(birth !== undefined && { birth }),
    since: new Date().toISOString(),
    control: join(ringsFolder(folder).concat(".sock")),
  };
  for (let attempt = 0; attempt < 10; attempt++) {
    const draft = `${ownerPath(folder)}.${process.pid}`;
    fs.writeFileSync(draft, JSON.stringify(owner), { mode: 0o600 });
    try {
      fs.linkSync(draft, ownerPath(folder));
      if (fresh) forget(folder);
      return owner;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const other = ownerOf(folder);
      if (other)
        throw new TickforgeError("E_SYSTEM_RUNS", `system '${name}' runs already, as process ${other.pid} since ${other.since}`, {
          ...{ file: folder, value: other.pid },
          hint: "tickforge status shows it, tickforge down ends it; another --folder runs a second one",
        });
      fs.rmSync(ownerPath(folder), { force: true });
    } finally {
      fs.rmSync(draft, { force: true });
    }
  }
  throw new TickforgeError("E_SYSTEM_RUNS", `${folder}: somebody else begins this system again and again`, {
    file: folder,
    hint: "see who does: tickforge status",
  });
}

/** States and rings of earlier runs. */
function forget(folder: string): void {
  fs.rmSync(join(folder, "state"), { recursive: true, force: true });
  fs.mkdirSync(join(folder, "state"), { mode: 0o700 });
  fs.rmSync(ringsFolder(folder), { recursive: true, force: true });
}

export function vacate(folder: string): void {
  fs.rmSync(ownerPath(folder), { force: true });
}
