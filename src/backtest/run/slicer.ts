/** Stretches of the market under one guard: it starts a thread, which on a busy machine takes as long as some thousand rows. */
import type { Market } from "../market/market.js";
import { sliceMs } from "./guard.js";
import type { Run } from "./run.js";

/**
 * Goes on through the stretch at hand and those behind it for a slice of time: whether there is more. A promise where a file has to be waited for;
 * `look` at each stretch before it is run.
 */
export function slicer(run: Run, market: Market, look: () => void): () => boolean | Promise<boolean> {
  let inside = false;
  return () => {
    const until = performance.now() + sliceMs;
    for (;;) {
      if (!inside) {
        look();
        if (market.early) run.early();
        else run.begin();
        inside = true;
      }
      if (!market.early && !run.go(until)) return true;
      inside = false;
      const next = market.next();
      if (next !== true || performance.now() > until) return next;
    }
  };
}
