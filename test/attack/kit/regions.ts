/**
 * Rings and recordings with altered bytes: at rest, then opened, published to, read, recorded and looked at; and while a publisher and
 * a subscriber of this process use them. Whatever is in a file, it is answered or refused by name; nobody waits for ever; and rows of
 * a recording, which bear checksums, are never other rows. Rings have no sums: their rows may differ where the columns were altered.
 */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Batch, Publisher, Subscription } from "../../../src/bus/bus.js";
import { crc32c, topic } from "../../../src/bus/frame.js";
import { MappedRecording } from "../../../src/bus/recording/mapped_recording.js";
import { RecordingReader } from "../../../src/bus/recording/recording.js";
import { RecordingWriter } from "../../../src/bus/recording/recording_writer.js";
import { createRing, openRing } from "../../../src/bus/ring/ring.js";
import { seeded } from "../../../src/bus/routing/router.js";
import { pathOf } from "../../../src/bus/shared/mapped.js";
import { SharedBus } from "../../../src/bus/shared/shared_bus.js";
import { TickforgeError } from "../../../src/core/contract/errors.js";
import { type Attempt, Broken, type MakeAttack } from "./harness.js";

const flow = topic({
  name: "flow",
  columns: { id: { dtype: "f64" }, symbol: { dtype: "u32" } },
  rows: 4,
  slots: 4,
  backpressure: "block",
  symbols: ["AAA", "BBB"],
});
const evicting = topic({ ...flow, backpressure: "evict" });
type Flow = typeof flow.columns;
const options = { subscribers: 2, spares: 1, dictionaryBytes: 256 };
const row = (id: number) => ({ id: Float64Array.of(id, id + 1), symbol: Uint32Array.of(0, 1) });
const JSON_START = 64;
const JSON_CRC = 12;

/** What an attempt puts where: the words of a control block, a cursor or a header are small numbers, so are many of these. */
const values = [0, 1, -1, 2, 3, 4, 5, 7, 255, 2 ** 28, 2 ** 28 - 1, 2 ** 30, 2 ** 31 - 1, -(2 ** 31), 0x7ff8_0000, 0x4340_0000];
interface Alteration {
  readonly at: number;
  readonly value: number;
  readonly one: boolean;
}
const put = (view: DataView, { at, value, one }: Alteration): void => {
  if (one) view.setUint8(at, view.getUint8(at) ^ (1 << (value & 7)));
  else view.setInt32(at & ~3, value, true);
};

/** A mistake that nobody refused may only show as rows that were missed: a poll that hands out nothing for ever is a wait without end. */
const TURNS = 200;
function named<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (error instanceof TickforgeError) return undefined;
    throw error;
  }
}

class Places {
  readonly folder = fs.mkdtempSync(join(fs.existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tickforge-attack-"));
  readonly path = pathOf(this.folder, flow.name);
  readonly recording = join(this.folder, "flow.tfr");
  readonly ring: Buffer;
  readonly recorded: Buffer;

  constructor() {
    const bus = new SharedBus({ folder: this.folder, ...options });
    const publisher = bus.publisher(flow);
    const subscription = bus.subscribe(flow);
    const writer = new RecordingWriter(this.recording, flow, publisher.symbols);
    for (let id = 0; id < 12; id += 2) {
      publisher.publish(row(id));
      if (id === 4) publisher.symbols.add("CCC");
      subscription.poll((batch) => writer.append(batch));
    }
    writer.close();
    this.ring = fs.readFileSync(this.path);
    this.recorded = fs.readFileSync(this.recording);
    bus.close();
    fs.mkdirSync(this.folder, { recursive: true });
  }
  /** Where the parts of the ring's file begin, from its own control block. */
  get parts(): Record<"lines" | "places" | "dictionary" | "slots" | "total", number> {
    return JSON.parse(this.ring.subarray(JSON_START, JSON_START + this.ring.readInt32LE(8)).toString());
  }
}

/** Ids in each batch count on by one where no column was written to. */
function take(batch: Batch<Flow>): number {
  const { rows, sequence, lost, columns } = batch;
  if (!(rows >= 1 && rows <= 4 && Number.isSafeInteger(sequence) && sequence >= 0 && Number.isSafeInteger(lost) && lost >= 0))
    throw new Broken(`a batch of ${rows} rows from ${sequence} after ${lost} that were lost`);
  return columns.id[0]! + columns.symbol[0]!;
}
/** As its users do; what they are told of the damage by name does not end it. */
function use(publisher: Publisher<Flow> | undefined, subscription: Subscription<Flow> | undefined, times: number): void {
  for (let i = 0; i < times; i++) {
    named(() => publisher?.publish(row(2 * i)));
    named(() => publisher?.symbols.add(`S${i % 9}`));
    named(() => subscription?.symbols.at(i));
    named(() => subscription?.poll(take));
    named(() => subscription?.wait(0));
    named(() => subscription?.stats());
  }
}
/** Every turn of a `for await` either yields, waits or ends: a bounded number of them is bounded in time. */
async function follow(subscription: Subscription<Flow>): Promise<void> {
  let batches = 0;
  const timer = setTimeout(() => subscription.close(), 5);
  try {
    for await (const batch of subscription) {
      take(batch);
      if (++batches > TURNS) throw new Broken("a subscription that hands out more than there ever was");
    }
  } catch (error) {
    if (!(error instanceof TickforgeError)) throw error;
  } finally {
    clearTimeout(timer);
  }
}

function look(bus: SharedBus): void {
  const one = named(() => bus.look(flow.name));
  if (!one) return;
  named(() => one.ring.stats());
  named(() => one.ring.attached());
  named(() => {
    const observer = one.ring.observe();
    for (let i = 0; i < TURNS; i++) if (!named(() => observer.read()) && i > flow.slots) break;
    return observer.symbols.size;
  });
  one.close();
}

async function atRest(places: Places, alterations: readonly Alteration[], repaired: boolean): Promise<void> {
  const bytes = Buffer.from(places.ring);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const one of alterations) put(view, one);
  const length = bytes.readInt32LE(8);
  // As if whoever altered it had made the checksum fit: what is behind must be refused for itself.
  if (repaired && length > 0 && length <= bytes.length - JSON_START)
    bytes.writeUInt32LE(crc32c(bytes.subarray(JSON_START, JSON_START + length)), JSON_CRC);
  fs.writeFileSync(places.path, bytes, { mode: 0o600 });
  const bus = new SharedBus({ folder: places.folder, ...options });
  try {
    look(bus);
    named(() => openRing(new Uint8Array(bytes).buffer));
    const ring = named(() => bus.find(flow.name));
    const subscription = named(() => ring?.subscribe()) as Subscription<Flow> | undefined;
    const publisher = named(() => ring?.publisher()) as Publisher<Flow> | undefined;
    use(publisher, subscription, 12);
    named(() => publisher?.close());
    if (subscription) await follow(subscription);
  } finally {
    named(() => bus.close());
    fs.rmSync(places.path, { force: true });
  }
}

async function inUse(places: Places, alterations: readonly Alteration[], evict: boolean): Promise<void> {
  const wanted = evict ? evicting : flow;
  fs.rmSync(places.path, { force: true });
  const bus = new SharedBus({ folder: places.folder, ...options });
  try {
    const publisher = bus.publisher(wanted);
    const [subscription, other] = [bus.subscribe(wanted), bus.subscribe(wanted)];
    const view = new DataView(bus.ring(wanted).memory as ArrayBuffer);
    use(publisher, subscription, 3);
    other.poll(take);
    publisher.publish(row(0));
    for (const one of alterations) put(view, one);
    use(publisher, subscription, 12);
    look(bus);
    if (named(() => publisher.wait(2))) named(() => publisher.publish(row(1)));
    await follow(other);
    named(() => publisher.close());
    await follow(subscription);
  } finally {
    named(() => bus.close());
  }
}

/** Rows that come out are those that were recorded, from the first on. */
function recording(places: Places, alterations: readonly Alteration[]): void {
  const bytes = Buffer.from(places.recorded);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const one of alterations) put(view, one);
  fs.writeFileSync(places.recording, bytes);
  const check = (columns: { id: Float64Array }, rows: number, at: number) => {
    for (let i = 0; i < rows; i++) if (columns.id[i] !== at + i) throw new Broken(`row ${at + i} came as ${columns.id[i]}`);
    return at + rows;
  };
  named(() => {
    const mapped = new MappedRecording<Flow>(places.recording);
    try {
      let at = 0;
      for (const { columns, rows } of mapped) at = check(columns, rows, at);
    } finally {
      mapped.close();
    }
  });
  const reader = new RecordingReader<Flow>(places.recording);
  const bus = openRing<Flow>(emptyRing(), flow);
  try {
    const [publisher, subscription] = [bus.publisher(), bus.subscribe()];
    for (let at = 0, turn = 0; turn < 4; turn++) {
      reader.replay(publisher);
      subscription.poll(({ columns, rows }) => {
        at = check(columns, rows, at);
      });
    }
  } finally {
    reader.close();
    bus.close();
  }
}
let made: ArrayBufferLike | undefined;
/** Of its own, each time as it was made. */
const emptyRing = (): ArrayBufferLike => (made ??= createRing(flow, options).memory).slice(0);

const attack: MakeAttack = (seed) => {
  const places = new Places();
  const { lines, places: table, dictionary, slots, total } = places.parts;
  const spots = {
    control: [0, lines],
    lines: [lines, table],
    table: [table, dictionary],
    symbols: [dictionary, dictionary + 64],
    slots: [slots, total],
  } as const;
  const names = Object.keys(spots) as (keyof typeof spots)[];
  const attempt = (index: number): Attempt => {
    const random = seeded(seed * 1_000_003 + index);
    const pick = (n: number) => Math.floor(random() * n);
    const [how, where] = [
      (["at rest", "at rest, sum repaired", "in use", "in use, evicting", "recording"] as const)[index % 5]!,
      names[Math.floor(index / 5) % names.length]!,
    ];
    const [from, to] = how === "recording" ? [0, places.recorded.length] : spots[where];
    const alterations = Array.from({ length: 1 + pick(3) }, () => ({
      at: from + pick(to - from - 4),
      value: values[pick(values.length)]!,
      one: pick(2) === 0,
    }));
    const told = alterations.map(({ at, value, one }) => `${at}${one ? `^${value & 7}` : `=${value}`}`).join(" ");
    const run = () => {
      if (how === "recording") return recording(places, alterations);
      if (how.startsWith("in use")) return inUse(places, alterations, how === "in use, evicting");
      return atRest(places, alterations, how !== "at rest");
    };
    return { what: `${how === "recording" ? how : `${where} ${how}`}: ${told}`, run };
  };
  return { total: 1_000_000, attempt, close: () => fs.rmSync(places.folder, { recursive: true, force: true }) };
};
export default attack;
