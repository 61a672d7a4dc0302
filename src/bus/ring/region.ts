import { needBuffer, needObject } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import type { Columns, Topic } from "../bus.js";
import { align, crc32c, difference, Frames, impossible, layoutOf, MOST_ROWS } from "../frame.js";
import { SharedDictionary } from "../symbols.js";

const REGION_MAGIC = 0x4752_4654; // "TFRG" in memory order
const REGION_VERSION = 5;
/** What shares a cache line, or the pair that processors fetch together, slows each other down. */
const LINE = 128;
const MAGIC = 0;
const VERSION = 1;
const JSON_BYTES = 2;
const JSON_CRC = 3;
const JSON_START = 64;

/** Words of the publisher's line; it writes them at every commit. */
const producer = { published: 0, full: 6 } as const;
/** Words that change seldom and are read often. */
const signals = {
  epoch: 0,
  dataFlag: 1,
  dataSignal: 2,
  spaceFlag: 3,
  spaceSignal: 4,
  tokens: 5,
  allocated: 6,
  firstSymbol: 7,
} as const;
/** Words about the publisher for people who look; subscribers do not, so that writing them costs nothing. */
const about = { pid: 0, heartbeat: 1, claimed: 2, placement: 3 } as const;
/**
 * Words of each subscriber's line. `name`: of a place that outlives its reader, 0 in others; `row`: up to which that reader
 * acknowledged, below 0 where it never did.
 */
export const cursor = { position: 0, state: 1, heartbeat: 2, pid: 3, consumed: 4, lost: 6, placement: 8, name: 9, row: 10 } as const;
/** Lines before those of the subscribers. */
const FIRST_CURSOR = 3;

/** Low bits of a cursor's state word; the rest is the token of its owner. 0 altogether: free. */
export const FREE = 0;
export const JOINING = 1;
export const ACTIVE = 2;
export const EVICTED = 3;
export const STATUS = 3;

/**
 * `published` holds the ordinal of the next batch and, in its top bits, the number of the publisher who may publish it; 0:
 * the last one has closed. One exchange of that word publishes, takes over or closes, so a publisher that was replaced can
 * do none of them, however long ago it last looked.
 */
const ORDINAL_BITS = 28;
const ORDINALS = 2 ** ORDINAL_BITS - 1;
export const OWNERS = 2 ** (32 - ORDINAL_BITS) - 1;
export const ordinalOf = (word: number): number => word & ORDINALS;
export const ownerOf = (word: number): number => word >>> ORDINAL_BITS;
export const published = (owner: number, ordinal: number): number => (owner << ORDINAL_BITS) | (ordinal & ORDINALS);
export const after = (ordinal: number): number => (ordinal + 1) & ORDINALS;
export const before = (ordinal: number, by: number): number => (ordinal - by) & ORDINALS;
/** How far ordinal `a` is ahead of `b`, across the wrap. */
export const ahead = (a: number, b: number): number => ((a - b) << (32 - ORDINAL_BITS)) >> (32 - ORDINAL_BITS);
/**
 * The position of a place with a name bears in its top bits, 1 to 7, how often it changed hands: an exchange by a reader that
 * was replaced fails, however long ago it last looked. Others bear 0.
 */
const HANDS = 7;
export const handOf = (position: number): number => (position >>> ORDINAL_BITS) & HANDS;
export const handed = (hand: number, ordinal: number): number => (hand << ORDINAL_BITS) | ordinal;
export const nextHand = (hand: number): number => (hand % HANDS) + 1;
/** Of the flag that asks for data: a cursor was set back, so the publisher must look for the slowest again. */
export const LOOK_AGAIN = 1 << 31;
/** Where the cursor of an evicted subscriber points: no ordinal, so that advancing it fails. */
export const NOWHERE = -1;

interface Geometry {
  topic: Topic;
  lines: number;
  subscribers: number;
  spares: number;
  places: number;
  dictionary: number;
  dictionaryBytes: number;
  slots: number;
  total: number;
}

export interface RegionOptions {
  /** Subscribers at one time, 16 by default. */
  readonly subscribers?: number;
  /** Slots to put in the place of those that replaced publishers may still write to; none by default. */
  readonly spares?: number;
  /** Room for symbols, 1 MiB by default. */
  readonly dictionaryBytes?: number;
  /** The native address of a view; with it, columns lie on 64-byte and cursors on 128-byte boundaries. */
  readonly addressOf?: (view: Uint8Array) => bigint;
  /** Zeroed memory of at least so many bytes; a SharedArrayBuffer by default. */
  readonly allocate?: (bytes: number) => ArrayBufferLike;
  /** Where the wrapping count of batches begins, 0 by default. */
  readonly firstOrdinal?: number;
  /** Number of the first row, 0 by default: of a system that counts on from where it was shut down. */
  readonly firstSequence?: number;
}

/** A ring's memory: control block (what it is, as JSON), cursors, which slot has which place, symbols, slots. Every offset in it is found from its first bytes. */
export class Region<C extends Columns = Columns> {
  readonly words: Int32Array;
  readonly reals: Float64Array;
  readonly frames: Frames<C>;
  readonly symbols: SharedDictionary;
  readonly topic: Topic<C>;
  readonly at: { readonly [K in keyof typeof producer | keyof typeof signals | keyof typeof about]: number };
  /** First word of each cursor. */
  readonly cursors: readonly number[];
  /** First word of the table from place in the ring to slot. */
  private readonly places: number;

  constructor(
    readonly memory: ArrayBufferLike,
    { topic, lines, subscribers, spares, places, dictionary, dictionaryBytes, slots }: Geometry,
  ) {
    this.topic = topic as Topic<C>;
    this.words = new Int32Array(memory, 0, slots >> 2);
    this.reals = new Float64Array(memory, 0, slots >> 3);
    this.frames = new Frames(layoutOf(this.topic), memory, slots, topic.slots + spares);
    this.places = places >> 2;
    const shifted = (names: Record<string, number>, start: number) =>
      Object.entries(names).map(([name, word]) => [name, (start >> 2) + word]);
    this.at = Object.fromEntries([...shifted(producer, lines), ...shifted(signals, lines + LINE), ...shifted(about, lines + 2 * LINE)]);
    this.cursors = Array.from({ length: subscribers }, (_, i) => (lines + (FIRST_CURSOR + i) * LINE) >> 2);
    const { allocated, firstSymbol } = this.at;
    const area = new Uint8Array(memory, dictionary, dictionaryBytes);
    this.symbols = new SharedDictionary(topic.name, this.words, allocated, firstSymbol, area);
  }

  newToken(): number {
    return (Atomics.add(this.words, this.at.tokens, 1) + 1) << 2;
  }
  /** Word that says which slot has the place of an ordinal. */
  placeOf(ordinal: number): number {
    return this.places + (ordinal & (this.topic.slots - 1));
  }
  slotOf(ordinal: number): number {
    const slot = Atomics.load(this.words, this.placeOf(ordinal));
    if (slot >>> 0 < this.frames.slots.length) return slot;
    throw this.damaged(`batch ${ordinal} would lie in slot ${slot} of ${this.frames.slots.length}`);
  }
  /** The memory says what nobody of the bus wrote there. */
  damaged(what: string): BusError {
    const hint = "Something else wrote in it: close everything that uses this topic and open it again, which makes it anew.";
    return new BusError("E_BUS_REGION", `topic '${this.topic.name}': the memory of the ring is damaged: ${what}`, { hint });
  }
  /**
   * Word that says of which ordinal a slot's frame grows, and under whom, as `published` did then: subscribers look at it
   * only while that publisher leads, so one that was replaced can show nothing more.
   */
  growthOf(slot: number): number {
    return this.places + this.topic.slots + slot;
  }
  /** Word with the publishers, as bits, that may write to a slot without a place. */
  writersOf(slot: number): number {
    return this.growthOf(slot) + this.frames.slots.length;
  }
  /** The next batch's ordinal and first sequence, read together. */
  head(): { ordinal: number; sequence: number } {
    const { words, at, frames } = this;
    for (;;) {
      const seen = Atomics.load(words, at.published);
      const last = this.slotOf(before(ordinalOf(seen), 1));
      // Before the first batch nothing but the number was written there, so the sum is that.
      const [first, rows] = [frames.sequence(last), frames.field(last, "rows")];
      // An exchange, not a load: the reads of the frame may not move past it.
      if (Atomics.compareExchange(words, at.published, seen, seen) !== seen) continue;
      const fault = impossible(this.topic, rows, first);
      if (fault) throw this.damaged(`the last frame ${fault}`);
      return { ordinal: ordinalOf(seen), sequence: first + rows };
    }
  }
  /** The last publisher has closed. The epoch is read first: one that begins between the two reads has not ended. */
  get ended(): boolean {
    return Atomics.load(this.words, this.at.epoch) > 0 && ownerOf(Atomics.load(this.words, this.at.published)) === 0;
  }
}

export function createRegion<C extends Columns>(topic: Topic<C>, options: RegionOptions = {}): Region<C> {
  needObject("createRing: options", options);
  const { subscribers = 16, dictionaryBytes = 2 ** 20, spares = 0, addressOf, firstOrdinal = 0, firstSequence = 0 } = options;
  const { stride } = layoutOf(topic);
  const whole = {
    subscribers: [1, 2 ** 16],
    spares: [0, 2 ** 16],
    dictionaryBytes: [0, 2 ** 31 - LINE],
    firstSequence: [0, MOST_ROWS - 1],
  } as const;
  for (const [option, [least, most]] of Object.entries(whole)) {
    const value = { subscribers, spares, dictionaryBytes, firstSequence }[option];
    if (Number.isInteger(value) && value! >= least && value! <= most) continue;
    const hint = "Leave it out for what suits most rings.";
    throw new BusError("E_BUS_OPTION", `ring: ${option} is ${value}, expected a whole number from ${least} to ${most}`, {
      option,
      value,
      hint,
    });
  }
  const { parts, head, size } = partsOf(topic, stride, { subscribers, spares, dictionaryBytes });
  const { name, slots } = topic;
  const memory = (options.allocate ?? ((bytes) => new SharedArrayBuffer(bytes)))(size);
  if (memory.byteLength < size) {
    const what = `topic '${name}': ring needs ${size} bytes, was given ${memory.byteLength}`;
    throw new BusError("E_BUS_MEMORY", what, { hint: "Allocate at least the bytes asked for." });
  }
  const shift = addressOf ? Number(-addressOf(new Uint8Array(memory)) & BigInt(LINE - 1)) : 0;
  const geometry = laidOut(align(head - shift, LINE) + shift, stride, parts);
  const json = new TextEncoder().encode(JSON.stringify(geometry));
  new Uint8Array(memory).set(json, JSON_START);
  const region = new Region<C>(memory, geometry);
  const { words, at } = region;
  words[VERSION] = REGION_VERSION;
  words[JSON_BYTES] = json.length;
  words[JSON_CRC] = crc32c(json);
  words[at.published] = published(0, firstOrdinal);
  for (let place = 0; place < slots; place++) words[region.placeOf(place)] = place;
  region.frames.precede(region.slotOf(before(firstOrdinal, 1)), firstSequence);
  for (const symbol of topic.symbols ?? []) region.symbols.add(symbol);
  // Last: whoever sees the magic sees the rest.
  Atomics.store(words, MAGIC, REGION_MAGIC);
  return region;
}

/** Bytes of memory that the ring of a topic takes. */
export function ringBytes(topic: Topic, { subscribers = 16, dictionaryBytes = 2 ** 20, spares = 0 }: RegionOptions = {}): number {
  return partsOf(topic, layoutOf(topic).stride, { subscribers, spares, dictionaryBytes }).size;
}

function partsOf(
  { name, columns, rows, slots, backpressure }: Topic,
  stride: number,
  sizes: Pick<Geometry, "subscribers" | "spares" | "dictionaryBytes">,
) {
  const plain = { name, columns, rows, slots, backpressure };
  const head = JSON_START + new TextEncoder().encode(JSON.stringify(plain)).length + 320;
  const parts = { topic: plain, ...sizes };
  return { parts, head, size: laidOut(align(head, LINE), stride, parts).total + LINE };
}

/** Where everything lies, from where the first line does. */
function laidOut(
  lines: number,
  stride: number,
  { topic, subscribers, spares, dictionaryBytes }: Pick<Geometry, "topic" | "subscribers" | "spares" | "dictionaryBytes">,
): Geometry {
  const places = lines + (FIRST_CURSOR + subscribers) * LINE;
  const dictionary = places + align((topic.slots + 2 * (topic.slots + spares)) * 4, LINE);
  const slots = dictionary + align(dictionaryBytes, LINE);
  const total = slots + stride * (topic.slots + spares);
  return { topic, lines, subscribers, spares, places, dictionary, dictionaryBytes, slots, total };
}

/** What the control block says, held against its checksum and against what a ring of that topic must say: no offset is used unchecked. */
function geometryOf(memory: ArrayBufferLike, words: Int32Array, bad: (what: string) => BusError): Geometry {
  const [length, sum] = [words[JSON_BYTES]!, words[JSON_CRC]! >>> 0];
  if (length <= 0 || length > memory.byteLength - JSON_START) throw bad(`it says that it takes ${length} bytes of ${memory.byteLength}`);
  const json = new Uint8Array(memory).slice(JSON_START, JSON_START + length);
  const computed = crc32c(json);
  if (computed !== sum) throw bad(`its checksum is 0x${computed.toString(16)}, stored 0x${sum.toString(16)}`);
  let said: Geometry;
  try {
    said = JSON.parse(new TextDecoder().decode(json));
  } catch {
    throw bad("it is no JSON");
  }
  const { stride } = layoutOf(said?.topic);
  for (const field of ["lines", "subscribers", "spares", "dictionaryBytes"] as const)
    if (!(Number.isInteger(said[field]) && said[field] >= 0)) throw bad(`${field} is ${said[field]}, expected a whole number from 0`);
  if (said.lines % 8 !== 0 || said.lines < JSON_START + length)
    throw bad(`lines is ${said.lines}, expected a multiple of 8 behind the JSON`);
  const made = laidOut(said.lines, stride, said);
  for (const field of ["places", "dictionary", "slots", "total"] as const)
    if (said[field] !== made[field]) throw bad(`${field} is ${said[field]}, expected ${made[field]}`);
  return made;
}

/** Opens memory that another thread laid out; with `expected`, only if its frames fit that topic. */
export function openRegion<C extends Columns = Columns>(memory: ArrayBufferLike, expected?: Topic<C>): Region<C> {
  needBuffer("openRing: memory", memory);
  if (expected !== undefined) needObject("openRing: the topic expected", expected);
  const name = expected ? `topic '${expected.name}'` : "ring";
  const wrong = (code: string, what: string, hint: string) => new BusError(code, `${name}: ${what}`, { hint });
  const hint = "Pass the memory that createRing made, unchanged.";
  if (memory.byteLength < JSON_START)
    throw wrong("E_BUS_MAGIC", `the memory has ${memory.byteLength} bytes, too few for a control block`, hint);
  const words = new Int32Array(memory, 0, JSON_START >> 2);
  const magic = Atomics.load(words, MAGIC);
  if (magic !== REGION_MAGIC)
    throw wrong("E_BUS_MAGIC", `the memory begins with 0x${(magic >>> 0).toString(16)}, not with a ring's magic`, hint);
  if (words[VERSION] !== REGION_VERSION)
    throw wrong(
      "E_BUS_VERSION",
      `the memory has layout version ${words[VERSION]}, this build reads ${REGION_VERSION}`,
      "Use one version of tickforge on both sides.",
    );
  const geometry = geometryOf(memory, words, (what) => wrong("E_BUS_REGION", `the control block is damaged: ${what}`, hint));
  if (geometry.total > memory.byteLength)
    throw wrong("E_BUS_MEMORY", `the memory has ${memory.byteLength} bytes, the ring ${geometry.total}`, hint);
  const other = expected && difference(geometry.topic, expected);
  if (other) throw wrong("E_BUS_LAYOUT", other, "Declare the topic once and import it on both sides.");
  return new Region<C>(memory, geometry);
}
