/** What an entry of a stream holds: the letter of its codec, a frame, `c` and its checksum, and with `y` the symbols that came with it. */
import { crc32 } from "node:zlib";
import { BusError } from "../errors.js";
import type { GrowingSymbols } from "./bus.js";
import { codecOf } from "./codec.js";
import type { Layout } from "./frame.js";

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
    if (!body || !sum || crc32(body) !== Number(sum.toString())) throw damage("its checksum is wrong");
    const codec = codecOf(letter!.toString());
    if (!codec) throw damage(`it is written as '${letter}', which this build does not read`);
    codec.decode(layout, body, slot);
    return undefined;
  } catch (error) {
    return error;
  }
}
