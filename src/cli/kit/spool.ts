/** Pipes that must be read twice, since their volume is not known beforehand: kept in a folder that goes away, however the run ends. */
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { cannotRead } from "../../files/bytes/source.js";
import { FailedError } from "./exit.js";
import { whyNot, writeAll } from "./files.js";
import { undoOnLeaving } from "./leaving.js";
import { Watch } from "./progress.js";
import type { Terminal } from "./terminal.js";

export interface Spool {
  /** Where the bytes of each pipe lie. */
  paths: Readonly<Record<string, string>>;
  remove(): void;
}

export async function spool(pipes: readonly string[], terminal: Terminal): Promise<Spool> {
  const folder = mkdtempSync(join(tmpdir(), "tickforge-"));
  const clear = () => void rmSync(folder, { recursive: true, force: true });
  const release = undoOnLeaving(clear);
  const remove = () => {
    release();
    clear();
  };
  try {
    const paths: Record<string, string> = {};
    let bytes = 0;
    for (const [i, pipe] of pipes.entries()) {
      paths[pipe] = join(folder, String(i));
      bytes += await keep(pipe, paths[pipe], terminal);
    }
    terminal.note(`tickforge: spooled ${(bytes / 1e6).toFixed(1)} MB to measure volume (--bucket-volume V reads a pipe as it comes)\n`);
    return { paths, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Bytes of the pipe, which are now in the file. */
function keep(pipe: string, path: string, terminal: Terminal): Promise<number> {
  const name = pipe === "-" ? "stdin" : pipe;
  const watch = new Watch(terminal, `spooling ${name}`);
  return watch.during(async () => {
    const from: Readable = pipe === "-" ? process.stdin : createReadStream(pipe, { highWaterMark: 1 << 18 });
    const file = openSync(path, "w", 0o600);
    let read = 0;
    try {
      for await (const chunk of from) {
        written(name, () => writeAll(file, chunk as Uint8Array));
        read += (chunk as Uint8Array).length;
        watch.reading({ file: `${name} to measure its volume`, read, total: undefined, rows: 0 });
      }
    } catch (cause) {
      if (cause instanceof FailedError) throw cause;
      cannotRead(name, cause);
    } finally {
      closeSync(file);
    }
    return read;
  });
}

function written(name: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    const hint = "set TMPDIR to a folder with more room, or say --bucket-volume V, which reads a pipe as it comes";
    throw new FailedError("E_WRITE", `${name} cannot be kept in ${tmpdir()} to measure its volume: ${whyNot(cause)[0]}`, {
      file: name,
      hint,
      cause,
    });
  }
}
