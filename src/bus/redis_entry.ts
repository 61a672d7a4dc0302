/** What an entry of a stream holds: the letter of its codec, a frame, `c` and its checksum, and with `y` the symbols that came with it. */
import { crc32 } from "node:zlib";
import { BusError } from "../errors.js";
import type { GrowingSymbols } from "./bus.js";
import { codecOf, letters } from "./codec.js";
import { HEADER_BYTES, type Layout } from "./frame.js";

/** CRC-32 of what lies behind the first 64 bytes: of columns, which are known before a batch is numbered. */
export const sumOfColumns = (bytes: Uint8Array): number => crc32(bytes.subarray(HEADER_BYTES));
/** The same, gone on with over the first 64 bytes: the checksum of an entry. */
export const sumOf = (bytes: Uint8Array, columns = sumOfColumns(bytes)): number => crc32(bytes.subarray(0, HEADER_BYTES), columns);

export function learnSymbols(fields: readonly Buffer[], symbols: GrowingSymbols): void {
  const text = fields.length > 5 && fields[4]?.toString() === "y" ? fields[5]!.toString() : undefined;
  if (text === undefined) return;
  const [first, ...names] = JSON.parse(text) as [number, ...string[]];
  for (const [i, name] of names.entries()) if (Number(first) + i >= symbols.size) symbols.add(name);
}

/** Writes the frame into a slot; returns what is wrong with it, if anything is. */
export function decodeEntry([letter, body, , sum]: readonly Buffer[], layout: Layout, slot: Uint8Array): unknown {
  const damage = (what: string) =>
    new BusError("E_BUS_CRC", `topic '${layout.topic.name}': an entry was damaged: ${what}`, {
      hint: "It is fetched again; where Redis itself has it so, its rows show as lost.",
    });
  try {
    const name = letter!.toString();
    // As large as the slot, it is summed where it was copied to: the copy has just passed through the cache.
    const whole = name === letters.raw && body?.length === layout.stride;
    if (whole) slot.set(body);
    const bytes = whole ? slot : body;
    if (!bytes || !sum || sumOf(bytes) !== Number(sum.toString())) throw damage("its checksum is wrong");
    const codec = codecOf(name);
    if (!codec) throw damage(`it is written as '${letter}', which this build does not read`);
    codec.decode(layout, bytes, slot);
    return undefined;
  } catch (error) {
    return error;
  }
}
