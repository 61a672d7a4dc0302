/** What an engine's runner writes for the supervisor: each number is its own, and what is not told is not taken for 0. */
import { expect, it } from "vitest";
import { Board, boardBytes, quantileUs } from "../../../src/system/host/board.js";
import { lagOf } from "../../../src/system/supervisor/seat.js";

it("keeps inputs, latencies and work of each engine apart, and says of which inputs it knows nothing", () => {
  const board = new Board(new ArrayBuffer(boardBytes(2)), 2);
  const [one, other] = [board.of(0), board.of(1)];
  for (let input = 0; input < 70; input++) {
    one.position(input, 100 + input);
    one.latency(2 ** (input % 4), input);
  }
  one.digest(63, 7, 9);
  one.input(63, { rows: 1, refused: 2, lost: 3, gaps: 4 });
  one.work(2);
  one.work(0.5);
  expect([one.positionOf(0), one.positionOf(63), one.positionOf(64)]).toEqual([100, 163, undefined]);
  expect([quantileUs(Float64Array.from(one.latenciesOf(2)!), 0.5), one.latenciesOf(64)]).toEqual([8, undefined]);
  for (let input = 0; input < 64; input++) expect(one.latenciesOf(input)!.reduce((sum, count) => sum + count, 0)).toBe(1);
  expect(one.latencies().reduce((sum, count) => sum + count, 0)).toBe(70);
  expect([one.get("timed"), one.get("timedMs"), one.digestOf(63).rows, one.inputOf(63)!.gaps]).toEqual([2, 2.5, 7, 4]);
  expect([other.get("timed"), other.positionOf(0), other.latencies().some((count) => count > 0)]).toEqual([0, 0, false]);
});

it("tells of a gateway of more topics than are told one by one how far it is behind, and of none that it is behind by all", () => {
  const board = new Board(new ArrayBuffer(boardBytes(1)), 1).of(0);
  const takes = Array.from({ length: 70 }, (_, i) => ({ topic: `topic${i}` }));
  for (let input = 0; input < takes.length; input++) board.position(input, input === 20 ? 990 : 1000);
  const rings = { ring: () => ({ stats: () => ({ published: 1000 }) }) };
  expect(lagOf({ planned: { takes }, board } as never, rings as never)).toBe(10);
});
