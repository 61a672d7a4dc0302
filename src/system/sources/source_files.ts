/** The files that a source reads. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DataError, TickforgeError } from "../../core/contract/errors.js";
import type { SourceSettings } from "./source.js";

/** One file, or those of a folder in order of their names. */
export function sourceFiles({ name, options: { source, file, folder } }: SourceSettings, ending = ""): string[] {
  if ((file === undefined) === (folder === undefined)) {
    const what = file === undefined ? "its source needs the option 'file' or 'folder'" : "it has both the options 'file' and 'folder'";
    throw new TickforgeError("E_OPTION_MISSING", `engine '${name}': ${what}`, {
      ...{ option: "file", hint: `source ${source} reads one file, or all${ending && ` ${ending}`} of a folder` },
    });
  }
  if (file !== undefined) return [file];
  let names: string[];
  try {
    names = readdirSync(folder!, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  } catch (cause) {
    throw new DataError("E_FILE_MISSING", `engine '${name}': ${folder} cannot be read: ${(cause as Error).message}`, {
      ...{ file: folder!, option: "folder", cause, hint: "name a folder that is there" },
    });
  }
  const files = names.filter((one) => one.endsWith(ending) && !one.startsWith(".")).sort();
  if (files.length === 0)
    throw new DataError("E_FILE_MISSING", `engine '${name}': there are no files${ending && ` ${ending}`} in ${folder}`, {
      ...{ file: folder!, option: "folder", hint: "name another folder" },
    });
  return files.map((one) => join(folder!, one));
}
