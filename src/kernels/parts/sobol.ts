/** Sobol' points and their scrambling, as the references draw them. */
import { philox } from "./philox.js";

/** Coordinate of point `index`, counted in the order of Antonov & Saleev, as 32 bits behind the binary point. */
export function sobolBits(directions: Uint32Array, dimension: number, index: number): number {
  const gray = (index ^ (index >>> 1)) >>> 0;
  let x = 0;
  for (let bit = 0; bit < 32; bit++) if ((gray >>> bit) & 1) x ^= directions[32 * dimension + bit]!;
  return x >>> 0;
}

function reversed(x: number): number {
  let y = 0;
  for (let bit = 0; bit < 32; bit++) y = (y << 1) | ((x >>> bit) & 1);
  return y >>> 0;
}

/**
 * Owen's nested uniform scrambling by a hash: each bit is flipped or not by those before it. Burley (2020), J. Comput. Graph. Tech.
 * 9(4), with the permutation of Laine & Karras (2011) in the form of Vegdahl (2021).
 */
export function scrambled(x: number, seed: number): number {
  let n = reversed(x);
  n ^= Math.imul(n, 0x3d20adea);
  n = Math.imul(n + seed, (seed >>> 16) | 1);
  n ^= Math.imul(n, 0x05526c56);
  n ^= Math.imul(n, 0x53a22864);
  return reversed(n >>> 0);
}

/** What each coordinate of a scrambling hashes with. */
export const scrambleSeed = (dimension: number, seed: number, stream: number): number => philox([dimension, 0, 0, 2], [seed, stream])[0]!;

/** Middle of the interval of 2^-32 that the bits name: never 0 or 1. */
export const inside = (bits: number): number => (bits + 0.5) * 2 ** -32;
