import { describe, expect, it } from "vitest";
import { Board, boardBytes } from "../../../src/system/host/board.js";
import type { Care } from "../../../src/system/plan/plan.js";
import { Restarts } from "../../../src/system/supervisor/restarts.js";
import { type Signs, troubleOf } from "../../../src/system/supervisor/signs.js";

const care: Care = {
  limit: 3,
  withinSeconds: 10,
  backoffMs: 100,
  mostBackoffMs: 150,
  onTrouble: "restart",
  memoryMB: 64,
  rate: 1000,
  lagSeconds: 1,
};

it("an engine begins again at once, then after waits that double up to the longest, and is given up beyond the limit", () => {
  const restarts = new Restarts({ ...care, limit: 5 });
  expect([0, 1, 2, 3, 4, 5].map((now) => restarts.next(now))).toEqual([0, 100, 150, 150, 150, undefined]);
  expect(restarts.count).toBe(5);
});

it("failures of long ago do not count", () => {
  const restarts = new Restarts(care);
  expect([0, 1, 2].map((now) => restarts.next(now))).toEqual([0, 100, 150]);
  expect(restarts.next(10_003)).toBe(0);
});

describe("an engine that does not do its work is known by", () => {
  const running = () => {
    const board = new Board(new ArrayBuffer(boardBytes(1)), 1).of(0);
    board.state = "running";
    board.set("beat", 5000);
    board.set("moved", 5000);
    return board;
  };
  const seen: Signs = { now: 5100, waiting: 10, rate: 0, memoryMB: 64, held: false };
  const sign = (board: ReturnType<typeof running>, more: Partial<Signs> = {}) => troubleOf(board, care, { ...seen, ...more })?.sign;

  it("nothing, while it does", () => {
    expect(sign(running())).toBeUndefined();
  });
  it("lag: it does not come back from a call", () => {
    const board = running();
    board.set("busySince", 4050);
    expect(sign(board)).toBe("lag");
    board.set("busySince", 4150);
    expect(sign(board)).toBeUndefined();
  });
  it("memory: more than it may use", () => {
    const board = running();
    board.set("memory", 65 * 2 ** 20);
    expect(sign(board)).toBe("memory");
    expect(sign(board, { memoryMB: undefined })).toBeUndefined();
    board.set("memory", 63 * 2 ** 20);
    expect(sign(board)).toBeUndefined();
  });
  it("rate: it gives more rows than it may", () => {
    expect(sign(running(), { rate: 1001 })).toBe("rate");
    expect(sign(running(), { rate: 1000 })).toBeUndefined();
  });
  it("silence: rows wait, its results have room, and it takes none", () => {
    const board = running();
    board.set("moved", 3900);
    expect(sign(board)).toBe("silence");
    expect(sign(board, { waiting: 0 })).toBeUndefined();
    board.set("blocked", 1);
    expect(sign(board)).toBeUndefined();
  });
  it("silence: its thread does not come by", () => {
    const board = running();
    board.set("beat", 4000);
    expect(sign(board, { waiting: 0 })).toBe("silence");
    expect(sign(board, { waiting: 0, held: true })).toBeUndefined();
  });
  it("lag: it does not come to an end of its beginning, for which it has ten seconds at least", () => {
    const board = running();
    board.state = "starting";
    board.set("busySince", 100);
    expect(sign(board)).toBeUndefined();
    expect(sign(board, { now: 10_101 })).toBe("lag");
  });
});
