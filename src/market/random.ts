/**
 * xoshiro128** 1.1 (Blackman & Vigna 2018, public domain): 32-bit arithmetic only, so that a seed gives the same numbers on
 * every machine; period 2^128 - 1. Not for secrets.
 */
export class Random {
  readonly #state: Uint32Array;

  /** Four words, not all 0; an array of them is where the state is kept. */
  constructor(state: readonly [number, number, number, number] | Uint32Array) {
    this.#state = state instanceof Uint32Array ? state : Uint32Array.from(state);
  }

  /** Equal (seed, stream) give equal numbers; different streams of one seed are unrelated. */
  static fromSeed(seed: number, stream = 0, state = new Uint32Array(4)): Random {
    const next = splitmix32(splitmix32(seed >>> 0)() ^ splitmix32(Math.floor(seed / 2 ** 32))() ^ Math.imul(stream + 1, 0x85ebca6b));
    state.set([next(), next(), next(), next() | 1]);
    return new Random(state);
  }

  /** Uniform on the integers from 0 to 2^32 - 1. */
  uint32(): number {
    const s = this.#state;
    const result = Math.imul(rotate(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = rotate(s[3]!, 11);
    return result;
  }

  /** Uniform in (0, 1), never an end: its logarithm is always finite. 52 bits. */
  uniform(): number {
    const high = this.uint32() >>> 6;
    return (high * 2 ** 26 + (this.uint32() >>> 6) + 0.5) / 2 ** 52;
  }

  /** Mean 1. */
  exponential(): number {
    return -Math.log(this.uniform());
  }

  /** Standard normal by Box and Muller; the second of the pair is dropped so that the state stays four words. */
  normal(): number {
    return Math.sqrt(2 * this.exponential()) * Math.cos(2 * Math.PI * this.uniform());
  }
}

const rotate = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

/** Spreads a seed over the state words (Steele, Lea & Flood 2014, with the 32-bit finalizer of MurmurHash3). */
function splitmix32(seed: number): () => number {
  let counter = seed;
  return () => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let z = counter;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
}
