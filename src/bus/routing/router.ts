/**
 * One topic over several buses. Each batch belongs to a key, such as an instrument, and bears the number of the key's batches before
 * it, so that a subscriber hands over the batches of a key in order whichever buses they came by, and each once. The numbers do what a
 * marker on the old bus would do, behind which the new one is read, and more: a key moves at once instead of when the old bus has been
 * read to its end, which one that died never is, and what is sent again over another bus is known as a second copy. What a subscriber
 * pays is a copy of a batch that overtook another, for as long as that takes.
 */
import { needBuses, needObject } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import type { Bus, Columns, Publisher, Topic, Views } from "../bus.js";
import { copyRows, type Layout, layoutOf, rowsOf } from "../frame.js";
import { type Candidate, choose, type Strategy } from "./router_strategies.js";

export const routeColumns = { route_key: { dtype: "u32" }, route_count: { dtype: "f64" }, route_epoch: { dtype: "f64" } } as const;
/** The topic as it lies on each of the buses. */
export const routed = <C extends Columns>(topic: Topic<C>): Topic<C & typeof routeColumns> => ({
  ...topic,
  columns: { ...topic.columns, ...routeColumns },
});

export interface RouterOptions {
  readonly strategy: Strategy;
  /** The bus of `typed` (the table's) and of `hardware` (that of the backend which will compute). */
  readonly home?: string;
  readonly seed?: number;
  /** Batches after which the bus of a key is thought over; 32. */
  readonly stay?: number;
  /** A bus that has taken nothing, or on which nothing was read, for so long while something waits is dead; 250. */
  readonly deadMs?: number;
}
/** Why a key is where it is. */
export interface Decision {
  readonly key: number;
  readonly bus: string;
  readonly strategy: Strategy;
  readonly why: string;
  readonly candidates: readonly Candidate[];
}
/** A bus of a router: what it measured, batches sent over it, and those of them that another has carried again. */
export interface RoutedBus extends Candidate {
  readonly batches: number;
  readonly rescued: number;
}
/** Publishers on Redis know how many of their batches wait, wherever the subscribers are, and which. */
type Telling = { readonly waiting?: number; unread?(): Iterable<{ columns: Views<Columns>; timeNs: bigint }> };

const LOOK_MS = 1;
/** What waits on a bus that died does not wait for the next batch to be published. */
const TURN_MS = 20;
const DEAD_MS = 250;
const PROBE_MS = 1000;
/** Of the newest sample in a mean. */
const WEIGHT = 0.1;

class Side<C extends Columns> implements Candidate {
  delayMs = 0;
  rowsPerSecond = 0;
  waiting = 0;
  dead = false;
  batches = 0;
  read = 0;
  diedAt = 0;
  /** Batches that have gone over another bus as well: so many, and all that were not read up to this one. */
  rescued = 0;
  private rescuedTo = 0;
  private readonly sent: { batch: number; rows: number; at: number }[] = [];
  private lastRead = performance.now();

  constructor(
    readonly name: string,
    readonly bus: Bus,
    readonly publisher: Publisher<C & typeof routeColumns> & Telling,
  ) {}

  note(rows: number, now: number): void {
    if (this.sent.length === 0) this.lastRead = now;
    this.sent.push({ batch: ++this.batches, rows, at: now });
    this.waiting++;
  }

  /** Delays of what was read since the last look; a bus on which nothing moves grows slower and is dead in the end. */
  look(now: number, deadMs: number): void {
    const { publisher, bus } = this;
    this.waiting = publisher.waiting ?? Math.max(0, ...bus.stats(publisher.topic).subscribers.map(({ lag }) => lag));
    const read = this.batches - this.waiting;
    let rows = 0;
    while (this.sent[0] && this.sent[0].batch <= read) {
      const { at, rows: count } = this.sent.shift()!;
      rows += count;
      const took = now - at;
      // A peak counts at once and is forgotten slowly.
      this.delayMs = took > this.delayMs ? took : this.delayMs + WEIGHT * (took - this.delayMs);
    }
    if (rows > 0) {
      const rate = (rows / Math.max(now - this.lastRead, 0.05)) * 1000;
      this.rowsPerSecond += (this.rowsPerSecond === 0 ? 1 : WEIGHT) * (rate - this.rowsPerSecond);
      this.lastRead = now;
      this.dead = false;
    }
    const stuck = this.sent[0] ? now - Math.max(this.sent[0].at, this.lastRead) : 0;
    if (stuck > this.delayMs) this.delayMs = stuck;
    if (stuck > deadMs && !this.dead) this.die(now);
  }
  die(now: number): void {
    this.dead = true;
    this.diedAt = now;
  }
  /** Sends what nobody is known to have read over another bus, each batch once; what does not fit there another time. */
  rescue(send: (columns: Views<Columns>, timeNs: bigint) => boolean): void {
    if (this.rescuedTo >= this.batches) return;
    const unread = [...(this.publisher.unread?.() ?? [])];
    let batch = this.batches - unread.length;
    for (const { columns, timeNs } of unread) {
      if (++batch <= this.rescuedTo) continue;
      if (!send(columns, timeNs)) return;
      this.rescuedTo = batch;
      this.rescued++;
    }
  }
}

export class Router<C extends Columns = Columns> {
  /** Keys that were moved from one bus to another. */
  moves = 0;
  private readonly sides: readonly Side<C>[];
  private readonly keys = new Map<number, { side: Side<C>; count: number; since: number; why: string }>();
  private readonly layout: Layout<C>;
  private readonly epoch = performance.timeOrigin + performance.now();
  private readonly random: () => number;
  private readonly timer: NodeJS.Timeout;
  private looked = 0;

  constructor(
    buses: Readonly<Record<string, Bus>>,
    readonly topic: Topic<C>,
    private readonly options: RouterOptions,
  ) {
    needBuses("Router: buses", buses);
    needObject("Router: options", options);
    this.layout = layoutOf(topic);
    const names = Object.keys(buses);
    const { strategy, home } = options;
    if ((strategy === "typed" || strategy === "hardware") && (home === undefined || !names.includes(home)))
      throw new BusError("E_BUS_OPTION", `router: strategy ${strategy} needs home, one of ${names.join(", ")}; it is ${home}`, {
        hint: "Take it from the topology's table, or from the backend's bus.",
        option: "home",
      });
    this.sides = names.map((name) => new Side(name, buses[name]!, buses[name]!.publisher(routed(topic))));
    this.random = seeded(options.seed ?? 1);
    this.timer = setInterval(() => this.look(), TURN_MS);
    this.timer.unref();
  }

  /** Rows that were taken, one batch at most; 0 where no bus that the strategy allows has room. */
  publish(key: number, columns: Views<C>, timeNs?: bigint): number {
    const now = performance.now();
    if (now - this.looked > LOOK_MS) this.look(now);
    let place = this.keys.get(key);
    if (!place) this.keys.set(key, (place = { side: this.sides[0]!, count: 0, since: 0, why: "" }));
    if (place.why === "" || place.side.dead || place.since >= (this.options.stay ?? 32)) this.place(place, this.sides);
    let rows = this.send(place.side, key, place.count, columns, timeNs, now);
    if (rows === 0 && !this.fixed) {
      this.place(
        place,
        this.sides.filter((side) => side !== place.side),
        `${place.side.name} is full; `,
      );
      rows = this.send(place.side, key, place.count, columns, timeNs, now);
    }
    if (rows === 0) return 0;
    place.count++;
    place.since++;
    return rows;
  }
  private get fixed(): boolean {
    return this.options.strategy === "typed" || this.options.strategy === "hardware" || this.sides.length === 1;
  }

  private place(place: { side: Side<C>; since: number; why: string }, among: readonly Side<C>[], because = ""): void {
    const { strategy, home } = this.options;
    const now = performance.now();
    // A dead bus shows that it lives by what waits on it; where nothing does it is tried again now and then.
    const usable = among.filter(({ dead, waiting, diedAt }) => !dead || (waiting === 0 && now - diedAt > PROBE_MS));
    const { name, why } = choose(
      strategy,
      usable.length > 0 ? usable : among,
      this.random,
      home,
      place.why === "" ? undefined : place.side.name,
    );
    const side = this.sides.find((one) => one.name === name)!;
    if (side.dead) side.diedAt = now;
    if (place.why !== "" && side !== place.side) this.moves++;
    Object.assign(place, { side, since: 0, why: because + why });
  }

  private send(side: Side<C>, key: number, count: number, columns: Views<C>, timeNs: bigint | undefined, now: number): number {
    const rows = Math.min(rowsOf(this.layout, columns), this.topic.rows);
    if (rows === 0) return 0;
    try {
      const slot = side.publisher.claim();
      if (!slot) return 0;
      copyRows(this.layout, columns, 0, rows, slot as never);
      const into = slot.columns as Views<typeof routeColumns>;
      into.route_key.fill(key, 0, rows);
      into.route_count.fill(count, 0, rows);
      into.route_epoch.fill(this.epoch, 0, rows);
      side.publisher.commit(rows, timeNs);
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      side.die(now);
      return 0;
    }
    side.note(rows, now);
    return rows;
  }

  private look(now = performance.now()): void {
    this.looked = now;
    for (const side of this.sides) {
      side.look(now, this.options.deadMs ?? DEAD_MS);
      if (side.dead && !this.fixed) this.rescue(side, now);
    }
  }
  /** Under the same numbers: a second copy is known by them. */
  private rescue(from: Side<C>, now: number): void {
    const to = this.sides.find(({ dead }) => !dead);
    if (!to) return;
    from.rescue((columns, timeNs) => {
      const { route_key, route_count, route_epoch: _, ...own } = columns as Views<typeof routeColumns> & Views<Columns>;
      return this.send(to, route_key[0]!, route_count[0]!, own as Views<C>, timeNs, now) > 0;
    });
  }

  explain(key: number): Decision | undefined {
    const place = this.keys.get(key);
    if (!place) return undefined;
    const candidates = this.stats().map(({ batches: _, rescued: __, ...candidate }) => candidate);
    return { key, bus: place.side.name, strategy: this.options.strategy, why: place.why, candidates };
  }

  /** Of each bus. */
  stats(): RoutedBus[] {
    return this.sides.map(({ name, delayMs, rowsPerSecond, waiting, dead, batches, rescued }) => {
      return { name, delayMs, rowsPerSecond, waiting, dead, batches, rescued };
    });
  }

  /** What waits on a bus that has died goes over another first. */
  async close(): Promise<void> {
    const until = performance.now() + 2 * (this.options.deadMs ?? DEAD_MS);
    while (!this.fixed && this.sides.some(({ waiting, publisher }) => waiting > 0 && publisher.unread) && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      this.look();
    }
    clearInterval(this.timer);
    await Promise.allSettled(this.sides.map(async ({ publisher }) => publisher.close()));
  }
}

/** Mulberry32: decisions can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
