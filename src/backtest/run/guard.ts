/** Ends a hook that never returns: the only way to stop code of this thread from outside. */
import { Script } from "node:vm";
import { TickforgeError } from "../../core/contract/errors.js";

/** Between two looks at signals and the clock. */
export const sliceMs = 50;

const guarded = new Script("globalThis.__tickforgeGuarded()");

export function within<T>(timeLimitMs: number, strategy: string, act: () => T): T {
  const place = globalThis as { __tickforgeGuarded?: (() => T) | undefined };
  const before = place.__tickforgeGuarded;
  place.__tickforgeGuarded = act;
  try {
    // A slice ends with the stretch that it was in.
    return guarded.runInThisContext({ timeout: Math.ceil(timeLimitMs + 2 * sliceMs) }) as T;
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new TickforgeError("E_STRATEGY_TIME", `${strategy}: a hook did not return within ${timeLimitMs / 1000} s`, {
      value: timeLimitMs,
      hint: "look for a loop that does not end, or raise timeLimitSeconds",
    });
  } finally {
    place.__tickforgeGuarded = before;
  }
}
