/** Times of receipt, ns since 1970: even within a millisecond, and with the system's clock where that is set anew. */
import { type Skew, SkewMeter } from "./skew_meter.js";

/** Between two looks at the system's clock, and how far it may be off before it is followed. */
const lookNs = 1_000_000_000n;
const farNs = 2_000_000n;

export class Clock {
  private readonly meter = new SkewMeter();
  private offset = 0n;
  private lookedAt = -lookNs;

  ns(): bigint {
    const now = process.hrtime.bigint();
    if (now - this.lookedAt >= lookNs) {
      const offset = BigInt(Date.now()) * 1_000_000n - now;
      const off = offset - this.offset;
      if (off > farNs || off < -farNs) this.offset = offset;
      this.lookedAt = now;
    }
    return now + this.offset;
  }
  /** How long after its time a row came. */
  came(ns: number): void {
    this.meter.add(ns);
  }
  skew(): Skew {
    return this.meter.get();
  }
}
