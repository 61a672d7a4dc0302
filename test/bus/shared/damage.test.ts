/** What other hands do to a ring: its header, cursors, frames and symbols altered, its file removed, replaced or cut. All of it is told by name. */
import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Bus, Columns, Publisher, Subscription } from "../../../src/bus/bus.js";
import { crc32c, HEADER_BYTES, word } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { RecordingReader } from "../../../src/bus/recording/recording.js";
import { RecordingWriter } from "../../../src/bus/recording/recording_writer.js";
import { createRegion, cursor, openRegion } from "../../../src/bus/ring/region.js";
import { createRing, openRing, RingBus } from "../../../src/bus/ring/ring.js";
import { Hub } from "../../../src/bus/routing/hub.js";
import { pathOf } from "../../../src/bus/shared/mapped.js";
import { SharedBus } from "../../../src/bus/shared/shared_bus.js";
import { BusError } from "../../../src/core/contract/errors.js";
import { sharedFolder } from "../kit/folder.js";
import { codeOf, rowsFrom, trades } from "../kit/suite.js";

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(BusError);
    expect((error as BusError).hint).toBeTruthy();
    return (error as BusError).message;
  }
  throw new Error("it was not refused");
};
/** Headers that no frame has, by what is said of them. */
const headers: [what: RegExp, change: (bytes: DataView) => void][] = [
  [/number NaN/, (view) => view.setFloat64(4 * word.sequence, Number.NaN, true)],
  [/number -3/, (view) => view.setFloat64(4 * word.sequence, -3, true)],
  [/number 0\.5/, (view) => view.setFloat64(4 * word.sequence, 0.5, true)],
  [/number 1152921504606847000/, (view) => view.setFloat64(4 * word.sequence, 2 ** 60, true)],
  [/number Infinity/, (view) => view.setFloat64(4 * word.sequence, Number.POSITIVE_INFINITY, true)],
  [/says 5 rows, a slot holds 4/, (view) => view.setUint32(4 * word.rows, 5, true)],
  [/epoch 0/, (view) => view.setUint32(4 * word.epoch, 0, true)],
  [/magic/, (view) => view.setUint32(0, 7, true)],
  [/schema 0x7 /, (view) => view.setUint32(4 * word.schema, 7, true)],
];
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);

describe.each([
  ["memory", () => new MemoryBus()],
  ["ring", () => new RingBus()],
] as const)("a frame that cannot be one: %s", (_name, make: () => Bus) => {
  it.each(headers)("%s: refused once, then passed over, its rows counted as lost", (what, change) => {
    const bus = make();
    const [publisher, subscription] = [bus.publisher(trades), bus.subscribe(trades)];
    const slot = publisher.claim()!;
    publisher.commit(2);
    publisher.publish(rowsFrom(2, 2));
    change(viewOf(slot.bytes));
    expect(messageOf(() => subscription.poll(() => {}))).toMatch(what);
    const seen: number[][] = [];
    expect(subscription.poll(({ sequence, rows, lost }) => void seen.push([sequence, rows, lost]))).toBe(1);
    expect([seen, subscription.stats().lost]).toEqual([[[2, 2, 2]], 2]);
    bus.close();
  });
  it("reaches whoever asks a hub", () => {
    const bus = make();
    const publisher = bus.publisher(trades);
    const asked = new Hub(bus).subscribe(trades);
    const slot = publisher.claim()!;
    publisher.commit(2);
    headers[0]![1](viewOf(slot.bytes));
    expect(codeOf(() => asked.poll(() => {}))).toBe("E_BUS_FRAME");
  });
});

it("a hub that reads in the event loop tells its askers of a frame that was refused there", async () => {
  const bus = new MemoryBus();
  const publisher = bus.publisher(trades);
  const hub = new Hub(bus);
  const asked = hub.subscribe(trades);
  hub.hold(trades);
  const slot = publisher.claim()!;
  publisher.commit(2);
  headers[0]![1](viewOf(slot.bytes));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(codeOf(() => asked.poll(() => {}))).toBe("E_BUS_FRAME");
  publisher.publish(rowsFrom(2, 1));
  expect(asked.poll(() => {})).toBe(1);
});

it("a recorded frame with a number that is none is refused, though its checksum fits", () => {
  const { folder, remove } = sharedFolder();
  const bus = new MemoryBus();
  const [publisher, subscription] = [bus.publisher(trades), bus.subscribe(trades)];
  const writer = new RecordingWriter(`${folder}/a.tfr`, trades, publisher.symbols);
  publisher.publish(rowsFrom(0, 2));
  subscription.poll((batch) => {
    const { rows, columns, producer, epoch, timeNs } = batch;
    writer.append({ rows, columns, producer, epoch, timeNs, sequence: Number.NaN, intact: () => true } as never);
  });
  writer.close();
  const reader = new RecordingReader(`${folder}/a.tfr`);
  expect(messageOf(() => reader.replay(publisher as Publisher<Columns>))).toMatch(/frame 0 .*number NaN/);
  reader.close();
  remove();
});

describe("a ring's memory", () => {
  const made = () => {
    const region = createRegion(trades, { spares: 1, subscribers: 2 });
    const ring = openRing(region.memory, trades);
    return { region, publisher: ring.publisher(), subscription: ring.subscribe() };
  };
  it("every field of the control block is checked, with the checksum and for itself", () => {
    const { memory } = createRing(trades);
    const words = new Int32Array(memory);
    const text = () => new TextDecoder().decode(new Uint8Array(memory).slice(64, 64 + words[2]!));
    const good = text();
    const say = (json: string, fit: boolean) => {
      const bytes = new TextEncoder().encode(json);
      new Uint8Array(memory).set(bytes, 64);
      words[2] = bytes.length;
      if (fit) words[3] = crc32c(bytes);
    };
    say(good.replace('"rows":4', '"rows":3'), false);
    expect(messageOf(() => openRing(memory))).toMatch(/checksum/);
    const geometry = JSON.parse(good) as Record<string, unknown>;
    for (const field of Object.keys(geometry))
      for (const value of [-8, 2 ** 40, 1.5, null, "x", [], {}]) {
        say(JSON.stringify({ ...geometry, [field]: value }), true);
        expect(
          codeOf(() => openRing(memory)),
          `${field} ${JSON.stringify(value)}`,
        ).toMatch(/^E_BUS_(REGION|TOPIC|MEMORY)$/);
      }
    for (const json of ["null", "7", "[]", "{", '{"topic":null}']) {
      say(json, true);
      expect(
        codeOf(() => openRing(memory)),
        json,
      ).toMatch(/^E_BUS_(REGION|TOPIC)$/);
    }
    for (const length of [0, -1, 2 ** 31 - 1]) {
      words[2] = length;
      expect(messageOf(() => openRing(memory))).toMatch(/it says that it takes/);
    }
    say(good, true);
    expect(openRing(memory).topic.name).toBe(trades.name);
  });

  it("a head that is nowhere near: reader and publisher say so, and nobody waits for ever", () => {
    for (const by of [-1, 9]) {
      const { region, publisher, subscription } = made();
      publisher.publish(rowsFrom(0, 2));
      subscription.poll(() => {});
      region.words[region.at.published]! += by;
      expect(messageOf(() => subscription.poll(() => {}))).toMatch(/the ring is at batch .* and this subscriber at 1/);
      expect(codeOf(() => publisher.publish(rowsFrom(2, 2)))).toBe("E_BUS_REGION");
    }
  });
  it("a place that leads to no slot", () => {
    const { region, publisher, subscription } = made();
    publisher.publish(rowsFrom(0, 2));
    region.words[region.placeOf(0)] = 99;
    expect(messageOf(() => subscription.poll(() => {}))).toMatch(/slot 99 of/);
    expect(codeOf(() => openRing(region.memory).publisher({ takeover: true }))).toBe("E_BUS_REGION");
  });
  it("a cursor where none can be holds nobody up: its owner is told, and comes back", () => {
    for (const position of [-5, 77, 2 ** 30]) {
      const { region, publisher, subscription } = made();
      for (let i = 0; i < 3; i++) publisher.publish(rowsFrom(i, 1));
      region.words[region.cursors[0]! + cursor.position] = position;
      expect(codeOf(() => subscription.poll(() => {}))).toBe("E_BUS_REGION");
      for (let i = 3; i < 9; i++) expect(publisher.publish(rowsFrom(i, 1))).toBe(1);
      subscription.poll(() => {});
      publisher.publish(rowsFrom(9, 1));
      expect(subscription.poll(({ sequence }) => expect(sequence).toBe(9))).toBe(1);
    }
  });
  it("rows out of their turn are refused once", () => {
    const { publisher, subscription } = made();
    publisher.publish(rowsFrom(0, 1));
    const slot = publisher.claim()!;
    publisher.commit(1);
    viewOf(slot.bytes).setFloat64(4 * word.sequence, 5, true);
    publisher.publish(rowsFrom(2, 1));
    expect(subscription.poll(() => {}, 1)).toBe(1);
    expect(messageOf(() => subscription.poll(() => {}))).toMatch(/number 5, expected 1/);
    expect(subscription.poll(({ sequence, lost }) => expect([sequence, lost]).toEqual([2, 1]))).toBe(1);
  });
  it("a dictionary that leads out of itself, or in a circle", () => {
    for (const next of [-7, 3, 10 ** 6, 1]) {
      const region = createRegion(trades, { dictionaryBytes: 256 });
      region.symbols.add("AAA");
      region.symbols.add("BBB");
      // The word of the first entry that says where the next one is.
      const area = (region.symbols as unknown as { area: Uint8Array }).area;
      region.words[area.byteOffset >> 2] = next;
      expect(codeOf(() => openRegion(region.memory).symbols.size)).toBe("E_BUS_REGION");
    }
    const region = createRegion(trades, { dictionaryBytes: 256 });
    region.symbols.add("AAA");
    for (const start of [-4, 2, 0]) {
      region.words[region.at.allocated] = start;
      expect(codeOf(() => region.symbols.add("BBB"))).toBe("E_BUS_REGION");
    }
  });
});

describe("the file of a ring", () => {
  let place: ReturnType<typeof sharedFolder>;
  const buses: SharedBus[] = [];
  beforeEach(() => {
    place = sharedFolder();
  });
  afterEach(() => {
    for (const bus of buses.splice(0)) bus.close();
    place.remove();
  });
  const open = () => {
    const bus = new SharedBus({ folder: place.folder });
    buses.push(bus);
    return bus;
  };
  /** Longer than the file is not looked at. */
  const aWhile = () => new Promise((resolve) => setTimeout(resolve, 130));
  const used = async () => {
    const bus = open();
    const [publisher, subscription] = [bus.publisher(trades), bus.subscribe(trades)] as [Publisher<Columns>, Subscription<Columns>];
    publisher.publish(rowsFrom(0, 2) as never);
    expect(bus.trouble).toBeUndefined();
    return { bus, publisher, subscription, path: pathOf(place.folder, trades.name) };
  };

  it.each(["removed", "replaced"])("%s in use: both sides are told, after what lies there was read", async (how) => {
    const { bus, publisher, subscription, path } = await used();
    const waiting = open().subscribe(trades).arrival();
    waiting.catch(() => {});
    fs.rmSync(path);
    if (how === "replaced") open().publisher(trades);
    await aWhile();
    expect(bus.trouble?.message).toContain(how);
    expect(codeOf(() => publisher.claim())).toBe("E_BUS_GONE");
    expect(subscription.poll(({ rows }) => expect(rows).toBe(2))).toBe(1);
    expect(codeOf(() => subscription.poll(() => {}))).toBe("E_BUS_GONE");
    expect(codeOf(() => subscription.wait(500))).toBe("E_BUS_GONE");
    await expect(subscription.arrival()).rejects.toMatchObject({ code: "E_BUS_GONE" });
    await expect(waiting).rejects.toMatchObject({ code: "E_BUS_GONE" });
    bus.close();
    expect(
      open()
        .publisher(trades, { takeover: how === "replaced" })
        .publish(rowsFrom(0, 1)),
    ).toBe(1);
  });

  it("cut in use: who waits is told and not ended by the system, and can close", async () => {
    const { bus, publisher, subscription, path } = await used();
    const waiting = subscription.arrival();
    subscription.poll(() => {});
    const arrival = subscription.arrival();
    fs.truncateSync(path, 0);
    await expect(arrival).rejects.toMatchObject({ code: "E_BUS_CUT", file: path });
    await waiting;
    await aWhile();
    expect(bus.trouble?.code).toBe("E_BUS_CUT");
    for (const act of [() => publisher.claim(), () => subscription.poll(() => {})]) expect(codeOf(act)).toBe("E_BUS_CUT");
    bus.close();
  });
});
