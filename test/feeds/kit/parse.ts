/** Frames through the parser, as objects that tests compare. */
import { install } from "../../../src/backends/index.js";
import { FrameParser, type ParserOptions } from "../../../src/feeds/kit/frame_parser.js";
import { refusedAs } from "../../../src/feeds/kit/tally.js";
import { noInstrument, rowKinds } from "../../../src/files/frames/frame_rows.js";
import type { MessageRule } from "../../../src/files/frames/frame_rules.js";

install();

type Rows = Parameters<Parameters<FrameParser["run"]>[0]>[0];
export type Row = { [K in keyof Rows]: Rows[K][number] };
export interface Read {
  readonly rules: readonly MessageRule[];
  readonly envelope?: string;
}
export const received = 1_725_000_000_000_000_000n;

export const backends = ["native", "reference"] as const;

/** Rows of all frames; of each frame the time of receipt is `received`. */
export function parse(
  venue: Read,
  instruments: readonly string[],
  frames: readonly (string | Uint8Array)[],
  options: ParserOptions & { about?: number; at?: bigint } = {},
): Row[] {
  const { about = -1, at = received, ...rest } = options;
  // Recordings and documentation are some years old.
  const parser = new FrameParser(venue, instruments, { behindSeconds: 10 * 366 * 86_400, ...rest });
  const rows: Row[] = [];
  const run = () =>
    parser.run((columns, count) => {
      for (let row = 0; row < count; row++)
        rows.push(Object.fromEntries(Object.entries(columns).map(([name, view]) => [name, view[row]])) as unknown as Row);
    });
  for (const frame of frames) {
    const bytes = typeof frame === "string" ? Buffer.from(frame) : frame;
    if (parser.push(bytes, at, about)) continue;
    run();
    if (!parser.push(bytes, at, about)) throw new Error("no room in an empty parser");
  }
  run();
  return rows;
}

const kinds = Object.fromEntries(Object.entries(rowKinds).map(([name, kind]) => [kind, name]));
/** What a frame became: its kinds of rows, or why it has none. */
export const outcome = (rows: readonly Row[]): string[] =>
  rows.map((row) => (row.kind === rowKinds.refused ? refusedAs(row.id, row.previous) : kinds[row.kind]!));
export const named = (row: Row, instruments: readonly string[]): string | undefined =>
  row.instrument === noInstrument ? undefined : instruments[row.instrument];
