/**
 * What is fast enough. Each goal is what a quiet machine of two cores was measured to need, with room to spare, or a multiple of what
 * the machine itself needs as measured in the same run, whichever is more: a busy machine is slower without the bus too.
 */
import type { Base, BusValidation, Silence, TopologyResult } from "./bus_validation.js";

/** Request to reply, in microseconds; and the same as a multiple of the bare trip between two processes. */
export const latencyGoals = {
  rings: { quiet: { p50: 200, p99: 2_000 }, ratio: { p50: 5, p99: 8 } },
  redis: { quiet: { p50: 1_200, p99: 6_000 }, ratio: { p50: 4, p99: 3 } },
} as const;
/** Of a failover, in milliseconds beyond what the standby waits by its own rule; and as a multiple of the usual time between two rows. */
export const silenceGoals = { quiet: { median: 12, worst: 20 }, ratio: { median: 2, worst: 3 } } as const;

export interface LatencyGoal {
  readonly p50: number;
  readonly p99: number;
}
const more = (quiet: number, measured: number | undefined) => (Number.isFinite(measured) ? Math.max(quiet, measured!) : quiet);

/** Microseconds. */
export function latencyGoal(transport: TopologyResult["transport"], base: Base | undefined): LatencyGoal {
  const { quiet, ratio } = latencyGoals[transport === "rings" ? "rings" : "redis"];
  return { p50: more(quiet.p50, base && ratio.p50 * base.p50), p99: more(quiet.p99, base && ratio.p99 * base.p99) };
}

/** Milliseconds, with what the standby waits. */
export function silenceGoal({ waitsMs, usualMs }: Pick<Silence, "waitsMs" | "usualMs">): {
  readonly median: number;
  readonly worst: number;
} {
  const { quiet, ratio } = silenceGoals;
  return { median: waitsMs + more(quiet.median, ratio.median * usualMs), worst: waitsMs + more(quiet.worst, ratio.worst * usualMs) };
}

/** 1 where the goal is met, and as much less as it is missed by; 0 where nothing was measured. */
export const worth = (goal: number, measured: number): number => (Number.isFinite(measured) ? Math.min(1, goal / measured) : 0);

/** Each goal of a validation, for programs. */
export const goalsOf = ({ topologies, silences }: Pick<BusValidation, "topologies" | "silences">) => ({
  latency: topologies
    .filter(({ compared }) => !compared)
    .map(({ topology, transport, base }) => ({ topology, transport, ...latencyGoal(transport, base) })),
  silence: silences.map((of) => ({ transport: of.transport, who: of.who, how: of.how, ...silenceGoal(of) })),
});
