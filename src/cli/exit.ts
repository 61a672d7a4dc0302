/** Exit codes, and which error ends with which. */
import { TickforgeError } from "../errors.js";

export const exit = { ok: 0, failed: 1, usage: 2, badData: 3, noAddon: 4, interrupted: 130, terminated: 143 } as const;

/** The command line itself is wrong. */
export class UsageError extends TickforgeError {
  constructor(message: string, hint?: string, code = "E_USAGE") {
    super(code, message, hint === undefined ? {} : { hint });
  }
}

/** Something outside tickforge refused: a file, a disk, a missing package. */
export class FailedError extends TickforgeError {}

const usage =
  /^E_(USAGE|OPTION|OPTIONS|BACKEND_UNKNOWN|BACKEND_REQUIRED|EXISTS|TWO_PASSES|COLUMN_|SIDE$|SESSION$|MEASURE$|SEPARATOR|TIME_UNIT|OUTPUT_LIMIT$)/;
const noAddon = /^E_(BACKEND_MISSING|NATIVE_MISSING)$/;
/** Of a recording: what the file holds, as opposed to whether it can be opened. */
const badData = /^E_(BAD_VALUE|TIME_BACKWARDS|TOO_MANY|BUS_(CRC|FRAME|MAGIC|TRUNCATED|VERSION|SYMBOLS|TOPIC|LAYOUT)$)/;
/** A file that is not there or may not be read says nothing about its data. */
const unreadable = /^E_FILE_(MISSING|PERMISSION|DIRECTORY|READ)$/;

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof TickforgeError)) return exit.failed;
  if (usage.test(error.code)) return exit.usage;
  if (noAddon.test(error.code)) return exit.noAddon;
  if (badData.test(error.code)) return exit.badData;
  return error.name === "DataError" && !unreadable.test(error.code) ? exit.badData : exit.failed;
}
