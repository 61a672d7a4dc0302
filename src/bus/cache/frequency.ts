/** A count-min sketch with aging, as TinyLFU has it: how often a key was asked for, in a fixed table of small counters. */

/** FNV-1a over UTF-16 units: spreads keys over counters, decides nothing by itself. */
export function hashOf(key: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x0100_0193);
  return hash;
}

/** Odd multipliers, one per row of counters; the high bits of the product choose the counter. */
const spread = [0x9e37_79b1, 0x85eb_ca77, 0xc2b2_ae3d, 0x27d4_eb2f] as const;
const MOST = 15;

/**
 * How often keys were asked for lately: a count-min sketch whose counters end at 15 and are halved after ten notes per key
 * held, so that old fame fades. Einziger, Friedman & Manes (2017), TinyLFU: A Highly Efficient Cache Admission
 * Policy, ACM Transactions on Storage 13(4), section 3. Never below the true count between two halvings.
 */
export class Frequency {
  private counters: Uint8Array;
  private bits: number;
  private notes = 0;
  private sample: number;

  /** `keys`: how many are to be told apart well. */
  constructor(keys = 512) {
    this.bits = Math.max(4, Math.ceil(Math.log2(keys)));
    this.sample = 10 << this.bits;
    this.counters = new Uint8Array(spread.length << this.bits);
  }

  note(hash: number): void {
    for (let row = 0; row < spread.length; row++) {
      const at = this.place(row, hash);
      if (this.counters[at]! < MOST) this.counters[at]!++;
    }
    if (++this.notes >= this.sample) this.fade();
  }

  of(hash: number): number {
    let least = MOST;
    for (let row = 0; row < spread.length; row++) least = Math.min(least, this.counters[this.place(row, hash)]!);
    return least;
  }

  /** So many keys are held now; starts anew with more counters when those are too few. */
  hold(keys: number): void {
    this.sample = 10 * Math.max(keys, 16);
    if (keys <= 1 << this.bits) return;
    this.bits = Math.ceil(Math.log2(keys));
    this.notes = 0;
    this.counters = new Uint8Array(spread.length << this.bits);
  }

  private place(row: number, hash: number): number {
    // The low bits of a product depend on the low bits of the hash alone, so its high half is folded in first.
    return (row << this.bits) + (Math.imul(hash ^ (hash >>> 15), spread[row]!) >>> (32 - this.bits));
  }
  private fade(): void {
    for (let i = 0; i < this.counters.length; i++) this.counters[i]! >>>= 1;
    this.notes >>>= 1;
  }
}
