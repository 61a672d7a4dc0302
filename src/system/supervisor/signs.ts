/** By what an engine that does not do its work is known: lag, memory, rate, silence. */
import type { EngineBoard } from "../host/board.js";
import type { Care } from "../plan/plan.js";

export type Sign = "lag" | "memory" | "rate" | "silence";
export const signCodes: Readonly<Record<Sign, string>> = {
  lag: "E_ENGINE_LAG",
  memory: "E_ENGINE_MEMORY",
  rate: "E_ENGINE_RATE",
  silence: "E_ENGINE_SILENCE",
};
export interface Trouble {
  readonly sign: Sign;
  /** A sentence without its subject. */
  readonly what: string;
}

/** What is known of an engine at one moment. */
export interface Signs {
  readonly now: number;
  /** Rows that lie in its topics and were not taken. */
  readonly waiting: number;
  /** Rows a second that it gives; undefined where that is not known yet. */
  readonly rate: number | undefined;
  /** Megabytes that all engines of its thread may use together; undefined where it is another that they grow in. */
  readonly memoryMB: number | undefined;
  /** Another engine of its thread has been in one call so long that this one had no turn. */
  readonly held: boolean;
}

/** Modules are loaded, and files read, while an engine begins. */
const BEGIN_MS = 10_000;

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const rows = (count: number) =>
  `${Math.round(count).toLocaleString("en-US")} ${Math.round(count) === 1 ? "row waits" : "rows wait"} for it`;
const count = (value: number) => Math.round(value).toLocaleString("en-US");

/** What is wrong with an engine that should be running or beginning. */
export function troubleOf(board: EngineBoard, care: Care, { now, waiting, rate, memoryMB, held }: Signs): Trouble | undefined {
  const patience = care.lagSeconds * 1000;
  const busy = board.get("busySince");
  if (board.state === "starting") {
    if (busy === 0 || now - busy <= Math.max(patience, BEGIN_MS)) return undefined;
    return { sign: "lag", what: `has been beginning for ${seconds(now - busy)}` };
  }
  if (busy > 0 && now - busy > patience)
    return { sign: "lag", what: `has been in one call for ${seconds(now - busy)} while ${rows(waiting)}` };
  const memory = board.get("memory") / 2 ** 20;
  if (memoryMB !== undefined && memory > memoryMB)
    return {
      sign: "memory",
      what: `uses ${memory.toFixed(0)} MB${memoryMB > care.memoryMB ? ", with others of its thread," : ""} of ${memoryMB}`,
    };
  if (rate !== undefined && rate > care.rate)
    return { sign: "rate", what: `gives ${count(rate)} rows a second, it may give ${count(care.rate)}` };
  if (busy > 0 || held) return undefined;
  // It had its turns, up to the last beat, and took nothing.
  const quiet = board.get("beat") - board.get("moved");
  if (waiting > 0 && board.get("blocked") === 0 && quiet > patience)
    return { sign: "silence", what: `has taken nothing for ${seconds(quiet)} while ${rows(waiting)}` };
  const still = now - board.get("beat");
  if (still > patience) return { sign: "silence", what: `has not been heard of for ${seconds(still)}` };
  return undefined;
}
