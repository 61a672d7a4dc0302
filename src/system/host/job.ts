/** What a runner is given when it is started, and what it says; plain data, for threads and processes alike. */
import type { Plan } from "../plan/plan.js";

export interface RunnerJob {
  readonly plan: Plan;
  /** Its place in `plan.runners`, and on the board. */
  readonly runner: number;
  /** Where rings and board are mapped; without the add-on they are memory that threads share. */
  readonly memory: { readonly folder: string } | { readonly rings: readonly SharedArrayBuffer[]; readonly board: SharedArrayBuffer };
  /** Epoch milliseconds at which the system's clock was 0. */
  readonly origin: number;
}

export type Said =
  | { readonly kind: "ready" }
  | { readonly kind: "begun"; readonly engine: string }
  | {
      readonly kind: "log";
      readonly engine: string;
      readonly message: string;
      readonly level?: "warn";
      readonly code?: string;
      readonly hint?: string;
    }
  | { readonly kind: "failed"; readonly engine: string; readonly code: string; readonly message: string; readonly hint?: string }
  /** Something outside of the system holds it up, or does no more. */
  | { readonly kind: "waits"; readonly engine: string; readonly why: string | undefined }
  | { readonly kind: "ended"; readonly engine: string };

/** Milliseconds since the system began. */
export const clockOf = (origin: number) => (): number => performance.timeOrigin + performance.now() - origin;
