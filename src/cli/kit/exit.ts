/** Exit codes, and which error ends with which. */
import { TickforgeError } from "../../core/contract/errors.js";
import { explanations } from "../explanations/explanations.js";

export const exit = { ok: 0, failed: 1, usage: 2, badData: 3, noAddon: 4, hungUp: 129, interrupted: 130, terminated: 143 } as const;

/** The command line itself is wrong. */
export class UsageError extends TickforgeError {
  constructor(message: string, hint?: string, code = "E_USAGE") {
    super(code, message, hint === undefined ? {} : { hint });
  }
}

/** Something outside tickforge refused: a file, a disk, a missing package. */
export class FailedError extends TickforgeError {}

/** By the code alone, as the explanations have it. */
export function exitCodeOf(error: unknown): number {
  const code = error instanceof TickforgeError ? explanations[error.code]?.exit : undefined;
  return exit[code ?? "failed"];
}
