/** Ids that follow each other: what is missing, what came twice, what came late. */

/** Ids `from` to `to` are missing. */
export interface Hole {
  from: bigint;
  to: bigint;
}
/** Holes that are remembered one by one: what fills an older one counts as double. */
const mostHoles = 1024;

export class Sequence {
  first: bigint | undefined;
  last: bigint | undefined;
  count = 0;
  /** Ids that were seen before. */
  duplicates = 0;
  /** That came after a later one, and filled a hole. */
  late = 0;
  /** Ids that are missing now, and in how many stretches. */
  missing = 0n;
  gaps = 0;
  readonly holes: Hole[] = [];

  /** One message that stands for `from` to `to`; false where all of it was known. `again`: it may be, and is no double then. */
  take(from: bigint, to: bigint, again: boolean): boolean {
    if (this.last === undefined) {
      this.first = from;
      this.last = to;
      this.count++;
      return true;
    }
    if (to > this.last) {
      if (from > this.last + 1n) this.open(this.last + 1n, from - 1n);
      this.last = to;
      this.count++;
      return true;
    }
    if (this.fill(from, to)) {
      this.late++;
      this.count++;
      return true;
    }
    if (!again) this.duplicates++;
    return false;
  }

  private open(from: bigint, to: bigint): void {
    this.gaps++;
    this.missing += to - from + 1n;
    if (this.holes.length === mostHoles) this.holes.shift();
    this.holes.push({ from, to });
  }

  private fill(from: bigint, to: bigint): boolean {
    const place = this.holes.findIndex((hole) => from <= hole.to && to >= hole.from);
    if (place < 0) return false;
    const hole = this.holes[place]!;
    const [low, high] = [from > hole.from ? from : hole.from, to < hole.to ? to : hole.to];
    this.missing -= high - low + 1n;
    const rest = [
      { from: hole.from, to: low - 1n },
      { from: high + 1n, to: hole.to },
    ].filter((part) => part.from <= part.to);
    this.gaps += rest.length - 1;
    this.holes.splice(place, 1, ...rest);
    return true;
  }
}
