/** Counter-based random numbers: a number depends on its place alone, so that every backend and split draws the same. */

/** High and low 32 bits of a product of two 32-bit numbers. */
function product(a: number, b: number): [number, number] {
  const [high, low] = [a >>> 16, a & 0xffff];
  const below = low * b;
  const above = high * b + Math.floor(below / 65536);
  return [Math.floor(above / 65536) >>> 0, Math.imul(a, b) >>> 0];
}

/** Philox4x32-10 of Salmon, Moraes, Dror & Shaw (2011): four 32-bit numbers for a counter of four and a key of two. */
export function philox(counter: readonly number[], key: readonly number[]): number[] {
  let [a, b, c, d] = counter as [number, number, number, number];
  let [first, second] = key as [number, number];
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = product(0xd2511f53, a);
    const [high1, low1] = product(0xcd9e8d57, c);
    [a, b, c, d] = [(high1 ^ b ^ first) >>> 0, low1, (high0 ^ d ^ second) >>> 0, low0];
    first = (first + 0x9e3779b9) >>> 0;
    second = (second + 0xbb67ae85) >>> 0;
  }
  return [a, b, c, d];
}

/** Two uniform numbers inside (0, 1), of 52 bits each: path and block are the counter, seed and stream the key. */
export function uniformPair(path: number, block: number, seed: number, stream: number): [number, number] {
  const split = (x: number) => [x >>> 0, Math.floor(x / 2 ** 32)];
  const [a, b, c, d] = philox([...split(path), ...split(block)], [seed >>> 0, stream >>> 0]) as [number, number, number, number];
  const uniform = (low: number, high: number) => ((high >>> 0) * 2 ** 20 + (low >>> 12) + 0.5) * 2 ** -52;
  return [uniform(a, b), uniform(c, d)];
}
