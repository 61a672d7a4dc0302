/** VPIN as a good programmer writes it without this package: one pass over typed arrays, running sums, no checks. */

export interface Buckets {
  buy: Float64Array;
  sell: Float64Array;
  endIndex: Float64Array;
  vpin: Float64Array;
}

/** Full buckets so far, and the ring of their imbalances. */
class Filled {
  count = 0;
  sum = 0;
  slot = 0;
  readonly ring: Float64Array;
  constructor(
    readonly out: Buckets,
    readonly bucketVolume: number,
    readonly window: number,
  ) {
    this.ring = new Float64Array(window);
  }

  add(imbalance: number, row: number): void {
    const { ring, slot, window, bucketVolume, count, out } = this;
    this.sum += Math.abs(imbalance) - ring[slot]!;
    ring[slot] = Math.abs(imbalance);
    this.slot = slot + 1 === window ? 0 : slot + 1;
    out.buy[count] = (bucketVolume + imbalance) / 2;
    out.sell[count] = (bucketVolume - imbalance) / 2;
    out.endIndex[count] = row;
    out.vpin[count] = count + 1 < window ? Number.NaN : this.sum / (window * bucketVolume);
    this.count++;
  }
}

/**
 * Signed sizes to full buckets and the VPIN of each; returns how many there are. Sums of |size| and of size, because a branch on
 * the sign costs five times as much; what happens at a border in a function of its own, because V8 then keeps the sums in registers.
 */
export function plainVpin(size: Float64Array, bucketVolume: number, window: number, out: Buckets): number {
  const filled = new Filled(out, bucketVolume, window);
  let volume = 0;
  let net = 0;
  for (let i = 0; i < size.length; i++) {
    const signed = size[i]!;
    volume += Math.abs(signed);
    net += signed;
    while (volume >= bucketVolume) {
      volume -= bucketVolume;
      const left = signed > 0 ? volume : -volume;
      filled.add(net - left, i);
      net = left;
    }
  }
  return filled.count;
}
