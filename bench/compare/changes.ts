/** Two runs of the benchmark, line by line: what moved by more than the repetitions of either run differ among themselves. */

export interface Line {
  kernel: string;
  label: string;
  backend: string;
  size: number;
  nsPerRowMin: number;
  /** Missing in files of others. */
  nsPerRowMedian?: number;
}

export interface Change {
  /** Kernel and label. */
  key: string;
  backend: string;
  old: number;
  now: number;
  /** New minimum over old: above 1 is slower. */
  ratio: number;
  /** Share by which the minimum may move without meaning anything. */
  noise: number;
}

export interface Compared {
  /** Worst first. */
  slower: Change[];
  faster: Change[];
  /** Lines within the noise. */
  same: number;
  /** Lines of packages that are not ours. */
  others: number;
  /** Lines that were measured on another number of rows: caches make those other times. */
  sizes: string[];
  gone: string[];
  added: string[];
  /** Compared lines of which one file does not tell the median. */
  unspread: number;
  /** Ratio of the line in the middle: where all lines moved alike, the machine did. */
  middle: number;
}

/** What two processes of the same code differ by on a quiet machine, which the repetitions of one do not show. */
export const allowance = 0.1;

const ours = new Set(["reference", "native", "metal"]);
const keyOf = ({ kernel, label }: Line): string => (label ? `${kernel}: ${label}` : kernel);
const identity = (line: Line): string => `${keyOf(line)} (${line.backend})`;
const spreadOf = ({ nsPerRowMin, nsPerRowMedian }: Line): number | undefined =>
  nsPerRowMedian !== undefined && nsPerRowMedian >= nsPerRowMin ? nsPerRowMedian / nsPerRowMin - 1 : undefined;

/** Of the same line in several runs the fastest: what was slow once by chance is seldom so again. */
export function fastest(runs: readonly (readonly Line[])[]): Line[] {
  const best = new Map<string, Line>();
  for (const line of runs.flat()) {
    const name = `${identity(line)} ${line.size}`;
    const known = best.get(name);
    if (!known || line.nsPerRowMin < known.nsPerRowMin) best.set(name, line);
  }
  return [...best.values()];
}

function changeOf(old: Line, now: Line): Change {
  return {
    key: keyOf(now),
    backend: now.backend,
    old: old.nsPerRowMin,
    now: now.nsPerRowMin,
    ratio: now.nsPerRowMin / old.nsPerRowMin,
    noise: Math.max(allowance, spreadOf(old) ?? 0, spreadOf(now) ?? 0),
  };
}

function middleOf(ratios: readonly number[]): number {
  const sorted = ratios.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 1;
}

export function compare(old: readonly Line[], now: readonly Line[]): Compared {
  const mine = (lines: readonly Line[]) => lines.filter(({ backend }) => ours.has(backend));
  const before = new Map(mine(old).map((line) => [identity(line), line]));
  const after = new Map(mine(now).map((line) => [identity(line), line]));
  const both = [...after].flatMap(([name, line]) => (before.has(name) ? [{ name, old: before.get(name)!, now: line }] : []));
  const comparable = both.filter((pair) => pair.old.size === pair.now.size);
  const changes = comparable.map((pair) => changeOf(pair.old, pair.now));
  const slower = changes.filter(({ ratio, noise }) => ratio > 1 + noise);
  const faster = changes.filter(({ ratio, noise }) => ratio < 1 / (1 + noise));
  return {
    slower: slower.toSorted((a, b) => b.ratio - a.ratio),
    faster: faster.toSorted((a, b) => a.ratio - b.ratio),
    same: changes.length - slower.length - faster.length,
    others: now.length - mine(now).length,
    sizes: both.filter((pair) => pair.old.size !== pair.now.size).map(({ name }) => name),
    gone: [...before.keys()].filter((name) => !after.has(name)),
    added: [...after.keys()].filter((name) => !before.has(name)),
    unspread: comparable.filter((pair) => spreadOf(pair.old) === undefined || spreadOf(pair.now) === undefined).length,
    middle: middleOf(changes.map(({ ratio }) => ratio)),
  };
}
