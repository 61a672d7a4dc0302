import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Bus, Publisher, Subscription } from "../../src/bus/bus.js";
import { topic } from "../../src/bus/frame.js";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { RingBus } from "../../src/bus/ring/ring.js";
import { SharedBus } from "../../src/bus/shared/shared_bus.js";
import { sharedFolder } from "./kit/folder.js";
import { busSuite, rowsFrom } from "./kit/suite.js";

const shared = sharedFolder();
afterAll(() => shared.remove());

busSuite("memory", () => new MemoryBus());
busSuite("ring", () => new RingBus());
busSuite("shared", () => new SharedBus({ folder: shared.folder }));
busSuite("ring, cursors about to wrap", () => new RingBus({ firstOrdinal: 2 ** 28 - 3 }));

type Step = { do: "publish" | "raise" | "claim" | "poll" | "subscribe" | "close" | "reopen"; who: number; n: number };

/** Everything that can be seen of a bus while it takes these steps. */
function trace(bus: Bus, backpressure: "block" | "evict", steps: Step[]): unknown[] {
  const of = topic({ name: "t", columns: rowColumns, rows: 4, slots: 4, backpressure });
  const seen: unknown[] = [];
  let publisher: Publisher<typeof rowColumns> = bus.publisher(of);
  const subscriptions: Subscription<typeof rowColumns>[] = [];
  let next = 0;
  let open: ReturnType<typeof publisher.claim>;
  let raised = 0;
  for (const step of steps) {
    if (step.do === "raise") {
      const slot = raised > 0 ? open : publisher.claim();
      if (!slot || raised === 4) continue;
      open = slot;
      slot.columns.time_ns[raised] = BigInt(next++);
      publisher.raise(++raised);
      continue;
    }
    if (step.do !== "poll" && raised > 0) {
      publisher.abort();
      raised = 0;
    }
    const subscription = subscriptions[step.who % Math.max(1, subscriptions.length)];
    if (step.do === "publish") {
      const taken = publisher.publish(rowsFrom(next, step.n));
      next += taken;
      seen.push(taken);
    } else if (step.do === "claim") {
      seen.push(publisher.claim() !== undefined);
      publisher.abort();
    } else if (step.do === "poll") {
      const handled = subscription?.poll((batch) => {
        seen.push([batch.sequence, batch.from, batch.lost, batch.epoch, ...batch.columns.time_ns.subarray(0, batch.rows)]);
        if (step.n % 5 === 0 && next < 1e6 && raised === 0) {
          next += publisher.publish(rowsFrom(next, step.n));
          seen.push(batch.intact());
        }
      }, step.n);
      seen.push(handled);
    } else if (step.do === "subscribe" && subscriptions.length < 5) {
      subscriptions.push(bus.subscribe(of, { open: step.n % 2 === 0 }));
    } else if (step.do === "close" && subscription) {
      subscription.close();
      subscriptions.splice(subscriptions.indexOf(subscription), 1);
    } else if (step.do === "reopen") {
      publisher.close();
      seen.push(subscriptions.map((one) => one.ended));
      publisher = bus.publisher(of);
    }
    const { published, full, subscribers } = bus.stats(of);
    // The order of subscribers is the transport's own.
    seen.push(published, full, subscribers.map((one) => JSON.stringify(one)).sort());
  }
  bus.close();
  return seen;
}
const rowColumns = { time_ns: { dtype: "i64" }, price: { dtype: "f64" }, side: { dtype: "i8" } } as const;

describe("ring and memory", () => {
  const step = fc.record({
    do: fc.constantFrom<Step["do"]>(
      "publish",
      "publish",
      "publish",
      "raise",
      "raise",
      "poll",
      "poll",
      "poll",
      "claim",
      "subscribe",
      "close",
      "reopen",
    ),
    who: fc.nat(4),
    n: fc.integer({ min: 1, max: 20 }),
  });
  for (const backpressure of ["block", "evict"] as const)
    it(`${backpressure}: look the same from outside, whatever is done with them`, () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (steps, firstOrdinal) => {
          const started = [{ do: "subscribe", who: 0, n: 2 } as Step, ...steps];
          expect(trace(new RingBus({ firstOrdinal, dictionaryBytes: 64 }), backpressure, started)).toEqual(
            trace(new MemoryBus(), backpressure, started),
          );
        }),
        { numRuns: 300 },
      );
    });
});
