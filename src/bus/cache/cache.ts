/** A W-TinyLFU cache bounded in bytes, which computes an equal key once at a time. */
import { needFunction, needNumber, needObject, needText } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import { said } from "../../core/contract/given.js";
import { Chain, Link } from "./chain.js";
import { Frequency, hashOf } from "./frequency.js";

export interface CacheOptions<V> {
  /** Bound of everything kept: what `bytesOf` says of the values, the keys, and about what an entry costs besides. */
  readonly bytes: number;
  /** An entry is not given out any more so long after it was stored; for ever by default. */
  readonly ttlMs?: number;
  /** Bytes of the arrays, strings and numbers in a value by default. */
  readonly bytesOf?: (value: V) => number;
  readonly nowMs?: () => number;
}

/** Every lookup is a hit, a miss, or shared: an equal one was being computed already. */
export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly shared: number;
  /** Entries that made room for others; those of which the time was over; values too large to be kept. */
  readonly evictions: number;
  readonly expirations: number;
  readonly refused: number;
  readonly entries: number;
  readonly bytes: number;
}

/** What an entry takes besides key and value: itself, its two links, its place in the map. */
export const ENTRY_BYTES = 256;
/** Shares of the paper: window 1 % of all, protected 80 % of the rest. */
const WINDOW = 0.01;
const PROTECTED = 0.8;

class Segment<V> {
  readonly chain = new Chain<Entry<V>>();
  bytes = 0;
}
class Entry<V> {
  readonly place = new Link<Entry<V>>(this);
  readonly age = new Link<Entry<V>>(this);
  segment: Segment<V> | undefined;
  constructor(
    readonly key: string,
    readonly hash: number,
    readonly value: V,
    readonly bytes: number,
    readonly untilMs: number,
  ) {}
}
type Flight<V> = { promise: Promise<V> };

/**
 * Results of equal calls, kept by frequency and recency: W-TinyLFU (Einziger, Friedman & Manes 2017, section 4), for
 * entries of different sizes with aggregated victims (Einziger, Eytan, Friedman & Manes 2022, Lightweight Robust Size Aware
 * Cache Management, ACM Transactions on Storage 18(3)). New entries pass a small window; from there one gets in if it was
 * asked for more often than all those together that would have to go for it. Values are given out as they are: do not write into them.
 */
export class Cache<V> {
  private readonly entries = new Map<string, Entry<V>>();
  private readonly flights = new Map<string, Flight<V>>();
  private readonly window = new Segment<V>();
  private readonly probation = new Segment<V>();
  private readonly kept = new Segment<V>();
  /** In order of storing, which is that of expiry. */
  private readonly ages = new Chain<Entry<V>>();
  private readonly frequency = new Frequency();
  private readonly windowBytes: number;
  private readonly mainBytes: number;
  private readonly keptBytes: number;
  private readonly ttlMs: number;
  private readonly bytesOf: (value: V) => number;
  private readonly nowMs: () => number;
  private hits = 0;
  private misses = 0;
  private shared = 0;
  private evictions = 0;
  private expirations = 0;
  private refused = 0;

  constructor(options: CacheOptions<V>) {
    needObject("Cache: options", options);
    const { bytes, ttlMs = Number.POSITIVE_INFINITY, bytesOf = sizeOf, nowMs = () => performance.now() } = options;
    needFunction("Cache: bytesOf", bytesOf);
    needFunction("Cache: nowMs", nowMs);
    for (const [option, value] of Object.entries({ bytes, ttlMs }))
      if (typeof value !== "number" || !(value > 0)) {
        const hint = "Bytes bound the memory, ttlMs the age of a result.";
        throw new BusError("E_BUS_OPTION", `cache: ${option} is ${said(value)}, expected a number above 0`, { option, value, hint });
      }
    this.windowBytes = Math.floor(bytes * WINDOW);
    this.mainBytes = Math.floor(bytes) - this.windowBytes;
    this.keptBytes = Math.floor(this.mainBytes * PROTECTED);
    this.ttlMs = ttlMs;
    this.bytesOf = bytesOf;
    this.nowMs = nowMs;
  }

  get(key: string): V | undefined {
    const entry = this.find(key);
    if (entry) return entry.value;
    this.missed(key);
    this.misses++;
    return undefined;
  }

  /** The value kept, or computed now and kept. */
  call(key: string, compute: () => V): V {
    needFunction("Cache: compute", compute);
    const entry = this.find(key);
    if (entry) return entry.value;
    this.missed(key);
    this.misses++;
    const value = compute();
    this.set(key, value);
    return value;
  }

  /** The same for a promise: equal calls that come while it is pending share it, and its failure, which is not kept. */
  async share(key: string, compute: () => V | Promise<V>): Promise<V> {
    needFunction("Cache: compute", compute);
    const entry = this.find(key);
    if (entry) return entry.value;
    this.missed(key);
    const pending = this.flights.get(key);
    if (pending) {
      this.shared++;
      return pending.promise;
    }
    this.misses++;
    const flight: Flight<V> = { promise: Promise.resolve().then(compute) };
    this.flights.set(key, flight);
    try {
      const value = await flight.promise;
      // Set or deleted meanwhile: this result is the older one.
      if (this.flights.get(key) === flight) this.set(key, value);
      return value;
    } finally {
      if (this.flights.get(key) === flight) this.flights.delete(key);
    }
  }

  /** False where the value is too large for this cache. An entry counts as asked for when it is looked up, not when it is set. */
  set(key: string, value: V, bytes = this.bytesOf(value)): boolean {
    if (typeof bytes !== "number") needNumber("Cache: bytes of the value", bytes); // NaN is too large to be kept
    this.delete(key);
    this.expire();
    const size = bytes + 2 * key.length + ENTRY_BYTES;
    if (!(size <= this.mainBytes)) {
      this.refused++;
      return false;
    }
    const untilMs = this.ttlMs === Number.POSITIVE_INFINITY ? this.ttlMs : this.nowMs() + this.ttlMs;
    const entry = new Entry(key, hashOf(key), value, size, untilMs);
    this.entries.set(key, entry);
    this.frequency.hold(this.entries.size);
    this.ages.push(entry.age);
    this.move(entry, this.window);
    while (this.window.bytes > this.windowBytes) this.admit(this.window.chain.oldest!);
    return true;
  }

  /** Forgets the key; a computation under way will not be kept. */
  delete(key: string): boolean {
    needText("Cache: key", key);
    this.flights.delete(key);
    const entry = this.entries.get(key);
    if (entry) this.remove(entry);
    return entry !== undefined;
  }

  clear(): void {
    this.flights.clear();
    for (const entry of this.entries.values()) this.remove(entry);
  }

  stats(): CacheStats {
    this.expire();
    const { hits, misses, shared, evictions, expirations, refused } = this;
    const bytes = this.window.bytes + this.probation.bytes + this.kept.bytes;
    return { hits, misses, shared, evictions, expirations, refused, entries: this.entries.size, bytes };
  }

  /** The living entry of a key, noted as asked for. */
  private find(key: string): Entry<V> | undefined {
    needText("Cache: key", key);
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    if (entry.untilMs !== Number.POSITIVE_INFINITY && this.nowMs() >= entry.untilMs) {
      this.expirations++;
      this.remove(entry);
      return undefined;
    }
    this.hits++;
    this.frequency.note(entry.hash);
    this.move(entry, entry.segment === this.window ? this.window : this.kept);
    while (this.kept.bytes > this.keptBytes) this.move(this.kept.chain.oldest!, this.probation);
    return entry;
  }
  private missed(key: string): void {
    this.frequency.note(hashOf(key));
  }

  /** Takes the candidate from the window into the rest, or drops it. */
  private admit(candidate: Entry<V>): void {
    const { probation, kept } = this;
    let excess = probation.bytes + kept.bytes + candidate.bytes - this.mainBytes;
    if (excess > 0) {
      const victims: Entry<V>[] = [];
      let left = this.frequency.of(candidate.hash);
      for (const segment of [probation, kept])
        for (const victim of segment.chain) {
          if (excess <= 0 || left <= 0) break;
          victims.push(victim);
          excess -= victim.bytes;
          left -= this.frequency.of(victim.hash);
        }
      if (excess > 0 || left <= 0) {
        this.evict(candidate);
        return;
      }
      for (const victim of victims) this.evict(victim);
    }
    this.move(candidate, probation);
  }
  private evict(entry: Entry<V>): void {
    this.evictions++;
    this.remove(entry);
  }

  private expire(): void {
    if (this.ttlMs === Number.POSITIVE_INFINITY) return;
    const now = this.nowMs();
    for (let entry = this.ages.oldest; entry && entry.untilMs <= now; entry = this.ages.oldest) {
      this.expirations++;
      this.remove(entry);
    }
  }

  private move(entry: Entry<V>, to: Segment<V>): void {
    if (entry.segment) entry.segment.bytes -= entry.bytes;
    to.bytes += entry.bytes;
    entry.segment = to;
    to.chain.push(entry.place);
  }
  private remove(entry: Entry<V>): void {
    entry.segment!.bytes -= entry.bytes;
    entry.segment = undefined;
    entry.place.unhook();
    entry.age.unhook();
    this.entries.delete(entry.key);
  }
}

/** Bytes of the arrays, strings and numbers that a plain value holds. */
export function sizeOf(value: unknown): number {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  if (typeof value === "string") return 2 * value.length;
  if (typeof value !== "object" || value === null) return 8;
  return Object.values(value).reduce<number>((sum, part) => sum + 8 + sizeOf(part), 0);
}
