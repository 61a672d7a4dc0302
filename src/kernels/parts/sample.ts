/** Pieces of the seeded samples: parity and benchmark inputs with six decades of size. */

/** splitmix32-like counter generator: uniform in [0, 1) from a 32-bit seed (Steele, Lea & Flood 2014, mixing constants of murmur3). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 4294967296;
  };
}

/** Log-uniform over six decades, 1e-3 to 1e3. */
export const spread = (random: () => number): number => 10 ** (6 * random() - 3);

/** Times in ns that never fall, some of them equal. */
export function risingTimes(rows: number, random: () => number): BigInt64Array {
  let now = 1_700_000_000_000_000_000n;
  return BigInt64Array.from({ length: rows }, () => (now += BigInt(Math.floor(Math.max(0, 1.2 * random() - 0.2) * 1e7))));
}
