/** Waits of a feed. Those of the venue (life of a connection, silence that is none) come from it; tests shorten all of them. */
export interface Timing {
  /** Before the first new attempt, and at most. */
  readonly backoffMs: number;
  readonly mostBackoffMs: number;
  /** A connection that lived so long starts the waits anew. */
  readonly steadyMs: number;
  readonly handshakeMs: number;
  /** Until REST is asked: trades that only changed places come by themselves. */
  readonly settleMs: number;
  /** Until trades that are missing are lost. */
  readonly giveUpMs: number;
  readonly restMs: number;
  /** A connection's successor is begun so long before the venue ends it, and so long both are read. */
  readonly aheadMs: number;
  readonly overlapMs: number;
  /** Between two accounts of what was refused. */
  readonly accountMs: number;
  /** In place of the venue's own. */
  readonly staleMs?: number;
  readonly lifeMs?: number;
}

export const usualTiming: Timing = {
  ...{ backoffMs: 500, mostBackoffMs: 60_000, steadyMs: 30_000, handshakeMs: 10_000 },
  ...{ settleMs: 100, giveUpMs: 60_000, restMs: 10_000 },
  ...{ aheadMs: 300_000, overlapMs: 10_000, accountMs: 60_000 },
};
