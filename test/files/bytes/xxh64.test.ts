import fc from "fast-check";
import { expect, test } from "vitest";
import { Xxh64 } from "../../../src/files/bytes/xxh64.js";

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (7 * i + 3) % 251);
const hashed = (...parts: Uint8Array[]) => {
  const hash = new Xxh64();
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Of bytes(length), by xxhsum 0.8.1 -H64. */
const known: [length: number, digest: bigint][] = [
  [0, 0xef46db3751d8e999n],
  [3, 0x31d2363f52e564c9n],
  [7, 0x9a7b149959ce60d8n],
  [8, 0xdab99d95c6f90092n],
  [31, 0xa2aa5f33cc4a6119n],
  [32, 0x23c3c17ef790fd97n],
  [45, 0x7f1a23ccf224f7aan],
  [64, 0x2cd990a1beed6894n],
  [1003, 0x9c719c83390e0a58n],
];

test("digests are those of the algorithm's own program", () => {
  for (const [length, digest] of known) expect(hashed(bytes(length)), `${length} bytes`).toBe(digest);
});

test("however the bytes are cut, the digest is the same", () => {
  const whole = bytes(1003);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 12 }), (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), whole.length];
      expect(hashed(...edges.slice(1).map((to, i) => whole.subarray(edges[i], to)))).toBe(known.at(-1)![1]);
    }),
  );
});
