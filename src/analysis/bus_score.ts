/** The score of a validation of the buses, and everything that it found wrong. */
import { latencyGoal, latencyGoals, silenceGoal, silenceGoals, worth } from "./bus_goals.js";
import type { Balance, BusValidation } from "./bus_validation.js";

export const weights = { publish: 15, subscribe: 15, failover: 15, silence: 15, latency: 20, order: 10, balance: 10 } as const;
export const balancedStrategy = "least_loaded";

const both = (p50: number, p99: number) => `${p50 / 1000} ms and ${p99 / 1000} ms`;
const goalsIn = ({ quiet, ratio }: (typeof latencyGoals)["rings" | "redis"]) =>
  `${both(quiet.p50, quiet.p99)}, or ${ratio.p50} and ${ratio.p99} times those of a bare trip`;

export const formula =
  `score = ${Object.entries(weights)
    .map(([name, weight]) => `${weight} ${name}`)
    .join(" + ")}; ` +
  "publish, subscribe and failover: share of their checks that passed; " +
  `silence: mean over the failovers of min(1, goal / median) and min(1, goal / worst), the goals what the standby waits plus ${silenceGoals.quiet.median} ms and ${silenceGoals.quiet.worst} ms, or plus ${silenceGoals.ratio.median} and ${silenceGoals.ratio.worst} times the usual time between two rows if that is more, 0 where a row was lost; ` +
  `latency: mean over the pairs of min(1, goal / p50) and min(1, goal / p99), the goals on rings ${goalsIn(latencyGoals.rings)}, on Redis ${goalsIn(latencyGoals.redis)}, measured in the same run, if that is more, 0 for a pair that failed; ` +
  "order: 1 where batches overtook each other and none was handed over out of order; " +
  `balance: 1 - coefficient of variation of the shares of ${balancedStrategy}, at least 0, and 0 where a strategy lost or reordered rows`;

/** Each part from 0 to 1, and 100 times their weighted sum. Parts that were not looked at are left out, and their weights with them. */
export interface Score {
  readonly parts: Readonly<Record<keyof typeof weights, number>>;
  readonly score: number;
}
export type Judged = Pick<BusValidation, "topologies" | "silences" | "order" | "balance" | "topics">;

const mean = (values: readonly number[]): number => (values.length === 0 ? Number.NaN : values.reduce((a, b) => a + b, 0) / values.length);

function balanceOf(balance: readonly Balance[]): number {
  const even = balance.find(({ strategy }) => strategy === balancedStrategy);
  if (!even) return Number.NaN;
  return balance.some(({ fault }) => fault !== "") ? 0 : Math.max(0, 1 - even.variation);
}

export function scoreOf({ topologies, silences, order, balance }: Judged): Score {
  const scored = topologies.filter(({ compared }) => !compared);
  const passed = (name: string) =>
    mean(scored.flatMap(({ checks }) => checks.filter(({ check }) => check === name).map(({ fault }) => (fault === "" ? 1 : 0))));
  const parts = {
    publish: passed("publish"),
    subscribe: passed("subscribe"),
    failover: passed("failover"),
    silence: mean(
      silences.map((of) => {
        const goal = silenceGoal(of);
        return of.fault === "" ? (worth(goal.median, of.medianMs) + worth(goal.worst, of.worstMs)) / 2 : 0;
      }),
    ),
    latency: mean(
      scored.flatMap(({ pairs, transport, base }) => {
        const goal = latencyGoal(transport, base);
        return pairs.map(({ fault, p50, p99 }) => (fault === "" ? (worth(goal.p50, p50) + worth(goal.p99, p99)) / 2 : 0));
      }),
    ),
    order: mean(order.map(({ fault }) => (fault === "" ? 1 : 0))),
    balance: balanceOf(balance),
  };
  const names = (Object.keys(weights) as (keyof typeof weights)[]).filter((name) => Number.isFinite(parts[name]));
  const whole = names.reduce((sum, name) => sum + weights[name], 0);
  return { parts, score: (100 * names.reduce((sum, name) => sum + weights[name] * parts[name], 0)) / whole };
}

/** Everything that is wrong, each with its place; what is only compared is no fault. */
export function faultsOf({ topologies, silences, order, balance, topics }: Judged): string[] {
  const scored = topologies.filter(({ compared }) => !compared);
  const wrong = <T extends { readonly fault: string }>(all: readonly T[], where: (one: T) => string) =>
    all.filter(({ fault }) => fault !== "").map((one) => `${where(one)}: ${one.fault}`);
  return [
    ...scored.flatMap(({ topology, checks }) => wrong(checks, ({ check, bus }) => `${topology}: ${check} on ${bus}`)),
    ...scored.flatMap(({ topology, pairs }) => wrong(pairs, ({ pair }) => `${topology}: ${pair}`)),
    ...wrong(silences, ({ transport, who, how }) => `silence: ${who} ${how} on ${transport}`),
    ...wrong(order, () => "order: keys between a slow bus and a fast one"),
    ...wrong(balance, ({ strategy }) => `balance: ${strategy}`),
    ...wrong(topics, ({ topic, bus }) => `topic '${topic}' on ${bus}`),
  ];
}
