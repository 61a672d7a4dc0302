/** The hooks of one run, or why there are none. */
import { TickforgeError } from "../../core/contract/errors.js";
import type { AnyStrategy, Hooks } from "./strategy.js";

/** What `begin` gives; says what it threw. */
export function beginHooks(strategy: AnyStrategy, params: Readonly<Record<string, number | string>>): Hooks {
  let hooks: unknown;
  try {
    hooks = strategy.begin(params);
  } catch (cause) {
    // A time limit that ran out is told by who set it.
    if (cause instanceof TickforgeError || (cause as { code?: string }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new TickforgeError("E_STRATEGY_THREW", `${strategy.name}: begin threw: ${message}`, {
      ...{ cause, value: "begin" },
      hint: "its stack says where; nothing ran",
    });
  }
  if (typeof hooks === "object" && hooks !== null) return hooks;
  throw new TickforgeError("E_STRATEGY", `${strategy.name}: begin gave no hooks`, { hint: "return { onTimer(context) {...}, ... }" });
}
