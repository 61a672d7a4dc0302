/** Runs the parser over pieces of text, with its state in view. */
import { expect } from "vitest";
import { loadAddon } from "../../../src/addon/addon.js";
import { install } from "../../../src/backends/index.js";
import { type Port, type View, viewOf } from "../../../src/core/contract/contract.js";
import { delimitedTrades } from "../../../src/files/kernels/delimited_trades.js";
import { type Role, roles } from "../../../src/files/kernels/line.js";
import { refusals } from "../../../src/files/kernels/refusals.js";
import { encode, encodeWords } from "../../../src/files/kernels/words.js";

install();
export const backends = loadAddon().addon ? ["reference", "native"] : ["reference"];
export const noAddon = loadAddon().addon ? undefined : `the add-on is not loaded: ${loadAddon().cause}`;

const sides = { buy: ["buy", "B"], sell: ["sell", "S"], unknown: ["none"] };
const kinds = { take: ["T", ""], pass: { A: "added", C: "cancelled" }, others: "refuse" } as const;
export const words = encodeWords(sides);
/** What else the parser may be told. */
export interface ParserInputs {
  words?: Uint8Array;
  paths?: Uint8Array;
  zone?: BigInt64Array;
}
/** Rows of kinds T, A and C; and of the symbols X and Y alone, where asked. */
export const kindWords = (...only: string[]): ParserInputs => ({ words: encodeWords(sides, kinds, only) });
export const pathsOf = (paths: Partial<Record<Role, string>>): Uint8Array =>
  Uint8Array.from(Object.entries(paths).flatMap(([role, path]) => encode(roles.indexOf(role as Role), path)));
/** time,price,size */
export const plain = { columns: 3, timeColumn: 0, priceColumn: 1, sizeColumn: 2, timeFormat: "s" } as const;
export type ParserOptions = Parameters<typeof delimitedTrades>[1];

export interface Parsed {
  rows: { time: bigint; price: number; size: number; side: number; instrument: number }[];
  /** refusal, line, column, offset, length, text */
  bad: (string | number)[][];
  state: Record<string, View>;
}

export function freshState(symbols: number): Record<string, View> {
  const size = ({ shape }: Port) => shape.reduce<number>((p, d) => p * (d === "symbols" ? symbols : (d as number)), 1);
  return Object.fromEntries(
    Object.entries(delimitedTrades.contract.state as Record<string, Port>).map(([key, port]) => {
      const view = new (viewOf(port.dtype as "f64"))(size(port));
      if (port.init !== undefined) (view as BigInt64Array).fill(port.init as bigint);
      return [key, view];
    }),
  );
}

/** `room`: rows of the output that each call has. */
export function parse(pieces: readonly Uint8Array[], given: ParserOptions, backend: string, room = 7, inputs: ParserInputs = {}): Parsed {
  const symbols = given.symbols ?? 64;
  const options = { ...given, symbols };
  const state = freshState(symbols);
  const out = {
    time: new BigInt64Array(room),
    price: new Float64Array(room),
    size: new Float64Array(room),
    side: new Int8Array(room),
    instrument: new Uint32Array(room),
  };
  const parsed: Parsed = { rows: [], bad: [], state };
  for (const bytes of pieces) {
    const run = delimitedTrades.bind({ in: { bytes, words, ...inputs }, out, state }, options, { backend });
    for (let at = 0; at < bytes.length; ) {
      const done = run(0, bytes.length, at);
      if (done.consumed === 0 && done.produced === 0) throw new Error("the parser stands still");
      at += done.consumed;
      for (let i = 0; i < done.produced; i++)
        parsed.rows.push({
          time: out.time[i]!,
          price: out.price[i]!,
          size: out.size[i]!,
          side: out.side[i]!,
          instrument: out.instrument[i]!,
        });
      const [code, ...place] = Array.from(state.bad as BigInt64Array, Number);
      const text = Buffer.from((state.text as Uint8Array).subarray(0, place[4])).toString("latin1");
      if (code) parsed.bad.push([refusals[code]!, ...place.slice(0, 4), text]);
    }
  }
  return parsed;
}

export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
export const parseText = (text: string, options: ParserOptions, backend: string, inputs?: ParserInputs): Parsed =>
  parse([bytesOf(text)], options, backend, 7, inputs);

/** Rows, refusals and every byte of state. */
export function expectSame(got: Parsed, want: Parsed): void {
  expect(got.rows).toEqual(want.rows);
  expect(got.bad).toEqual(want.bad);
  const bytes = (view: View) => Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  const differing = Object.keys(want.state).filter((key) => !bytes(got.state[key]!).equals(bytes(want.state[key]!)));
  expect(differing).toEqual([]);
}

/** The text cut at these places, which wrap around. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set(places.map((p) => p % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.slice(from, at[i] ?? bytes.length));
}
