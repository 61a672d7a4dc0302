/** How long messages take: always as long, or drawn from what was measured. */
import { TickforgeError } from "../../core/contract/errors.js";
import { said } from "../../core/contract/given.js";
import { philox } from "../../kernels/parts/philox.js";

/** A histogram as numpy's: `counts[i]` delays took from `edges[i]` to `edges[i + 1]` ns; one more edge than counts, rising, from 0 on. */
export interface MeasuredDelay {
  readonly edges: ArrayLike<number>;
  readonly counts: ArrayLike<number>;
}
/** ns. */
export type DelayOption = number | MeasuredDelay;

/** One of a kind of messages: which of the random numbers of a seed it has. */
export const kindsOfDelay = { entry: 0, answer: 1, feed: 2 } as const;

/** ns of a message; the same for the same place of the same kind. `high` and `low` are whole numbers below 2^32. */
export type Delay = (high: number, low: number, instrument: number) => bigint;

const longest = 2 ** 53;

export function delayOf(option: string, of: DelayOption, seed: number, kind: number): Delay {
  if (typeof of === "number") {
    if (!(Number.isInteger(of) && of >= 0 && of <= longest))
      throw wrong(option, of, "whole ns, 0 or more, or { edges, counts } as measured");
    const ns = BigInt(of);
    return () => ns;
  }
  const { edges, sums } = checked(option, of);
  const total = sums[sums.length - 1]!;
  return (high, low, instrument) => {
    const [a, b] = philox([low >>> 0, high >>> 0, instrument, kind], [seed, 0]) as [number, number];
    const wanted = (a * 2 ** 20 + (b >>> 12) + 0.5) * 2 ** -52 * total;
    let [from, to] = [0, sums.length - 1];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (sums[middle]! > wanted) to = middle;
      else from = middle + 1;
    }
    const before = from === 0 ? 0 : sums[from - 1]!;
    const [left, right] = [edges[from]!, edges[from + 1]!];
    return BigInt(Math.round(left + ((right - left) * (wanted - before)) / (sums[from]! - before)));
  };
}

/** Whether it takes no time, always. */
export const isNone = (of: DelayOption | undefined): boolean => of === undefined || of === 0;

function checked(option: string, of: MeasuredDelay): { edges: Float64Array; sums: Float64Array } {
  if (typeof of !== "object" || of === null || typeof of.edges !== "object" || typeof of.counts !== "object")
    throw wrong(option, of, "whole ns, 0 or more, or { edges, counts } as measured");
  const [edges, counts] = [Float64Array.from(of.edges), Float64Array.from(of.counts)];
  if (edges.length !== counts.length + 1 || counts.length === 0)
    throw wrong(option, edges.length, `one edge more than the ${counts.length} counts, of which there is one at least`);
  for (const [i, edge] of edges.entries())
    if (!(edge >= 0 && edge <= longest && (i === 0 || edge > edges[i - 1]!)))
      throw wrong(`${option}.edges[${i}]`, edge, "ns that rise, from 0 on");
  let sum = 0;
  const sums = counts.map((count, i) => {
    if (!(count >= 0 && Number.isFinite(count))) throw wrong(`${option}.counts[${i}]`, count, "0 or more");
    sum += count;
    return sum;
  });
  if (sum === 0) throw wrong(`${option}.counts`, 0, "one delay at least");
  return { edges, sums };
}

const wrong = (option: string, value: unknown, expected: string) =>
  new TickforgeError("E_OPTION_RANGE", `backtest: ${option} is ${said(value)}, expected ${expected}`, {
    option,
    value,
    hint: `pass ${expected}`,
  });
