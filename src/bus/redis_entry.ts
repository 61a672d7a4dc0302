/**
 * What an entry of a stream holds: the letter of its codec, a frame, its checksum, and with `y` the symbols that came with it. The
 * checksum is the CRC-32 of the first 64 bytes, begun with the sum of those behind: their CRC-32 (`c`) or CRC-32C (`k`).
 */
import { crc32 } from "node:zlib";
import { BusError } from "../errors.js";
import type { GrowingSymbols } from "./bus.js";
import { codecOf, letters } from "./codec.js";
import { crc32c, HEADER_BYTES, type Layout } from "./frame.js";
import type { Checksum } from "./recording.js";

let find: (() => Checksum) | undefined;
let fast: Checksum | undefined;
/** Whoever has a CRC-32C that is faster than Node's CRC-32 hands it over here; it is asked for with the first entry. */
export function sumColumnsBy(from: (() => Checksum) | undefined): void {
  find = from;
  fast = undefined;
}
/** The sum of the columns of a frame that lies in a slot, and the name under which an entry has it. */
export function sumOfSlot(slot: Uint8Array): { by: "c" | "k"; columns: number } {
  if (find) [fast, find] = [find(), undefined];
  const columns = slot.subarray(HEADER_BYTES);
  return fast && fast !== crc32c ? { by: "k", columns: fast(columns) } : { by: "c", columns: crc32(columns) };
}
/** The checksum of an entry; `columns`: the sum of what lies behind its first 64 bytes. */
export const sumOf = (bytes: Uint8Array, columns = crc32(bytes.subarray(HEADER_BYTES))): number =>
  crc32(bytes.subarray(0, HEADER_BYTES), columns);

/** The same of what came. */
function sumOfCome(bytes: Uint8Array, by: string | undefined, inSlot: boolean): number {
  if (by !== "k") return sumOf(bytes);
  const own = inSlot ? sumOfSlot(bytes) : undefined;
  return sumOf(bytes, own?.by === by ? own.columns : crc32c(bytes.subarray(HEADER_BYTES)));
}

export function learnSymbols(fields: readonly Buffer[], symbols: GrowingSymbols): void {
  const text = fields.length > 5 && fields[4]?.toString() === "y" ? fields[5]!.toString() : undefined;
  if (text === undefined) return;
  const [first, ...names] = JSON.parse(text) as [number, ...string[]];
  for (const [i, name] of names.entries()) if (Number(first) + i >= symbols.size) symbols.add(name);
}

/** Writes the frame into a slot; returns what is wrong with it, if anything is. */
export function decodeEntry([letter, body, by, sum]: readonly Buffer[], layout: Layout, slot: Uint8Array): unknown {
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
    if (!bytes || !sum || sumOfCome(bytes, by?.toString(), whole) !== Number(sum.toString())) throw damage("its checksum is wrong");
    const codec = codecOf(name);
    if (!codec) throw damage(`it is written as '${letter}', which this build does not read`);
    codec.decode(layout, bytes, slot);
    return undefined;
  } catch (error) {
    return error;
  }
}
