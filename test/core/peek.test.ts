/** peek() beside what the stream's property says of it: rows that are refused, streams that have not begun, columns that are not the stream's. */
import { describe, expect, it } from "vitest";
import { type KernelError, vpin } from "../../src/index.js";

const options = { bucketVolume: 10, window: 1 };
const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as KernelError).code;
  }
  return "none";
};

describe("peek", () => {
  it("before the first row binds the stream to nothing", () => {
    const live = vpin.stream(options);
    expect(live.peek(1, 100, 10, 1)).toMatchObject({ vpin: 1, imbalance: 1, endTime: 1_000_000n, endIndex: 0 });
    expect(live.peek(1, 100, 4, 1)).toMatchObject({ vpin: Number.NaN, endTime: 0n }); // fills no bucket: as `last`
    live.pushBatch({
      time: BigInt64Array.of(1n),
      price: Float64Array.of(100),
      size: Float64Array.of(8),
      buyFraction: Float64Array.of(0.5),
    });
    expect(code(() => live.peek(1, 100, 10, 1))).toBe("E_PORTS_CHANGED");
    expect(live.accepted).toBe(1);
  });

  it("refuses what push would, and the stream goes on", () => {
    const live = vpin.stream(options);
    live.push(5, 100, 8, 1);
    expect(code(() => live.peek(4, 100, 2, 1))).toBe("E_TIME_BACKWARDS");
    expect(code(() => live.peek(6, -1, 2, 1))).toBe("E_BAD_VALUE");
    expect(live.peek(6, 100, 2, -1).buy).toBe(8);
    live.push(6, 100, 2, -1);
    expect([live.poll(), live.last.buy, live.accepted, live.rejected]).toEqual([1, 8, 2, 0]);
  });

  it("of a stream that skips bad rows says that nothing would change", () => {
    const live = vpin.stream(options, { onBad: "skip" });
    live.push(5, 100, 10, 1);
    live.poll();
    expect(live.peek(4, 100, 10, -1)).toEqual(live.last);
    expect(live.rejected).toBe(0);
  });

  it("holds after results of several rows, a state that is shared, and a stream restored", () => {
    const state = new SharedArrayBuffer(vpin.stateBytes(options));
    const live = vpin.stream(options, { state });
    live.push(1, 100, 35, 1);
    const before = new Uint8Array(state).slice();
    expect(live.peek(2, 100, 5, -1)).toMatchObject({ buy: 5, endIndex: 1 });
    const ports = (block: Uint8Array) => block.subarray(64); // a snapshot's header has its checksum
    expect(Buffer.compare(ports(new Uint8Array(state)), ports(live.snapshot()))).toBe(0);
    expect(Buffer.compare(before, new Uint8Array(state))).not.toBe(0); // the staged row was taken in
    expect(vpin.restore(live.snapshot()).peek(2, 100, 5, -1)).toMatchObject({ buy: 5, endIndex: 1 });
    expect([live.poll(), live.results.buy.length]).toEqual([3, 3]);
  });
});
