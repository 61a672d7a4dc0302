/** Files that are written: refused before anything is read, *.part until they are complete, gone where writing fails. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { FailedError, UsageError } from "./exit.js";
import { undoOnLeaving } from "./leaving.js";

export const formats = [".arrow", ".csv", ".json", ".parquet"] as const;

/** What goes to stdout instead of a file. */
export const stdoutName = "-";

const pages = [".html", ".htm"];

export const partOf = (path: string): string => `${path}.part`;

/** The extension of a file of buckets. */
export function formatOf(path: string): (typeof formats)[number] {
  const found = formats.find((format) => format === extname(path).toLowerCase());
  if (found) return found;
  throw new UsageError(`--out ${path}: the ending says the format, expected one of ${formats.join(", ")}`, `such as --out ${path}.csv`);
}

/** A package that is there where somebody wants what it is for. */
export async function optional<T>(what: string, name: string, loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (cause) {
    const missing = `${what} needs the package ${name}, which is not installed`;
    throw new FailedError("E_PACKAGE_MISSING", missing, { hint: `npm install ${name}`, cause });
  }
}

/** Throws where a file could not be written at the end of a long run, or would take the place of another. */
export function checkTargets(targets: Readonly<Record<string, string | undefined>>, inputs: readonly string[], force: boolean): void {
  const seen = new Map<string, string>(inputs.filter(existsSync).map((path) => [realpathSync(path), path]));
  for (const [flag, path] of Object.entries(targets)) {
    if (path === undefined || (flag === "out" && path === stdoutName)) continue;
    const real = existsSync(path) ? realpathSync(path) : resolve(path);
    const other = seen.get(real);
    if (other !== undefined) throw new UsageError(`--${flag} ${path} is the same file as ${other}`, "give it another name");
    seen.set(real, `--${flag}`);
    checkTarget(flag, path, force);
  }
}

/** A page under another ending would not be opened by what shows pages. */
export function checkPage(path: string | undefined): void {
  if (path !== undefined && !pages.includes(extname(path).toLowerCase()))
    throw new UsageError(
      `--report ${path}: it is a page for a browser, expected a name that ends with .html`,
      `such as --report ${path.slice(0, path.length - extname(path).length)}.html; a browser prints it to PDF`,
    );
}

/** Also of a path below a file, of which there is none. */
export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

function checkTarget(flag: string, path: string, force: boolean): void {
  const folder = dirname(resolve(path));
  if (isFolder(path)) throw new UsageError(`--${flag} ${path} is a directory`, "name a file in it");
  if (existsSync(path) && !force)
    throw new UsageError(`--${flag} ${path} exists already`, "give another name, or --force to overwrite it", "E_EXISTS");
  if (!isFolder(folder))
    throw new FailedError("E_WRITE", `--${flag} ${path}: there is no folder ${dirname(path)}`, {
      file: path,
      hint: `mkdir -p ${dirname(path)}`,
    });
  try {
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new FailedError("E_WRITE", `--${flag} ${path}: no permission to write in ${dirname(path)}`, {
      file: path,
      cause,
      hint: "choose another folder",
    });
  }
}

/** Parts on their way, and how each is forgotten. */
const begun = new Map<string, () => void>();

/** FILE.part goes away when the process is ended before it is complete. */
export function beginPart(path: string): void {
  const release = undoOnLeaving(() => {
    rmSync(partOf(path), { force: true });
    return `${partOf(path)} was removed: it was not complete`;
  });
  begun.set(path, release);
}

/** The part has its name, or stays as it is. */
export function endPart(path: string): void {
  begun.get(path)?.();
  begun.delete(path);
}

export function discardPart(path: string): void {
  endPart(path);
  if (existsSync(partOf(path))) rmSync(partOf(path));
}

/** A text or bytes in pieces, into FILE.part. */
export class PartFile {
  private readonly file: number;

  constructor(readonly path: string) {
    this.file = guarded(path, () => openSync(partOf(path), "w"));
    beginPart(path);
  }

  write(piece: string | Uint8Array): void {
    const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
    guarded(this.path, () => writeAll(this.file, bytes));
  }

  /** Keeps what is there under its name with .part. */
  close(): void {
    guarded(this.path, () => {
      try {
        fsyncSync(this.file);
      } finally {
        closeSync(this.file);
      }
    });
  }
}

/** One call of the system may write less than it was given, and say nothing. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}

/** Gives a part its name. */
export function complete(path: string): void {
  guarded(path, () => renameSync(partOf(path), path));
  endPart(path);
}

/** Paths and their contents: all of them complete, or none there. */
export function writeWhole(pieces: readonly (readonly [path: string, content: string])[]): string[] {
  try {
    for (const [path, content] of pieces) {
      const file = new PartFile(path);
      file.write(content);
      file.close();
    }
    for (const [path] of pieces) complete(path);
  } catch (error) {
    for (const [path] of pieces) discardPart(path);
    throw error;
  }
  return pieces.map(([path]) => path);
}

/** Runs a step of writing `path`, and says in words why it failed. */
export function guarded<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** What a system says of a place that takes no more, and what to do about it. */
export function whyNot(cause: unknown): [what: string, hint: string] {
  const { code, message } = cause as NodeJS.ErrnoException;
  const known: Record<string, [string, string]> = {
    ENOSPC: ["no space left on the disk", "free some, or write to another disk"],
    EDQUOT: ["the disk quota is used up", "free some, or write to another disk"],
    EACCES: ["no permission to write", "choose another folder"],
    EROFS: ["the disk is read-only", "choose another folder"],
    EFBIG: ["the file is larger than allowed here", "see ulimit -f"],
    ENAMETOOLONG: ["the name is too long", "give a shorter one"],
    EIO: ["the disk or terminal has failed", "look at the log of the system"],
  };
  return known[code ?? ""] ?? [message, "check the path and the disk"];
}

function unwritable(path: string, cause: unknown): FailedError {
  const [what, hint] = whyNot(cause);
  return new FailedError("E_WRITE", `${path}: ${what}; nothing of it was kept`, { file: path, hint, cause });
}
