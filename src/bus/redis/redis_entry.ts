/**
 * What an entry of a stream holds: the letter of its codec, a frame, its checksum, and with `y` the symbols that came with it. The
 * checksum covers all of it and the id: the CRC-32 of the other fields, begun with that of the first 64 bytes of the frame, begun
 * with the sum of those behind: their CRC-32 (`c2`) or CRC-32C (`k2`). An entry that says that the topic was opened (`o`) or closed
 * (`e`) bears the SHA-1 of its id, letter and value as `s`, for scripts write it.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { BusError } from "../../core/contract/errors.js";
import { crc32c, HEADER_BYTES, type Layout, word } from "../frame.js";
import type { Checksum } from "../topic_hash.js";
import { codecOf, letters } from "./codec.js";

/** What the id of an entry says: `epoch-n`, n batches up to and with it. */
export const epochOf = (id: string): number => Number(id.slice(0, id.indexOf("-")));
export const ordinalOf = (id: string): number => Number(id.slice(id.indexOf("-") + 1)) - 1;

let find: (() => Checksum) | undefined;
let fast: Checksum | undefined;
/** Whoever has a CRC-32C that is faster than Node's CRC-32 hands it over here; it is asked for with the first entry. */
export function sumColumnsBy(from: (() => Checksum) | undefined): void {
  find = from;
  fast = undefined;
}
/** The sum of the columns of a frame that lies in a slot, and the name under which an entry has it. */
export function sumOfSlot(slot: Uint8Array): { by: "c2" | "k2"; columns: number } {
  if (find) [fast, find] = [find(), undefined];
  const columns = slot.subarray(HEADER_BYTES);
  return fast && fast !== crc32c ? { by: "k2", columns: fast(columns) } : { by: "c2", columns: crc32(columns) };
}

/** All fields of an entry but its sum; `symbols` as text, empty where there are none. */
export interface Fields {
  readonly id: string;
  readonly letter: string;
  readonly body: Uint8Array;
  readonly by: string;
  readonly symbols: string;
}
/** The checksum of an entry; `columns`: the sum of what lies behind the first 64 bytes of its body. */
export const sumOf = ({ id, letter, body, by, symbols }: Fields, columns = crc32(body.subarray(HEADER_BYTES))): number =>
  crc32(`${id} ${letter} ${by} ${symbols}`, crc32(body.subarray(0, HEADER_BYTES), columns));

/** The same of what came. */
function sumOfCome(entry: Fields, inSlot: boolean): number {
  const { by, body } = entry;
  if (by !== "k2") return sumOf(entry);
  const own = inSlot ? sumOfSlot(body) : undefined;
  return sumOf(entry, own?.by === by ? own.columns : crc32c(body.subarray(HEADER_BYTES)));
}

const markers = { o: "open", e: "end" } as const;
/** What an entry is: one with rows, one that says that the topic was opened or closed, or nothing that this bus writes, and why. */
export function kindOf(id: string, fields: readonly Buffer[]): "batch" | "open" | "end" | { readonly foreign: string } {
  const [letter = "", , by = "", sum] = fields.map((field, i) => (i === 1 ? "" : field.toString()));
  if (letter === "o" || letter === "e") {
    const right = createHash("sha1").update(`${id} ${letter} ${fields[1]}`).digest("hex");
    return by === "s" && sum === right && fields.length === 4
      ? markers[letter]
      : { foreign: `its field s is not the SHA-1 of '${id} ${letter} ${fields[1]}'` };
  }
  if (!Object.values(letters).includes(letter as "r"))
    return { foreign: `its first field is '${letter.slice(0, 40)}', expected ${Object.values(letters).join(", ")} (a batch), o or e` };
  if (by === "c" || by === "k") return { foreign: `its checksum ${by} is one of another version of tickforge` };
  if (by !== "c2" && by !== "k2") return { foreign: "its second field, c2 or k2 with the checksum, is missing" };
  if (fields.length === 4 || (fields.length === 6 && fields[4]!.toString() === "y")) return "batch";
  return { foreign: `it has ${fields.length / 2} fields, expected 2, or 3 with y` };
}

/** Symbols of an entry, with the id of the first. */
export function symbolsOf(fields: readonly Buffer[]): readonly [first: number, names: readonly string[]] {
  if (fields.length < 6) return [0, []];
  const [first, ...names] = JSON.parse(fields[5]!.toString()) as [number, ...string[]];
  if (!Number.isSafeInteger(first) || first < 0 || !names.every((name) => typeof name === "string"))
    throw new Error("its symbols are none");
  return [first, names];
}

/** Writes the frame of an entry that is a batch into a slot, if one is given; returns what is wrong with the entry, if anything is. */
export function decodeEntry(id: string, fields: readonly Buffer[], layout: Layout, slot: Uint8Array | undefined): unknown {
  const damage = (what: string) =>
    new BusError("E_BUS_CRC", `topic '${layout.topic.name}': entry ${id} is damaged: ${what}`, {
      hint: "It was fetched again in vain; its rows show as lost.",
    });
  const [letter, body, by, sum, , symbols] = fields;
  if (!letter || !body || !by || !sum) return damage("it is cut off");
  const name = letter.toString();
  try {
    // As large as the slot, it is summed where it was copied to: the copy has just passed through the cache.
    const whole = slot !== undefined && name === letters.raw && body.length === layout.stride;
    if (whole) slot.set(body);
    const bytes = whole ? slot : body;
    const entry = { id, letter: name, body: bytes, by: by.toString(), symbols: symbols?.toString() ?? "" };
    if (String(sumOfCome(entry, whole)) !== sum.toString()) return damage("its checksum is wrong");
    symbolsOf(fields);
    if (!slot) return undefined;
    codecOf(name)!.decode(layout, bytes, slot);
    const epoch = new DataView(slot.buffer, slot.byteOffset, HEADER_BYTES).getUint32(word.epoch * 4, true);
    return epoch === epochOf(id) ? undefined : damage(`its frame is of epoch ${epoch}`);
  } catch (error) {
    return error;
  }
}
