import { loadAddon } from "../addon/addon.js";
import { crc32c as table } from "../bus/frame.js";
import type { Checksum } from "../bus/topic_hash.js";
import { backendNames } from "../core/call/choose.js";
import { crc32c } from "../files/kernels/crc32c.js";

/** The kernel counts bytes with 32 bits. */
const mostBytes = 2 ** 31 - 1;

/** Below it a call of the add-on costs more than the bytes. */
const fewBytes = 128;

/**
 * CRC-32C by the add-on where it is there and this thread has its backends (`install`); bound once to each buffer whose parts it is asked
 * about. Else the one with a table: the kernel's reference goes bit by bit.
 */
export function checksum(): Checksum {
  const there = backendNames().includes("native") && loadAddon().addon?.rows.some((row) => row.name === "crc32c");
  if (!there) return table;
  const [chain, out] = [new Uint32Array(1), { crc: new Uint32Array(1) }];
  const bind = (bytes: Uint8Array) => crc32c.bind({ in: { bytes, before: chain }, out });
  const runs = new WeakMap<ArrayBufferLike, ReturnType<typeof bind>>();
  return (bytes, before = 0) => {
    const { buffer, byteOffset, byteLength } = bytes;
    if (byteLength < fewBytes) return table(bytes, before);
    chain[0] = before;
    if (buffer.byteLength > mostBytes) bind(new Uint8Array(buffer, byteOffset, byteLength))();
    else {
      let run = runs.get(buffer);
      if (!run) runs.set(buffer, (run = bind(new Uint8Array(buffer))));
      run(0, byteOffset + byteLength, byteOffset);
    }
    return out.crc[0]!;
  };
}
