/** What the supervisor keeps of each engine. */
import type { EngineBoard } from "../host/board.js";
import type { Plan, PlannedEngine } from "../plan/plan.js";
import { Restarts } from "./restarts.js";
import type { Rings } from "./rings.js";

export interface Seat {
  readonly planned: PlannedEngine;
  readonly board: EngineBoard;
  readonly restarts: Restarts;
  /** What was found wrong with it last, and when. */
  why: string | undefined;
  whyAt: number;
  /** Its last line in the log that told of no trouble. */
  says: string | undefined;
  /** What outside of the system holds it up now. */
  waits?: string | undefined;
}

export const seatsOf = ({ engines }: Plan, { board }: Rings): Seat[] =>
  engines.map((planned, i) => ({
    ...{ planned, board: board.of(i), restarts: new Restarts(planned.care), why: undefined, whyAt: 0, says: undefined },
  }));

/** It does nothing more in this run. */
export const isOver = ({ board }: Seat): boolean => board.state === "ended" || board.state === "held";

/** Rows that wait for an engine, over all its topics. */
export function lagOf({ planned, board }: Seat, rings: Rings): number {
  let lag = 0;
  for (const [i, { topic }] of planned.takes.entries()) {
    const { published } = rings.ring(topic).stats();
    lag += Math.max(0, published - (board.positionOf(i) ?? published));
  }
  return lag;
}
