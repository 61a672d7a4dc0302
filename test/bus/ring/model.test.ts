import { describe, expect, it } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import type { Region } from "../../../src/bus/ring/region.js";
import { RingPublisher } from "../../../src/bus/ring/ring_publisher.js";
import { RingSubscription } from "../../../src/bus/ring/ring_subscription.js";
import { BusError } from "../../../src/core/contract/errors.js";
import { type Actor, explore, type Result, type Scenario } from "./explorer.js";
import type { Self } from "./world.js";

const wake = { wait: () => {}, notify: () => {}, arrival: () => undefined };
const block = topic({ name: "model", columns: { id: { dtype: "f64" } }, rows: 2, slots: 2, backpressure: "block" });
const evict = topic({ ...block, backpressure: "evict" });
type Operation = Actor["operations"][number];
const deep = process.env.TICKFORGE_DEEP !== undefined;
/** Of the one scenario that has more states than anyone can wait for. */
const mostStates = deep ? 700_000 : 50_000;
/** Of those whose orders take half a minute each: all under TICKFORGE_DEEP, else those in which actors give way so often, which are enough for most faults. */
const few: Partial<Scenario> = deep ? {} : { switches: 3 };

/** Ends the actor where it was replaced or refused, as a program would. */
const unlessReplaced =
  (act: (publisher: any) => void): Operation =>
  (self) => {
    try {
      if (self.object && !self.object.closed) act(self.object);
    } catch (error) {
      if (!(error instanceof BusError && error.code === "E_BUS_FENCED")) throw error;
    }
  };
const begin =
  (producer: number, takeover = false): Operation =>
  (self, region, peers) => {
    try {
      self.object = new RingPublisher(region, wake, peers, { producer, takeover }, () => {});
    } catch (error) {
      if (!(error instanceof BusError && /E_BUS_(FENCED|PUBLISHER)/.test(error.code))) throw error;
    }
  };
/** A row names its number and who wrote it. */
const value = (publisher: any, row = 0) => (publisher.sequence + row) * 10 + publisher.producer;
const publish = unlessReplaced((publisher) => {
  const slot = publisher.claim();
  if (!slot) return;
  slot.columns.id[0] = value(publisher);
  publisher.commit(1);
});
const grow = unlessReplaced((publisher) => {
  const slot = publisher.claim();
  if (!slot) return;
  slot.columns.id[0] = value(publisher);
  publisher.raise(1);
  slot.columns.id[1] = value(publisher, 1);
  publisher.raise(2);
  publisher.commit(2);
});
/** Signs of life are no part of the model, so that every silence is long enough, whatever the clock says. */
const evictAll = unlessReplaced((publisher) => void publisher.evictStalled(Number.NEGATIVE_INFINITY));
const close: Operation = (self) => {
  self.object.close();
  self.object = undefined;
};
const join =
  (open = false): Operation =>
  (self, region, peers) => {
    self.object = new RingSubscription(region, wake, peers, open, () => {});
    self.notes = [-1];
  };

/** One batch. `notes` holds the number that must come next, unless rows were lost. */
const poll =
  (mayLose: boolean): Operation =>
  ({ object, notes }) => {
    object.poll((batch: any) => {
      const { from, rows, sequence, producer, lost } = batch;
      const ids = Array.from({ length: rows - from }, (_, i) => batch.columns.id[from + i] as number);
      if (mayLose && !batch.intact()) return;
      const wrong = ids.some((id, i) => id !== (sequence + i) * 10 + producer);
      if (wrong) throw new Error(`torn: rows from ${sequence} of producer ${producer} hold ${ids}`);
      const expected = notes[0]! < 0 ? sequence - lost : notes[0]!;
      if (sequence !== expected + lost) throw new Error(`order: ${sequence} after ${expected} with ${lost} lost`);
      if (lost !== 0 && !mayLose) throw new Error(`lost: ${lost} rows before ${sequence}`);
      notes[0] = sequence + rows - from;
    }, 1);
  };
const times = (count: number, operation: Operation): Operation[] => Array(count).fill(operation);
const producer = (count: number, ...more: Operation[]): Actor => ({ name: "p", operations: [begin(1), ...times(count, publish), ...more] });
const consumer = (count: number, mayLose = false, open = false): Actor => ({
  name: "c",
  operations: [join(open), ...times(count, poll(mayLose))],
});

/** In the end everything published was read, or is still there, or is counted as lost by the batch that comes next. */
const complete =
  (mayLose: boolean) =>
  (region: Region<any>, _: unknown, actors: readonly Self[]): void => {
    for (const self of actors) {
      if (!(self.object instanceof RingSubscription) || (self.object as any).closed) continue;
      const rest = () => {
        for (let i = 0; i < 4; i++) poll(mayLose)(self, region, undefined as never);
      };
      rest();
      const publisher = mayLose && actors.find(({ object }) => object instanceof RingPublisher);
      if (publisher) {
        publish(publisher, region, undefined as never);
        rest();
      }
      const { sequence } = region.head();
      if (self.notes[0]! >= 0 && self.notes[0] !== sequence) throw new Error(`end: read up to ${self.notes[0]}, published ${sequence}`);
    }
  };

const heir: Actor = { name: "h", operations: [begin(2, true), publish] };
const replaced: Scenario = {
  topic: block,
  options: { spares: 2 },
  actors: [{ ...producer(1), done: 1 }, heir, { ...consumer(2), done: 1 }],
  finish: complete(false),
};
const scenarios: Record<string, Scenario> = {
  "block: a publisher and a subscriber": { topic: block, actors: [producer(4), consumer(4)], finish: complete(false) },
  "block: two subscribers": {
    topic: block,
    actors: [
      { ...producer(3), done: 1 },
      { ...consumer(1), done: 1 },
      { ...consumer(1), name: "d", done: 1 },
    ],
    finish: complete(false),
  },
  "block: a subscriber leaves and joins again": {
    topic: block,
    actors: [producer(3), { name: "c", operations: [join(), poll(false), close, join(), poll(false), poll(false)] }],
    finish: complete(false),
  },
  "evict: a laggard is moved on": { ...few, topic: evict, mayRace: true, actors: [producer(4), consumer(3, true)], finish: complete(true) },
  "block: a subscriber is evicted and comes back": {
    ...few,
    topic: block,
    mayRace: true,
    actors: [producer(2, evictAll, publish, publish), consumer(3, true)],
    finish: complete(true),
  },
  "rows that are raised one by one": {
    topic: block,
    actors: [{ name: "p", operations: [begin(1), grow, grow, publish] }, consumer(4, false, true)],
    finish: complete(false),
  },
  "a publisher is replaced at any moment and goes on": replaced,
  "a publisher is replaced while its frame grows": {
    ...replaced,
    ...(deep ? {} : { switches: 2 }),
    actors: [{ name: "p", operations: [begin(1), grow], done: 1 }, heir, { ...consumer(2, false, true), done: 1 }],
  },
  [`a publisher that hangs is replaced by two at once, the first ${mostStates} states`]: {
    ...replaced,
    switches: 4,
    limit: mostStates,
    options: { spares: 3 },
    actors: [{ ...producer(1), done: 1 }, heir, { name: "i", operations: [begin(3, true), publish] }],
    finish: (region) => {
      const { sequence } = region.head();
      if (sequence < 1) throw new Error("nobody published");
      const slot = region.slotOf(Math.min(1, sequence - 1));
      const id = region.frames.slots[slot]!.columns.id![0];
      if (id !== 10 * (sequence - 1 > 0 ? 1 : 0) + region.frames.field(slot, "producer")) throw new Error(`torn: ${id}`);
    },
  },
};

describe("every order of the ring's steps", () => {
  for (const [name, scenario] of Object.entries(scenarios))
    it(name, { timeout: 600_000 }, () => {
      const result = explore(scenario);
      if (process.env.TICKFORGE_MODEL) console.log(name, result, performance.now());
      expect(result.violation).toBeUndefined();
      expect(result.complete).toBe(scenario.limit === undefined);
      expect(result.ends).toBeGreaterThan(0);
    });
});

/** Runs with a method of the code exchanged for a wrong one. */
function planted<T extends object>(
  prototype: T,
  method: string,
  wrong: (this: any, ...given: any[]) => unknown,
  scenario: Scenario,
): Result {
  const right = Object.getOwnPropertyDescriptor(prototype, method)!;
  Object.defineProperty(prototype, method, { ...right, value: wrong });
  try {
    return explore(scenario);
  } finally {
    Object.defineProperty(prototype, method, right);
  }
}

describe("finds what was planted", () => {
  const early = unlessReplaced((publisher) => {
    const slot = publisher.claim();
    if (!slot) return;
    const id = value(publisher);
    publisher.commit(1);
    slot.columns.id[0] = id;
  });
  it("a commit before the write", () => {
    const actors: Actor[] = [{ name: "p", operations: [begin(1), early, early] }, consumer(3)];
    expect(explore({ topic: block, actors, mayRace: true }).violation).toMatch(/^torn/);
    expect(explore({ topic: block, actors }).violation).toMatch(/^two accesses at once|^torn/);
  });
  it("a gate that is missing", () => {
    const scenario = scenarios["block: a publisher and a subscriber"]!;
    const wrong = function (this: any) {
      return this.ordinal;
    };
    expect(planted(RingPublisher.prototype, "slowest", wrong, { ...scenario, mayRace: true }).violation).toMatch(
      /^(torn|order|lost|end|.*is damaged: the ring is at batch)/,
    );
    expect(planted(RingPublisher.prototype, "slowest", wrong, scenario).violation).toBeDefined();
  });
  it("a place that is advanced without looking whether it was taken away", () => {
    const wrong = () => true;
    const scenario = { ...scenarios["evict: a laggard is moved on"]! };
    expect(planted(RingSubscription.prototype, "holds", wrong, scenario).violation).toMatch(/^(torn|order|.*the frame in slot)/);
  });
  /** Looks who leads and then publishes with a plain store. */
  const late = function (this: any, slot: { index: number }, rows: number) {
    const { words, at } = this.region;
    if (!this.leads()) throw this.fenced();
    this.frames.seal(slot.index, rows, this.sequence, this.producer, this.tenure.epoch, 0n);
    const next = (this.ordinal + 1) & (2 ** 28 - 1);
    Atomics.store(words, at.published, (this.tenure.owner << 28) | next);
    this.ordinal = next;
    this.sequence += rows;
  };
  it("a publisher that looks who leads and then publishes with a plain store", () => {
    expect(planted(RingPublisher.prototype, "reveal", late, replaced).violation).toBeDefined();
  });
  it("the same and a place that was taken away where few orders are tried", () => {
    const grown = { ...scenarios["a publisher is replaced while its frame grows"]!, switches: 3 };
    expect(planted(RingPublisher.prototype, "reveal", late, grown).violation).toBeDefined();
    const evicted = { ...scenarios["block: a subscriber is evicted and comes back"]!, switches: 3 };
    expect(planted(RingSubscription.prototype, "holds", () => true, evicted).violation).toMatch(/^(torn|order|lost|.*the frame in slot)/);
  });
  it("a slot that is used again while the replaced publisher may write to it", () => {
    const told = replaced.actors.map((actor) => ({
      ...actor,
      operations: actor.operations.map(
        (act): Operation =>
          (self, region, peers) =>
            act(self, region, { ...peers, alive: () => false }),
      ),
    }));
    expect(explore({ ...replaced, actors: told }).violation).toMatch(/^torn|^two accesses/);
  });
});
