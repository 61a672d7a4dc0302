/** Of one instrument: rows that wait, by the ids that they claim, and what the venue's REST is to say of them. */

/** A row under an id. */
export interface Claim {
  /** Its place on the shelf; -1: two rows claimed the id, and neither is believed. */
  at: number;
  price: number;
  /** With the sign of its side. */
  size: number;
  /** REST told it. */
  told: boolean;
  /** REST told it, and nobody had before. */
  refilled: boolean;
  /** Price and size of the row that came before it on its connection, under the id before; NaN where there was none. */
  beforePrice: number;
  beforeSize: number;
  /** It was the first of its connection, and nothing was missing before it when it came. */
  close: boolean;
  /** What came next on its connection did not follow on it. */
  unfollowed: boolean;
  /** Answers of REST that told what is there, and not this. */
  unknown: number;
}

/** Ids from `first` to `last` are asked for. */
export interface Asked {
  readonly first: number;
  readonly last: number;
}

/** Ids that are asked for at once. */
const mostAsked = 5000;

export class Claims {
  readonly held = new Map<number, Claim>();
  /** Rows that were given and may have been wrong, by id: price and size, and answers of REST since. */
  readonly doubts = new Map<number, { readonly price: number; readonly size: number; answers: number }>();
  /** Milliseconds since 1970: when it began, and when a row was last given. */
  readonly since = Date.now();
  movedAt = this.since;
  /** Answers that brought nothing on. */
  answers = 0;
  /** The lowest id of the answer that is being read. */
  lowest = Infinity;
  /** The venue said that there is a trade of this id. */
  until = NaN;

  /** Whether a row followed on the one that waits under the id before. */
  follows(id: number, { beforePrice, beforeSize }: Claim): boolean {
    const before = this.held.get(id - 1);
    return before !== undefined && before.at >= 0 && before.price === beforePrice && before.size === beforeSize;
  }
  /** Whether something says that there is a trade of this id, beside the row itself. */
  private sure(id: number, { told }: Claim): boolean {
    const after = this.held.get(id + 1);
    return told || (after !== undefined && this.follows(id + 1, after));
  }
  /** Ids of which nothing came, though later ones did for sure; undefined where there are none. */
  missing(last: number): Asked | undefined {
    let to = this.until >= 0 ? this.until : Infinity;
    for (const [id, claim] of this.held) if (id <= to && this.sure(id, claim)) to = id - 1;
    return to > last && to < Infinity ? { first: last + 1, last: to } : undefined;
  }
  /** REST answered, from `lowest` to `newest`: what it should have told and did not. Of what is older it says nothing. */
  answered(last: number, newest: number): void {
    this.answers++;
    const all = newest < this.asked(last).last;
    for (const [id, claim] of this.held) if (!claim.told && (id > newest ? all : id >= this.lowest)) claim.unknown++;
  }
  /** Whether a row may be one, where REST says nothing of it. */
  credible(id: number, claim: Claim): boolean {
    return claim.at >= 0 && (this.sure(id, claim) || !claim.unfollowed);
  }
  /** The lowest id that waits, of those that are meant; Infinity where there is none. */
  least(meant: (claim: Claim) => boolean = () => true): number {
    let lowest = Infinity;
    for (const [id, claim] of this.held) if (id < lowest && meant(claim)) lowest = id;
    return lowest;
  }
  /** From what is missing or doubted first to the last row that only REST can tell to be one, as far as can be asked at once. */
  asked(last: number): Asked {
    const least = this.least();
    let first = Number.isNaN(last) ? Math.min(least, this.until || Infinity) : last + 1;
    const most = first + mostAsked;
    let to = this.until >= first ? Math.min(this.until, most) : first - 1;
    // Some venues tell the newest first, up to what they are asked for: to the end of the hole.
    if (least < Infinity) to = Math.max(to, Math.min(least - 1, most));
    for (const [id, claim] of this.held) if (id > to && !claim.told && !this.follows(id, claim)) to = Math.min(id, most);
    // With the one before it: where REST has that one and not this, it has none.
    for (const id of this.doubts.keys()) {
      if (id - 1 < first) first = id - 1;
      if (id > to) to = id;
    }
    return { first, last: Math.max(first, to) };
  }
}
