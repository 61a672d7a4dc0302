/** Trades that came again, gathered by instrument: told as one row each second in which there were any, however many there were. */

/** Ids from `from` to `to`, `count` rows among them. */
export interface Repeated {
  from: number;
  to: number;
  count: number;
}

const gatherMs = 1000;

export class Repeats {
  private readonly of = new Map<number, Repeated>();
  private since = 0;

  add(instrument: number, id: number): void {
    if (this.of.size === 0) this.since = performance.now();
    const before = this.of.get(instrument);
    if (!before) this.of.set(instrument, { from: id, to: id, count: 1 });
    else {
      if (id < before.from) before.from = id;
      else if (id > before.to) before.to = id;
      before.count++;
    }
  }
  /** What is to be told now; `all`: nothing more is gathered. */
  take(now: number, all: boolean): readonly (readonly [instrument: number, repeated: Repeated])[] {
    if (this.of.size === 0 || (!all && now - this.since < gatherMs)) return [];
    const told = [...this.of];
    this.of.clear();
    return told;
  }
}
