/** The memory of an exploration: the ring as the code sees it, with every access to it a step that can be held back. */
import type { Topic } from "../../../src/bus/bus.js";
import { FRAME_MAGIC, FRAME_VERSION, layoutOf, word } from "../../../src/bus/frame.js";
import type { Peers } from "../../../src/bus/ring/peers.js";
import { createRegion, cursor, openRegion, type Region, type RegionOptions } from "../../../src/bus/ring/region.js";

/** What an actor has between two operations: a publisher or subscription, and what it remembers. */
export interface Self {
  object: any;
  notes: number[];
}
const PAUSE = Symbol("pause");
export interface Access {
  readonly plain: boolean;
  readonly write: boolean;
  readonly place: number;
}
/** Values by the order in which places were first touched; shorter where some have their first value still. */
export interface Memory {
  readonly values: number[];
  hash: number;
}

/** Spreads two whole numbers over 53 bits; sums of it do not depend on the order. */
export function mix(a: number, b: number): number {
  let low = Math.imul(a ^ Math.imul(b, 0x85eb_ca6b), 0x9e37_79b1);
  low = Math.imul(low ^ (low >>> 15), 0x2c1b_3c6d);
  let high = Math.imul(b ^ Math.imul(a, 0xc2b2_ae35), 0x27d4_eb2f);
  high = Math.imul(high ^ (high >>> 13), 0x1656_67b1);
  return ((low ^ (low >>> 16)) >>> 0) * 2 ** 20 + ((high ^ (high >>> 15)) & (2 ** 20 - 1));
}
export const wrap = (hash: number) => ((hash % 2 ** 52) + 2 ** 52) % 2 ** 52;

/** Words of a frame that take part: the others say the same in every frame. */
const parts = [word.rows, word.producer, word.sequence];
/** What those others say: as of a frame that was written, for one that was not is never looked at. */
const same = new Map<number, (topic: Topic) => number>([
  [word.magic, () => FRAME_MAGIC],
  [word.version, () => FRAME_VERSION],
  [word.schema, (topic) => layoutOf(topic).schema],
  [word.capacity, (topic) => topic.rows],
  [word.epoch, () => 1],
]);
const SEATS = 64;
/** Runs when all actors have ended. */
export const NOBODY = -1;

export class World {
  memory: Memory = { values: [], hash: 0 };
  /** By place: its position among the values, -1 before it was touched; and what it held at first. */
  private readonly positions: Int32Array;
  private readonly first: Float64Array;
  private readonly firsts: number[] = [];
  readonly region: Region<any>;
  readonly peers: Peers;
  private readonly control: number;
  private readonly width: number;
  /** Places that only wake or show life: always 0, and no step. */
  private readonly ignored = new Set<number>();
  private readonly views = new WeakMap<object, (index: number) => number>();
  private log: number[] = [];
  private at = 0;
  private budget = 0;
  private paused = false;
  /** Who runs, and by place who touched it and who wrote to it, as bits. */
  actor = 0;
  private readonly users: Int32Array;
  private readonly writers: Int32Array;
  private readonly contested: Uint8Array;
  /** A place turned out to be contested that was taken for somebody's own: what was found so far does not count. */
  surprised = false;
  next: Access | undefined;

  constructor(scenario: { topic: Topic<any>; options?: RegionOptions }) {
    const options = { subscribers: 2, dictionaryBytes: 64, ...scenario.options };
    const made = createRegion(scenario.topic, { ...options, allocate: (bytes) => new ArrayBuffer(bytes) });
    this.region = openRegion(made.memory);
    const { words, frames } = this.region;
    this.control = words.length;
    this.width = parts.length + scenario.topic.rows;
    this.first = new Float64Array(this.control + SEATS + frames.slots.length * this.width);
    this.first.set(words);
    this.positions = new Int32Array(this.first.length).fill(-1);
    this.users = new Int32Array(this.first.length);
    this.writers = new Int32Array(this.first.length);
    this.contested = new Uint8Array(this.first.length);
    this.instrument();
    this.peers = {
      enter: (seat) =>
        this.access(
          this.control + seat,
          false,
          true,
          true,
          (v) => (v === 0 ? 1 : v),
          (v) => (v === 0 ? 1 : 0),
        ) === 1,
      leave: (seat) => void this.access(this.control + seat, false, true, true, () => 0),
      alive: (seat) => this.access(this.control + seat, false, false, true) === 1,
    };
  }

  private frameAt = (slot: number, part: number) => this.control + SEATS + slot * this.width + part;

  private instrument(): void {
    const { region } = this;
    const { at, cursors } = region;
    for (const flag of [at.dataFlag, at.spaceFlag, at.dataSignal, at.spaceSignal]) this.ignored.add(flag);
    for (const line of cursors) this.ignored.add(line + cursor.heartbeat);
    const inner = region.frames as any;
    const step = inner.step as number;
    const partOf = (index: number) => {
      const part = parts.indexOf((index % step) as 4);
      return part < 0 ? -1 : this.frameAt(Math.floor(index / step), part);
    };
    const constants = Array.from({ length: step }, (_, index) => same.get(index)?.(region.topic) ?? 0);
    inner.words = this.view(partOf, (index) => constants[index % step]!);
    inner.reals = this.view((index) => partOf(2 * index));
    inner.times = {};
    inner.slots = inner.slots.map(({ index }: { index: number }) => {
      const [name] = Object.keys(region.topic.columns);
      const column = this.view((row) => this.frameAt(index, parts.length + row));
      return {
        index,
        rows: 0,
        columns: { [name!]: column },
        bytes: { index, set: (from: { index: number }) => this.copy(from.index, index) },
      };
    });
    (region as any).reals = new Float64Array(region.reals.length);
  }
  private view(placeOf: (index: number) => number, otherwise: (index: number) => number = () => 0): any {
    const traps: ProxyHandler<object> = {
      get: (_, key) => {
        const place = placeOf(Number(key));
        return place < 0 ? otherwise(Number(key)) : this.plain(place);
      },
      set: (_, key, value) => {
        this.plain(placeOf(Number(key)), value);
        return true;
      },
    };
    const made = new Proxy({}, traps);
    this.views.set(made, placeOf);
    return made;
  }
  private plain(place: number, value?: number): number {
    if (place < 0) return 0;
    return this.access(place, true, value !== undefined, false, value === undefined ? undefined : () => value);
  }
  private copy(from: number, to: number): void {
    for (let part = 0; part < this.width; part++) this.plain(this.frameAt(to, part), this.plain(this.frameAt(from, part)));
  }

  private access(
    place: number,
    plain: boolean,
    write: boolean,
    quiet: boolean,
    change?: (value: number) => number,
    answer: (value: number) => number = (value) => value,
  ): number {
    if (this.paused || this.ignored.has(place)) return 0;
    if (this.at < this.log.length) return this.log[this.at++]!;
    if (!quiet && this.isStep(place, write)) {
      if (this.budget === 0) {
        this.next = { plain, write, place };
        this.paused = true;
        throw PAUSE;
      }
      this.budget--;
    }
    const position = this.positionOf(place);
    const before = this.memory.values[position]!;
    if (change) this.put(position, before, change(before));
    this.log.push(answer(before));
    this.at++;
    return answer(before);
  }

  valueOf(place: number, { values }: Memory): number {
    return values[this.positions[place]!] ?? this.first[place]!;
  }
  nameOf(place: number): string {
    if (place >= this.control + SEATS) {
      const part = place - this.control - SEATS;
      return `frame ${Math.floor(part / this.width)} part ${part % this.width}`;
    }
    if (place >= this.control) return `seat ${place - this.control}`;
    const { at, cursors, topic, frames } = this.region;
    const named = Object.entries(at).find(([, word]) => word === place);
    if (named) return named[0];
    const line = cursors.findIndex((first) => place >= first && place < first + 8);
    if (line >= 0) return `cursor ${line} word ${place - cursors[line]!}`;
    const entry = place - this.region.placeOf(0);
    if (entry < topic.slots) return `place ${entry}`;
    const slot = entry - topic.slots;
    return slot < frames.slots.length ? `growth of ${slot}` : `writers of ${slot - frames.slots.length}`;
  }
  private isStep(place: number, write: boolean): boolean {
    if (this.actor === NOBODY) return false;
    this.users[place]! |= 1 << this.actor;
    if (write) this.writers[place]! |= 1 << this.actor;
    const users = this.users[place]!;
    if (this.contested[place] === 0 && this.writers[place] !== 0 && (users & (users - 1)) !== 0) {
      this.contested[place] = 1;
      this.surprised = true;
    }
    return this.contested[place] === 1;
  }
  private positionOf(place: number): number {
    if (this.positions[place]! < 0) this.positions[place] = this.firsts.push(this.first[place]!) - 1;
    const { values } = this.memory;
    while (values.length < this.firsts.length) values.push(this.firsts[values.length]!);
    return this.positions[place]!;
  }
  private put(position: number, before: number, after: number): void {
    this.memory.values[position] = after;
    const first = this.firsts[position]!;
    // Relative to the first value, so that a place counts alike before and after it was first touched.
    const weight = (value: number) => (value === first ? 0 : mix(position + 1, value | 0));
    this.memory.hash = wrap(this.memory.hash + weight(after) - weight(before));
  }

  /** Stands in for Atomics while the code runs. */
  readonly atomics = (() => {
    const placeOf = (view: object, index: number) => this.views.get(view)?.(index) ?? index;
    const change = (by: (old: number, value: number) => number) => (view: object, index: number, value: number) =>
      this.access(placeOf(view, index), false, true, false, (old) => by(old, value));
    return {
      load: (view: object, index: number) => this.access(placeOf(view, index), false, false, false),
      store: change((_, value) => value),
      add: change((old, value) => (old + value) | 0),
      or: change((old, value) => old | value),
      exchange: change((_, value) => value),
      compareExchange: (view: object, index: number, expected: number, value: number) =>
        this.access(placeOf(view, index), false, true, false, (old) => (old === expected ? value : old)),
    };
  })();

  /** Runs an operation until it would make more than `budget` accesses; whether it ended. */
  run(act: (self: Self) => void, self: Self, log: number[], budget: number): boolean {
    Object.assign(this, { log, at: 0, budget, paused: false, next: undefined });
    try {
      act(self);
      return true;
    } catch (error) {
      if (error !== PAUSE) throw error;
      return false;
    }
  }
}
