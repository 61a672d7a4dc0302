/** Words and flags of the command line -> the folder of a system, and who runs it. */
import { existsSync } from "node:fs";
import { TickforgeError } from "../../core/contract/errors.js";
import { stateFolder } from "../../system/plan/room.js";
import { type Owner, ownerOf } from "../../system/supervisor/home.js";
import type { Given } from "../kit/command.js";
import { UsageError } from "../kit/exit.js";

export interface Which {
  readonly file?: string;
  readonly folder?: string;
}

/** The one word is the system's file. */
export function whichOf({ command, words, values }: Given): Which {
  if (words.length > 1)
    throw new UsageError(`${command.name} takes one file, got ${words.length}: ${words.join(" ")}`, `tickforge ${command.name} --help`);
  const { folder } = values as { folder?: string };
  return { ...(words[0] !== undefined && { file: words[0] }), ...(folder !== undefined && { folder }) };
}

export const folderOf = ({ file, folder }: Which): string => folder ?? stateFolder(file);

/** The system that runs there; refused where none does. */
export function running(which: Which): { folder: string; owner: Owner } {
  const folder = folderOf(which);
  const owner = ownerOf(folder);
  if (owner) return { folder, owner };
  const was = existsSync(folder) ? "no system runs" : "no system has ever run";
  throw new TickforgeError("E_SYSTEM_NONE", `${was} in ${folder}`, {
    file: folder,
    hint: `start it with tickforge up${which.file === undefined ? "" : ` ${which.file}`}; status, down and logs take the same FILE and --folder as up`,
  });
}
