/** XXH64 with seed 0, as bytes come: the checksum of zstd's frames. From the algorithm's description, github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. */
const primes = [0x9e3779b185ebca87n, 0xc2b2ae3d27d4eb4fn, 0x165667b19e3779f9n, 0x85ebca77c2b2ae63n, 0x27d4eb2f165667c5n] as const;
const [p1, p2, p3, p4, p5] = primes;
const low = (value: bigint) => Number(BigInt.asIntN(32, value));
const high = (value: bigint) => Number(BigInt.asIntN(32, value >> 32n));
const [p1Low, p1High, p2Low, p2High] = [low(p1), high(p1), low(p2), high(p2)];
const stripe = 32;

/** The high half of the product of two unsigned 32-bit numbers. */
function highProduct(a: number, b: number): number {
  const first = Math.imul(a & 0xffff, b >>> 16) >>> 0;
  const second = Math.imul(a >>> 16, b & 0xffff) >>> 0;
  const middle = (Math.imul(a & 0xffff, b & 0xffff) >>> 16) + (first & 0xffff) + (second & 0xffff);
  return (Math.imul(a >>> 16, b >>> 16) + (first >>> 16) + (second >>> 16) + (middle >>> 16)) | 0;
}

const wrap = (value: bigint) => BigInt.asUintN(64, value);
const rotated = (value: bigint, bits: bigint) => wrap(value << bits) | (value >> (64n - bits));
const round = (lane: bigint, word: bigint) => wrap(rotated(wrap(lane + word * p2), 31n) * p1);

export class Xxh64 {
  /** Four lanes of 64 bits in halves, low first: BigInt is ten times slower, and that only counts here. */
  private readonly lanes = Int32Array.from([p1 + p2, p2, 0n, -p1].flatMap((lane) => [low(lane), high(lane)]));
  private readonly rest = new Uint8Array(stripe);
  private held = 0;
  private total = 0;

  update(bytes: Uint8Array): void {
    this.total += bytes.length;
    let from = 0;
    if (this.held > 0) {
      from = Math.min(stripe - this.held, bytes.length);
      this.rest.set(bytes.subarray(0, from), this.held);
      this.held += from;
      if (this.held < stripe) return;
      this.stripes(this.rest);
    }
    const end = bytes.length - ((bytes.length - from) % stripe);
    this.stripes(bytes.subarray(from, end));
    this.rest.set(bytes.subarray(end));
    this.held = bytes.length - end;
  }

  /** Of the bytes so far. */
  digest(): bigint {
    let hash = wrap(p5 + BigInt(this.total));
    if (this.total >= stripe) {
      const [a, b, c, d] = new BigUint64Array(this.lanes.buffer) as unknown as [bigint, bigint, bigint, bigint];
      const mixed = rotated(a, 1n) + rotated(b, 7n) + rotated(c, 12n) + rotated(d, 18n);
      hash = [a, b, c, d].reduce((sum, lane) => wrap((sum ^ round(0n, lane)) * p1 + p4), wrap(mixed)) + BigInt(this.total);
    }
    const view = new DataView(this.rest.buffer);
    let at = 0;
    for (; at + 8 <= this.held; at += 8) hash = wrap(rotated(wrap(hash) ^ round(0n, view.getBigUint64(at, true)), 27n) * p1 + p4);
    if (at + 4 <= this.held) {
      hash = wrap(rotated(wrap(hash) ^ wrap(BigInt(view.getUint32(at, true)) * p1), 23n) * p2 + p3);
      at += 4;
    }
    for (; at < this.held; at++) hash = wrap(rotated(wrap(hash) ^ wrap(BigInt(this.rest[at]!) * p5), 11n) * p1);
    hash = wrap(hash);
    hash = wrap((hash ^ (hash >> 33n)) * p2);
    hash = wrap((hash ^ (hash >> 29n)) * p3);
    return hash ^ (hash >> 32n);
  }

  /** Whole stripes: lane = rotate(lane + word * p2, 31) * p1 for each of four words. */
  private stripes(bytes: Uint8Array): void {
    const { lanes } = this;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; at += stripe)
      for (let k = 0; k < 8; k += 2) {
        const wordLow = view.getInt32(at + 4 * k, true);
        const wordHigh = view.getInt32(at + 4 * k + 4, true);
        const sum = (lanes[k]! >>> 0) + (Math.imul(wordLow, p2Low) >>> 0);
        const product = highProduct(wordLow, p2Low) + Math.imul(wordLow, p2High) + Math.imul(wordHigh, p2Low);
        const sumHigh = (lanes[k + 1]! + product + (sum > 0xffffffff ? 1 : 0)) | 0;
        const turnedLow = ((sum | 0) << 31) | (sumHigh >>> 1);
        const turnedHigh = (sumHigh << 31) | ((sum | 0) >>> 1);
        lanes[k] = Math.imul(turnedLow, p1Low);
        lanes[k + 1] = highProduct(turnedLow, p1Low) + Math.imul(turnedLow, p1High) + Math.imul(turnedHigh, p1Low);
      }
  }
}
