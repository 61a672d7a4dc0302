/** What a validation of the buses found, and the score that is made of it. */

export interface Rows {
  readonly expected: number;
  /** Different rows that came; each is there once. */
  readonly got: number;
  readonly duplicates: number;
  /** Came after a later one. */
  readonly disordered: number;
  /** Came with other values. */
  readonly wrong: number;
}
export interface BusCheck {
  readonly check: "publish" | "subscribe" | "failover";
  readonly bus: string;
  readonly rows: Rows;
  readonly rowsPerSecond: number;
  /** Of a failover: from the kill until the first row after it, or the longest time without a row. */
  readonly silenceMs: number;
  /** What was done, in words. */
  readonly done: string;
  /** What is wrong; empty where the check passed. */
  readonly fault: string;
}
export interface PairLatency {
  readonly pair: string;
  readonly requests: number;
  /** Microseconds from the input of the first engine to the answer of the second. */
  readonly p50: number;
  readonly p99: number;
  readonly fault: string;
}
export interface Balance {
  readonly strategy: string;
  readonly batches: number;
  /** Of the batches, by bus. */
  readonly shares: Readonly<Record<string, number>>;
  /** Standard deviation of the shares over their mean: 0 is even, sqrt(2) is one of three buses alone. */
  readonly variation: number;
  readonly fault: string;
}
export interface TopologyResult {
  readonly topology: string;
  readonly transport: "rings" | "redis" | "list";
  readonly checks: readonly BusCheck[];
  readonly pairs: readonly PairLatency[];
  /** Shown beside the others and not part of the score. */
  readonly compared: boolean;
}
export interface BusValidation {
  readonly topologies: readonly TopologyResult[];
  readonly balance: readonly Balance[];
  /** What could not be looked at, and what to do about it. */
  readonly skipped: readonly { readonly what: string; readonly why: string }[];
}

export const weights = { publish: 20, subscribe: 20, failover: 20, latency: 25, balance: 15 } as const;
/** A 99th percentile up to here, in microseconds, is worth all the points for latency. */
const latencyGoals = { rings: 10_000, redis: 50_000 } as const;
const goalOf = (transport: string): number => (transport === "rings" ? latencyGoals.rings : latencyGoals.redis);
export const balancedStrategy = "least_loaded";

export const formula =
  `score = ${weights.publish} publish + ${weights.subscribe} subscribe + ${weights.failover} failover + ${weights.latency} latency + ${weights.balance} balance; ` +
  "publish, subscribe and failover: share of their checks that passed; " +
  `latency: mean over the pairs of min(1, goal / p99), the goal ${latencyGoals.rings / 1000} ms on rings and ${latencyGoals.redis / 1000} ms on Redis, 0 for a pair that failed; ` +
  `balance: 1 - coefficient of variation of the shares of ${balancedStrategy}, at least 0, and 0 where a strategy lost or reordered rows`;

/** Each part from 0 to 1, and 100 times their weighted sum. Parts that were not looked at are left out, and their weights with them. */
export interface Score {
  readonly parts: Readonly<Record<keyof typeof weights, number>>;
  readonly score: number;
}

const mean = (values: readonly number[]): number => (values.length === 0 ? Number.NaN : values.reduce((a, b) => a + b, 0) / values.length);

function balanceOf(balance: readonly Balance[]): number {
  const even = balance.find(({ strategy }) => strategy === balancedStrategy);
  if (!even) return Number.NaN;
  return balance.some(({ fault }) => fault !== "") ? 0 : Math.max(0, 1 - even.variation);
}

export function scoreOf({ topologies, balance }: Pick<BusValidation, "topologies" | "balance">): Score {
  const scored = topologies.filter(({ compared }) => !compared);
  const passed = (name: string) =>
    mean(scored.flatMap(({ checks }) => checks.filter(({ check }) => check === name).map(({ fault }) => (fault === "" ? 1 : 0))));
  const parts = {
    publish: passed("publish"),
    subscribe: passed("subscribe"),
    failover: passed("failover"),
    latency: mean(
      scored.flatMap(({ pairs, transport }) => pairs.map(({ fault, p99 }) => (fault === "" ? Math.min(1, goalOf(transport) / p99) : 0))),
    ),
    balance: balanceOf(balance),
  };
  const names = (Object.keys(weights) as (keyof typeof weights)[]).filter((name) => Number.isFinite(parts[name]));
  const whole = names.reduce((sum, name) => sum + weights[name], 0);
  return { parts, score: (100 * names.reduce((sum, name) => sum + weights[name] * parts[name], 0)) / whole };
}

/** Everything that is wrong, each with its place; what is only compared is no fault. */
export function faultsOf({ topologies, balance }: Pick<BusValidation, "topologies" | "balance">): string[] {
  const scored = topologies.filter(({ compared }) => !compared);
  return [
    ...scored.flatMap(({ topology, checks }) =>
      checks.filter(({ fault }) => fault !== "").map(({ check, bus, fault }) => `${topology}: ${check} on ${bus}: ${fault}`),
    ),
    ...scored.flatMap(({ topology, pairs }) =>
      pairs.filter(({ fault }) => fault !== "").map(({ pair, fault }) => `${topology}: ${pair}: ${fault}`),
    ),
    ...balance.filter(({ fault }) => fault !== "").map(({ strategy, fault }) => `balance: ${strategy}: ${fault}`),
  ];
}

/** What is wrong with rows, in words; empty where every row came once and in order. */
export function faultOf({ expected, got, duplicates, disordered, wrong }: Rows): string {
  const found: [number, string][] = [
    [expected - got, "lost"],
    [duplicates, "twice"],
    [disordered, "out of order"],
    [wrong, "with other values"],
  ];
  const faults = found.filter(([rows]) => rows > 0).map(([rows, what]) => `${rows.toLocaleString("en-US")} ${what}`);
  return faults.length > 0 ? `of ${expected.toLocaleString("en-US")} rows ${faults.join(", ")}` : "";
}
