/**
 * One subscription for any number of askers. A topic is read once, its rows are dealt to those who ask for their instrument, and
 * who joins late first gets the last rows that are known of it.
 */
import { needMethods, needObject } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import type { Bus, Columns, Symbols, Topic } from "../bus.js";
import { difference } from "../frame.js";
import { HubSubscription } from "./hub_subscription.js";
import { type Follower, type Instrument, type Totals, Upstream } from "./hub_upstream.js";

export interface HubOptions {
  /** The u32 column with the symbols of instruments; `instrument`, or the only u32 column of a topic. */
  readonly column?: string;
  /** Rows that are known of each instrument; 1. */
  readonly keep?: number;
  /** Instruments of a topic that rows are kept of: of more, who was silent longest is forgotten; 65,536. */
  readonly instruments?: number;
  /** A topic that nobody asks for any more is read on for so long, so that its last rows stay known; 0. */
  readonly lingerMs?: number;
}
export interface HubAsk {
  /** By its symbol or id; every instrument of the topic where left out. */
  readonly instrument?: string | number;
  /** First the last rows that are known, as a batch that says so; true. */
  readonly known?: boolean;
}

/** What was saved is what subscriptions of their own would have taken beyond what the hub took; below 0 where nobody asked for what it read. */
export interface HubStats {
  /** Now: topics that are read, askers, instruments whose last rows are known, bytes of memory for them and for the askers. */
  readonly upstreams: number;
  readonly askers: number;
  readonly instruments: number;
  readonly heldBytes: number;
  /** Since the hub began: askers that came, subscriptions opened for them, rows read, bytes of their columns, rows it was too slow for. */
  readonly asked: number;
  readonly opened: number;
  readonly rows: number;
  readonly bytes: number;
  readonly missed: number;
  /** Askers who wanted the last rows first: those who were given some, and those of whose instrument none were known. */
  readonly hits: number;
  readonly misses: number;
  readonly saved: { readonly subscriptions: number; readonly rows: number; readonly bytes: number };
}

/** A topic that is read for somebody who takes every batch where it was read. */
export interface Following<C extends Columns = Columns> {
  readonly symbols: Symbols;
  /** The column of instruments; undefined where the topic is of one. */
  readonly column: string | undefined;
  /** The last rows of all batches until now, by their places in `columns`, oldest first; all of it may be read until the next batch. */
  last(instrument?: Instrument): ReturnType<Upstream<C>["last"]>;
  close(): void;
}

interface Open {
  readonly upstream: Upstream<any>;
  readonly subscriptions: Set<HubSubscription<any>>;
  /** Read whether anybody asks or not. */
  held: boolean;
  timer?: NodeJS.Timeout | undefined;
}

export class Hub {
  private readonly opened = new Map<string, Open>();
  private readonly totals: Totals = {
    asked: 0,
    opened: 0,
    hits: 0,
    misses: 0,
    rows: 0,
    bytes: 0,
    missed: 0,
    wantedRows: 0,
    wantedBytes: 0,
  };
  private closed = false;

  constructor(
    private readonly bus: Pick<Bus, "subscribe">,
    private readonly options: HubOptions = {},
  ) {
    needMethods("Hub: bus", bus, "a bus", "subscribe");
    needObject("Hub: options", options);
    const { keep = 1, instruments = 1, lingerMs = 0 } = options;
    const whole = { keep, instruments };
    for (const [option, value] of Object.entries({ ...whole, lingerMs })) {
      const least = option in whole ? 1 : 0;
      if (value >= least && (least === 0 || Number.isInteger(value))) continue;
      const expected = least === 0 ? "0 or more" : "a whole number from 1";
      const hint = "keep counts rows of an instrument, instruments those of a topic, lingerMs is in milliseconds.";
      throw new BusError("E_BUS_OPTION", `hub: ${option} is ${value}, expected ${expected}`, { option, value, hint });
    }
  }

  subscribe<C extends Columns>(topic: Topic<C>, { instrument, known = true }: HubAsk = {}): HubSubscription<C> {
    const open = this.open(topic);
    if (instrument !== undefined && this.columnOf(topic) === undefined)
      throw this.wrongColumn(topic, "no u32 column tells instruments apart");
    clearTimeout(open.timer);
    const subscription = new HubSubscription<C>(open.upstream, instrument, known, (left) => this.leave(topic.name, left));
    open.subscriptions.add(subscription);
    return subscription;
  }
  /** Reads the topic in the event loop from now on, before and after anybody asks, so that the first asker gets its last rows too. */
  hold<C extends Columns>(topic: Topic<C>): void {
    const open = this.open(topic);
    clearTimeout(open.timer);
    open.held = true;
    void open.upstream.drive();
  }
  /**
   * Reads the topic from now on and hands every batch over where it was read, before anybody asks and without a copy: what
   * `last` answers is what was handed over until then. A topic that ended is gone on with when a publisher opens it again.
   */
  follow<C extends Columns>(topic: Topic<C>, follower: Follower<C>): Following<C> {
    const open = this.open(topic);
    const upstream: Upstream<C> = open.upstream;
    clearTimeout(open.timer);
    upstream.followers.add(follower);
    void upstream.drive();
    return {
      symbols: upstream.source.symbols,
      column: this.columnOf(topic),
      last: (instrument) => upstream.last(instrument),
      close: () => {
        if (upstream.followers.delete(follower) && this.opened.get(topic.name) === open) this.leaveIdle(topic.name, open);
      },
    };
  }
  /** Subscriptions of the topic go on; without any, it is left at once. */
  release(topic: Topic): void {
    const open = this.opened.get(topic.name);
    if (!open) return;
    open.held = false;
    if (this.idle(open)) this.end(topic.name, open);
  }

  stats(): HubStats {
    const { wantedRows, wantedBytes, ...totals } = this.totals;
    const upstreams = [...this.opened.values()].map(({ upstream }) => upstream);
    const sum = (of: (upstream: Upstream) => number) => upstreams.reduce((total, one) => total + of(one), 0);
    return {
      upstreams: upstreams.length,
      askers: sum((one) => one.askers),
      instruments: sum((one) => one.known.instruments),
      heldBytes: sum((one) => one.bytes),
      ...totals,
      saved: { subscriptions: totals.asked - totals.opened, rows: wantedRows - totals.rows, bytes: wantedBytes - totals.bytes },
    };
  }

  /** Ends the subscriptions opened here; the bus stays open. */
  close(): void {
    this.closed = true;
    for (const [name, open] of this.opened) {
      for (const subscription of [...open.subscriptions]) subscription.close();
      this.end(name, open);
    }
  }

  private open<C extends Columns>(topic: Topic<C>): Open {
    const where = `topic '${topic.name}'`;
    if (this.closed) throw new BusError("E_BUS_CLOSED", `${where}: the hub is closed`, { hint: "Make another hub." });
    const there = this.opened.get(topic.name);
    const other = there && difference(there.upstream.topic, topic);
    if (other) throw new BusError("E_BUS_LAYOUT", `${where}: ${other}`, { hint: "Declare the topic once and import it everywhere." });
    if (there) return there;
    const { keep = 1, instruments = 65_536 } = this.options;
    if (keep > topic.rows) {
      const hint = "What is known of an instrument comes in one batch.";
      throw new BusError("E_BUS_OPTION", `hub: keep is ${keep}, expected at most the ${topic.rows} rows of a slot of ${where}`, { hint });
    }
    const column = this.columnOf(topic);
    const upstream = new Upstream(this.bus.subscribe(topic), { column, keep, instruments }, this.totals);
    const open: Open = { upstream, subscriptions: new Set(), held: false };
    this.opened.set(topic.name, open);
    return open;
  }

  private columnOf(topic: Topic): string | undefined {
    const { column } = this.options;
    const symbols = Object.keys(topic.columns).filter(
      (name) => topic.columns[name]!.dtype === "u32" && (topic.columns[name]!.width ?? 1) === 1,
    );
    if (column === undefined) return symbols.length === 1 ? symbols[0] : symbols.find((name) => name === "instrument");
    if (symbols.includes(column)) return column;
    throw this.wrongColumn(topic, `'${column}' is no u32 column of one value a row`);
  }
  private wrongColumn(topic: Topic, what: string): BusError {
    const hint = "Name the column with new Hub(bus, { column }), or leave the instrument out to get every row.";
    return new BusError("E_BUS_OPTION", `topic '${topic.name}': ${what}; it has ${Object.keys(topic.columns).join(", ")}`, {
      option: "column",
      hint,
    });
  }

  private leave(name: string, subscription: HubSubscription<any>): void {
    const open = this.opened.get(name)!;
    const { upstream } = open;
    open.subscriptions.delete(subscription);
    upstream.leave(subscription.instrument);
    this.leaveIdle(name, open);
  }
  private idle({ upstream, held }: Open): boolean {
    return upstream.askers === 0 && upstream.followers.size === 0 && !held;
  }
  private leaveIdle(name: string, open: Open): void {
    const { upstream } = open;
    if (!this.idle(open) || this.closed) return;
    const { lingerMs = 0 } = this.options;
    if (lingerMs === 0) this.end(name, open);
    else {
      void upstream.drive();
      if (lingerMs < Number.POSITIVE_INFINITY) open.timer = setTimeout(() => this.end(name, open), lingerMs).unref();
    }
  }
  private end(name: string, open: Open): void {
    clearTimeout(open.timer);
    this.opened.delete(name);
    open.upstream.close();
  }
}
