import { describe, expect, it } from "vitest";
import { RingBus } from "../../../src/bus/ring/ring.js";
import { codeOf, rowsFrom, trades } from "../kit/suite.js";

const ids = (columns: { time_ns: BigInt64Array }, rows: number) => [...columns.time_ns.subarray(0, rows)].map(Number);

for (const firstOrdinal of [0, 2 ** 28 - 3])
  describe(`reading along, batches counted from ${firstOrdinal}`, () => {
    const opened = () => {
      const bus = new RingBus({ firstOrdinal });
      return { publisher: bus.publisher(trades), ring: bus.ring(trades) };
    };

    it("begins with the oldest that nobody is about to overwrite, and never holds the publisher up", () => {
      const { publisher, ring } = opened();
      const early = ring.observe();
      expect(early.read()).toBeUndefined();
      for (let i = 0; i < 9; i++) expect(publisher.publish(rowsFrom(2 * i, 2), BigInt(i))).toBe(2);
      const late = ring.observe();
      for (const observer of [early, late]) {
        const seen: number[][] = [];
        for (let frame = observer.read(); frame; frame = observer.read())
          seen.push([frame.sequence, Number(frame.timeNs), ...ids(frame.columns, frame.rows)]);
        expect(seen).toEqual([6, 7, 8].map((i) => [2 * i, i, 2 * i, 2 * i + 1]));
      }
      expect([early.missed, late.missed]).toEqual([0, 0]);
    });

    it("counts the rows that were overwritten between two looks", () => {
      const { publisher, ring } = opened();
      const observer = ring.observe();
      publisher.publish(rowsFrom(0, 1));
      expect(observer.read()!.sequence).toBe(0);
      for (let i = 1; i < 8; i++) publisher.publish(rowsFrom(i, 1));
      expect(observer.read()!.sequence).toBe(5);
      expect(observer.missed).toBe(4);
      publisher.claim()!.columns.time_ns.fill(-1n);
      expect(ids(observer.read()!.columns, 1)).toEqual([6]);
    });

    it("sees who publishes", () => {
      const { publisher, ring } = opened();
      const observer = ring.observe();
      expect([observer.publisher > 0, observer.epoch]).toEqual([true, 1]);
      publisher.close();
      expect(observer.publisher).toBe(0);
      expect(codeOf(() => publisher.claim())).toBe("E_BUS_CLOSED");
    });
  });
