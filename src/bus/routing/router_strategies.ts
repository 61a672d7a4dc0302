/** How a bus is chosen among several, from what was measured of them. */
export const strategies = ["typed", "least_loaded", "hardware", "lowest_latency", "highest_throughput", "adaptive"] as const;
export type Strategy = (typeof strategies)[number];

export interface Candidate {
  readonly name: string;
  /** From publication until it was read: peaks count at once and are forgotten slowly. */
  readonly delayMs: number;
  /** Read, over the time in which something was. */
  readonly rowsPerSecond: number;
  /** Batches. */
  readonly waiting: number;
  readonly dead: boolean;
}

/** How much better another bus must be before a key moves. */
const MARGIN = 0.8;
/** Share of the decisions of `adaptive` that try a bus at random. */
const EXPLORED = 0.05;

const ms = (value: number) => `${value.toFixed(2)} ms`;

/** `here`: where the key is now. */
export function choose(
  strategy: Strategy,
  among: readonly Candidate[],
  random: () => number,
  home: string | undefined,
  here: string | undefined,
): { name: string; why: string } {
  if (strategy === "typed") return { name: home!, why: `the table places its type on ${home}` };
  if (strategy === "hardware") return { name: home!, why: `the backend that computes it is on ${home}` };
  const pick = () => among[Math.floor(random() * among.length)]!;
  if (strategy === "least_loaded") {
    const [a, b] = [pick(), pick()];
    const less = b.waiting < a.waiting ? b : a;
    return { name: less.name, why: `of ${a.name} (${a.waiting} waiting) and ${b.name} (${b.waiting}), drawn at random, it has less to do` };
  }
  if (strategy === "adaptive" && random() < EXPLORED) {
    const tried = pick();
    return { name: tried.name, why: `tried at random, to know its delay (${ms(tried.delayMs)} so far)` };
  }
  const throughput = strategy === "highest_throughput";
  // Lower is better. Never measured: the best there may be, so that it is.
  const cost = throughput
    ? ({ rowsPerSecond, waiting }: Candidate) => (rowsPerSecond > 0 ? (waiting + 1) / rowsPerSecond : 0)
    : ({ delayMs, waiting }: Candidate) => (strategy === "adaptive" ? delayMs : delayMs * (waiting + 1));
  const best = among.reduce((a, b) => (cost(b) < cost(a) ? b : a));
  const now = among.find(({ name }) => name === here);
  if (now && cost(best) >= MARGIN * cost(now))
    return { name: now.name, why: `no other is better by a fifth than ${now.name} (${told(now, throughput)})` };
  return { name: best.name, why: `the best of ${among.map((one) => `${one.name} (${told(one, throughput)})`).join(", ")}` };
}

const told = ({ delayMs, rowsPerSecond, waiting }: Candidate, throughput: boolean): string =>
  `${throughput ? `${Math.round(rowsPerSecond)} rows/s` : ms(delayMs)}, ${waiting} waiting`;
