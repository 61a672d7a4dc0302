/** Tapes of several topics side by side, with takers that read them in an order of their own. */
import { expect, it } from "vitest";
import { Pace } from "../../../src/system/sources/pace.js";
import { type Lane, Player } from "../../../src/system/sources/player.js";

/** Rows at these times, into a topic with room for so many that were not taken. */
class Shelf implements Lane {
  given: number[] = [];
  taken = 0;
  constructor(
    private readonly times: readonly number[],
    private readonly room: number,
  ) {}
  get time(): number {
    return this.times[this.given.length] ?? Infinity;
  }
  reach(): number | undefined {
    const free = this.room - (this.given.length - this.taken);
    return free === 0 ? undefined : this.times[Math.min(this.times.length, this.given.length + free) - 1];
  }
  give(until: number): void {
    while (this.time <= until && this.given.length - this.taken < this.room) this.given.push(this.time);
  }
  show(): void {}
}
const fast = () => new Pace({ speed: 0 });
const quotes = () => new Shelf([1, 2, 3, 4, 5, 6], 4);
const trades = () => new Shelf([1.5, 2.5, 7, 8], 2);

it("rows come in the order of their time, and wait while a topic is full", () => {
  const [a, b] = [quotes(), trades()];
  const player = new Player([a, b], fast());
  for (let ms = 0; ms < 300; ms += 10) player.turn(ms);
  expect([a.given, b.given]).toEqual([
    [1, 2],
    [1.5, 2.5],
  ]);
  b.taken = 2;
  for (let ms = 300; ms < 600; ms += 10) player.turn(ms);
  expect([a.given, b.given]).toEqual([
    [1, 2, 3, 4],
    [1.5, 2.5],
  ]);
});

it("where an order is followed that takes later rows of another topic first, those are given beside the full one after a while", () => {
  const play = (ordered: boolean) => {
    const [a, b] = [quotes(), trades()];
    const player = new Player([a, b], fast(), () => false, ordered);
    // The order: all trades, then the quotes.
    for (let ms = 0; ms < 1000; ms += 10) {
      player.turn(ms);
      if (ms === 40) expect(b.given).toEqual([1.5, 2.5]);
      b.taken = b.given.length;
      if (b.taken === 4) a.taken = a.given.length;
    }
    return [a.given.length, b.given.length];
  };
  expect(play(true)).toEqual([6, 4]);
  expect(play(false), "stands still").toEqual([4, 2]);
});
