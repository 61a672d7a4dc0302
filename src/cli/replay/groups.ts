/** Files of one call -> tapes: the parts of one series are joined, those of different instruments stay apart. */
import { basename } from "node:path";
import { UsageError } from "../kit/exit.js";

export interface Group {
  /** What the tape is called. */
  name: string;
  files: readonly string[];
}

const months =
  "jan feb mar apr may jun jul aug sep oct nov dec january february march april june july august september october november december";
/** Words of a name that say which part of a series a file is. */
const partWords = new Set([...months.split(" "), "part", "copy"]);

const bare = (path: string): string =>
  basename(path).replace(/(\.(csv|txt|tsv|json|jsonl|ndjson|log|dbn|parquet|arrow|gz|zst|zip))+$/i, "");

/** What is left of a name without dates, numbers and words for parts: that of the instrument. */
const instrumentOf = (path: string): string =>
  bare(path)
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word.length > 1 && !partWords.has(word))
    .join(" ");

/** `compare`: every file by itself; `join`: one tape; neither: files whose names differ by more than dates and numbers stay apart. */
export function groupsOf(files: readonly string[], how: { compare: boolean; join: boolean }): Group[] {
  if (how.compare && how.join) throw new UsageError("--compare and --join say the opposite of each other", "pass one of them");
  if (how.compare && files.length < 2)
    throw new UsageError("--compare needs two FILEs or more", "files that name their instruments are compared without it");
  const title = files.length <= 2 ? files.map((path) => (path === "-" ? "stdin" : basename(path))).join(", ") : `${files.length} files`;
  if (how.join || files.length < 2) return [{ name: title, files }];
  const groups = new Map<string, string[]>();
  for (const file of files) {
    const key = how.compare ? file : instrumentOf(file);
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  if (groups.size === 1) return [{ name: title, files }];
  return [...groups.values()].map((own) => ({ name: nameOf(own, groups.size === files.length), files: own }));
}

function nameOf(files: readonly string[], single: boolean): string {
  const [first = ""] = files;
  if (single) return first === "-" ? "stdin" : bare(first);
  return files.length === 1 ? bare(first) : `${bare(first)} and ${files.length - 1} more`;
}
