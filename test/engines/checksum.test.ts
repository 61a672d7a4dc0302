import { expect, it } from "vitest";
import { loadAddon } from "../../src/addon/addon.js";
import { install } from "../../src/backends/index.js";
import { crc32c as table } from "../../src/bus/frame.js";
import { checksum } from "../../src/engines/checksum.js";

it("is the one with a table in a thread without backends, never the kernel's reference, and the add-on's with them: the same numbers", () => {
  expect(checksum()).toBe(table);
  install();
  const fast = checksum();
  if (loadAddon().addon) expect(fast).not.toBe(table);
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => 31 * i);
  for (const [from, to] of [
    [0, 5000],
    [1, 130],
    [3, 12],
    [4000, 4999],
  ] as const)
    expect(fast(bytes.subarray(from, to), from)).toBe(table(bytes.subarray(from, to), from));
});
