/** By what an engine that does not do its work is known: lag, memory, rate, silence. */
import type { EngineBoard } from "../host/board.js";
import type { Care } from "../plan/plan.js";

export type Sign = "lag" | "memory" | "rate" | "silence";
export interface Trouble {
  readonly sign: Sign;
  /** A sentence without its subject. */
  readonly what: string;
}

export interface Seen {
  readonly at: number;
  readonly given: number;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** What is wrong with an engine that should be running; `waiting`: rows that lie in its topics and were not taken. */
export function troubleOf(board: EngineBoard, care: Care, now: number, waiting: number, before: Seen | undefined): Trouble | undefined {
  const patience = care.lagSeconds * 1000;
  const busy = board.get("busySince");
  if (busy > 0 && now - busy > patience)
    return {
      sign: "lag",
      what: `has been in one call for ${seconds(now - busy)} while ${waiting.toLocaleString("en-US")} rows wait for it`,
    };
  const memory = board.get("memory") / 2 ** 20;
  if (memory > care.memoryMB) return { sign: "memory", what: `uses ${memory.toFixed(0)} MB, it may use ${care.memoryMB}` };
  const given = board.get("given");
  if (before && now > before.at) {
    const rate = ((given - before.given) / (now - before.at)) * 1000;
    if (rate > care.rate)
      return {
        sign: "rate",
        what: `gives ${Math.round(rate).toLocaleString("en-US")} rows a second, it may give ${care.rate.toLocaleString("en-US")}`,
      };
  }
  const quiet = now - Math.max(board.get("moved"), board.get("beat") === 0 ? now : 0);
  const deaf = waiting > 0 && board.get("blocked") === 0 && quiet > patience;
  if (busy === 0 && (deaf || (board.get("beat") > 0 && now - board.get("beat") > patience)))
    return {
      sign: "silence",
      what: `has taken nothing for ${seconds(deaf ? quiet : now - board.get("beat"))} while ${waiting.toLocaleString("en-US")} rows wait for it`,
    };
  return undefined;
}
