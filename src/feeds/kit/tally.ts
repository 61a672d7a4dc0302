/** What came of a venue, by symbol: rows of each kind, what had none and why, with an example of each. */

import { noInstrument, rowKinds, rowState } from "../../files/frames/frame_rows.js";
import { frameRoles } from "../../files/frames/frame_rules.js";
import { refusals } from "../../files/kernels/refusals.js";
import type { FrameParser } from "./frame_parser.js";
import { hear } from "./hear.js";
import type { Notice, Venue } from "./venue.js";

export interface SymbolTally {
  trades: number;
  quotes: number;
  /** Messages that change a book, and levels in them. */
  changes: number;
  levels: number;
  snapshots: number;
  /** Prints that are no trades of the market. */
  dropped: number;
  /** Rows whose message tells no time of the exchange, and those whose time is years off. */
  untimed: number;
  clock: number;
}
export interface Refused {
  readonly count: number;
  /** Text of the first, cut, and its symbol where it names one that is known. */
  readonly example: string;
  readonly symbol: string | undefined;
}

type Rows = Parameters<Parameters<FrameParser["run"]>[0]>[0];
/** Reasons and words of notices come from outside: as many kinds as are told apart. */
const mostKinds = 64;
const otherKinds = "others";
const longestExample = 200;

const words: Readonly<Partial<Record<(typeof refusals)[number], string>>> = {
  json: "no JSON",
  empty: "missing",
  number: "no number",
  number_range: "beyond the range of numbers",
  price: "no price above 0",
  size: "below 0",
  time: "no time",
  side: "no side that is known",
  symbol: "a symbol that was not asked for",
  escape: "written with a backslash",
};
/** Why a frame has no rows: `price: no number`. */
export function refusedAs(reason: bigint, role: bigint): string {
  const word = refusals[Number(reason)] ?? "";
  return word === "json" && role === 0n ? "no JSON" : `${frameRoles[Number(role)]}: ${words[word] ?? word}`;
}

export class Tally {
  frames = 0;
  readonly symbols: SymbolTally[];
  readonly refused = new Map<string, Refused>();
  /** What notices said, by what they are and their text. */
  readonly notices = new Map<string, { count: number; example: string }>();

  constructor(
    readonly venue: Venue,
    private readonly parser: FrameParser,
    /** Told of each message without rows. */
    private readonly heard: (notice: Notice) => void = () => {},
  ) {
    this.symbols = parser.instruments.map(() => ({
      trades: 0,
      quotes: 0,
      changes: 0,
      levels: 0,
      snapshots: 0,
      dropped: 0,
      untimed: 0,
      clock: 0,
    }));
  }

  /** Counts rows of the run that is going on. */
  take(rows: Rows, count: number): void {
    const { kind, state, instrument } = rows;
    for (let row = 0; row < count; row++) {
      const bits = state[row]!;
      if (bits & rowState.first) this.frames++;
      if (kind[row]! >= rowKinds.notice) this.apart(rows, row);
      else this.add(this.symbols[instrument[row]!]!, kind[row]!, bits);
    }
  }

  private add(of: SymbolTally, kind: number, bits: number): void {
    if (kind === rowKinds.trade) of.trades++;
    else if (kind === rowKinds.quote) of.quotes++;
    else if (kind === rowKinds.dropped) of.dropped++;
    else {
      if (!(bits & rowState.empty)) of.levels++;
      if (bits & rowState.first) {
        of.changes++;
        if (bits & rowState.snapshot) of.snapshots++;
      }
    }
    if (bits & rowState.untimed) of.untimed++;
    if (bits & rowState.clock) of.clock++;
  }

  private apart({ kind, instrument, id, previous, frame }: Rows, row: number): void {
    const bytes = this.parser.frame(frame[row]!);
    const example = () => Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, longestExample)).toString("utf8");
    if (kind[row] === rowKinds.notice) {
      const said = hear(this.venue, bytes);
      this.heard(said);
      const place = roomFor(this.notices, said.text === undefined ? said.what : `${said.what}: ${said.text}`);
      const before = this.notices.get(place);
      this.notices.set(place, { count: (before?.count ?? 0) + 1, example: before?.example ?? example() });
      return;
    }
    const place = roomFor(this.refused, refusedAs(id[row]!, previous[row]!));
    const before = this.refused.get(place);
    const symbol = before ? before.symbol : instrument[row] === noInstrument ? undefined : this.parser.instruments[instrument[row]!];
    this.refused.set(place, { count: (before?.count ?? 0) + 1, example: before?.example ?? example(), symbol });
  }
}

const roomFor = (map: ReadonlyMap<string, unknown>, key: string): string => (map.has(key) || map.size < mostKinds ? key : otherKinds);
