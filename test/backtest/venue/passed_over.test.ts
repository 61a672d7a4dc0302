/** Rows that nobody rests in are passed by the book that the tape has: the venue is as if it had gone through each. */
import { describe, expect, it } from "vitest";
import { install } from "../../../src/backends/index.js";
import { Grid } from "../../../src/backtest/market/grid.js";
import { closes, rowKinds, Tape } from "../../../src/backtest/market/tape.js";
import { Venue } from "../../../src/backtest/venue/venue.js";
import { kinds } from "../../../src/kernels/flow/parts/exchange.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

install();

const start = 1_700_000_000_000_000_000n;
const terms = { queue: "risk_averse", power: 3, byTrades: false } as const;

/** More levels than the venue holds, and a book that is cleared now and then. */
function fill(tape: Tape, random: () => number, count: number, from: number): void {
  for (let i = 0; i < count; i++) {
    const side = random() < 0.5 ? 1 : -1;
    const price = 5000 - side * Math.floor(3000 * random() ** 1.5) - side;
    const size = random() < 0.1 ? 0 : 1 + Math.floor(9 * random());
    const what = random();
    const row =
      what < 0.0001
        ? tape.add(rowKinds.reset, 0, 0, 0, 3)
        : what < 0.1
          ? tape.add(rowKinds.trade, side, price, 1 + size, 0)
          : tape.add(rowKinds.level, side, price, size, closes);
    tape.columns.time[row] = start + BigInt(from + i);
  }
  tape.look();
}

/** Of its state what means something: levels that are held, not what lies beside them. */
function stateOf(venue: Venue): object {
  const { held, ends, ...rest } = Reflect.get(venue, "state") as { held: Float64Array; ends: Float64Array } & Record<string, unknown>;
  const room = held.length / 4;
  const levels = [0, 1, 2, 3].map((line) => {
    const [first, count] = [ends[2 * (line >> 1)]!, ends[2 * (line >> 1) + 1]!];
    return held.slice(line * room + first, line * room + first + count);
  });
  return { levels, ends, ...rest };
}

describe("rows without own orders", () => {
  it("leave every part of the venue's state as the kernel does, stretch after stretch, and what comes behind them too", () => {
    const grid = new Grid("ABC", { tick: 1, lot: 1 }, { tick: 0, lot: 0 });
    const [passed, walked] = [new Tape(0, grid, 6000, false), new Tape(0, grid, 6000, false)];
    const [quick, slow] = [new Venue(passed, terms), new Venue(walked, terms)];
    const randoms = [seeded(3), seeded(3)];
    for (let stretch = 0; stretch < 5; stretch++) {
      for (const [i, tape] of [passed, walked].entries()) fill(tape, randoms[i]!, 5000, 5000 * stretch);
      quick.passOver();
      slow.advance(walked.rows);
      expect(stateOf(quick), `stretch ${stretch}`).toEqual(stateOf(slow));
      expect(quick.best(1)).toBeGreaterThan(0);
      for (const tape of [passed, walked]) {
        tape.told = tape.met;
        tape.shift();
      }
    }
    // An order that rests now has the same ahead of it, and one that takes meets the same levels.
    const now = start + 25_000n;
    for (const venue of [quick, slow]) {
      expect(venue.ask(now, kinds.submit, 1, 1, 4900, 3)).toBe(1);
      expect(venue.ask(now, kinds.submit, 2, -1, 4990, 400)).toBeGreaterThan(1);
      for (const order of [1, 2]) venue.ask(now, kinds.cancel, order, 0, 0, 0);
      expect(venue.active).toBe(false);
    }
    expect(quick.events).toEqual(slow.events);
    // What own orders took is known to the kernel alone.
    for (const [i, tape] of [passed, walked].entries()) fill(tape, randoms[i]!, 5000, 25_000);
    quick.passOver();
    slow.advance(walked.rows);
    expect(stateOf(quick)).toEqual(stateOf(slow));
  });
});
