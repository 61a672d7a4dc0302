/** What kernels of order books have in common: options, state and outputs. */
import type { Param, Port } from "../../../core/contract/contract.js";
import { roomFor } from "./levels.js";

export const ticks = { min: -(2 ** 53), max: 2 ** 53, integer: true } as const;
/** Bits of a row's `flags`. */
export const resets = 1;
export const closes = 2;

export const flagsDoc =
  "1: both sides are cleared first (a snapshot begins); 2: last row of its event. Each row is an event where left out";

export const bookParams = {
  depth: { type: "i32", min: 1, max: 1_000_000, default: 1000, unit: "levels", doc: "levels held of each side; the worst falls off" },
  levels: { type: "i32", min: 1, max: 1000, default: 1, unit: "levels", doc: "levels of each side in the results; 1: the best" },
  instruments: { type: "i32", min: 1, max: 1_000_000, default: 1, doc: "instruments; ids are 0 to instruments - 1" },
  room: {
    type: "i32",
    min: 0,
    default: 0,
    derived: ({ depth }: Readonly<Record<string, any>>): number => roomFor(depth),
    doc: "places for levels of one side: depth, and half as many to move in",
  },
} as const satisfies Record<string, Param>;

export const bookState = {
  held: {
    dtype: "f64",
    shape: ["instruments", 4, "room"],
    unit: "mixed",
    doc: "bid prices, bid sizes, negative ask prices, ask sizes; each side ascending, the best level last",
  },
  ends: {
    dtype: "f64",
    shape: ["instruments", 4],
    check: { min: 0, upTo: "room", integer: true },
    unit: "places",
    doc: "where the worst bid lies and how many there are, the same of asks",
  },
  horizon: {
    dtype: "f64",
    shape: ["instruments", 2],
    init: Number.NEGATIVE_INFINITY,
    unit: "ticks",
    doc: "best bid, best negative ask that fell off since the last reset: beyond it the side is not whole",
  },
} as const satisfies Record<string, Port>;

const ofLevels = { dtype: "f64", shape: ["change", "levels"] } as const;
const unread = "NaN where there is no such level, and in rows that do not close their event";

export const bookOutputs = {
  before: { dtype: "f64", shape: ["change"], unit: "volume", doc: "size of the row's level before it, 0 where it was not held" },
  place: { dtype: "i32", shape: ["change"], unit: "levels", doc: "where the row's level is or was, 0 the best of its side; -1 nowhere" },
  outcome: {
    dtype: "u8",
    shape: ["change"],
    unit: "code",
    doc:
      "0 no level in the row, 1 added, 2 size changed, 3 removed, 4 size 0 of a level that is not there, 5 worse than a full side: not kept, " +
      "6 added and the worst level fell off, 7 old: not applied",
  },
  crossed: {
    dtype: "u8",
    shape: ["change"],
    unit: "code",
    doc: "of rows that close an event: 1 best bid at best ask, 2 above it; else 0",
  },
  bids: { dtype: "i32", shape: ["change"], unit: "levels", doc: "bid levels that are held and better than all that fell off" },
  asks: { dtype: "i32", shape: ["change"], unit: "levels", doc: "ask levels that are held and better than all that fell off" },
  bid: { ...ofLevels, unit: "ticks", doc: `bids from the best down; ${unread}` },
  bidSize: { ...ofLevels, unit: "volume", doc: `their sizes; ${unread}` },
  ask: { ...ofLevels, unit: "ticks", doc: `asks from the best up; ${unread}` },
  askSize: { ...ofLevels, unit: "volume", doc: `their sizes; ${unread}` },
} as const satisfies Record<string, Port>;

const exact = { f64: { exact: true }, f32: { exact: true } } as const;
export const bookCompare = {
  ...{ before: exact, place: exact, outcome: exact, crossed: exact, bids: exact, asks: exact },
  ...{ bid: exact, bidSize: exact, ask: exact, askSize: exact },
};
