/** A venue live: its connections, its rows in order and each once, what is missing filled from REST, and what goes wrong told. */
import { Random } from "../../market/random.js";
import { LiveBooks } from "../books/live_books.js";
import { FrameParser } from "../kit/frame_parser.js";
import type { FeedState } from "../kit/rows.js";
import type { Channel, Link, Notice, Venue, Wanted } from "../kit/venue.js";
import { Account } from "./account.js";
import { Budget } from "./budget.js";
import { Clock } from "./clock.js";
import type { FeedTopics } from "./feed_topics.js";
import { Inbox } from "./inbox.js";
import { Keeper } from "./keeper.js";
import type { Line } from "./line.js";
import { agentFor } from "./proxy.js";
import { Repeats } from "./repeats.js";
import { RestReader } from "./rest_reader.js";
import { Sorter } from "./sorter.js";
import { StatusOut, type Told } from "./status_out.js";
import { type Timing, usualTiming } from "./timing.js";

export interface FeedOptions {
  readonly venue: Venue;
  /** As the venue's messages spell them, and the id of each in the topics. */
  readonly symbols: readonly string[];
  readonly instruments: readonly number[];
  /** A channel is subscribed where it has a topic. */
  readonly topics: FeedTopics;
  /** In place of the venue's own addresses: `ws:` or `wss:`, `http:` or `https:`. */
  readonly url?: string | undefined;
  readonly rest?: string | undefined;
  /** Id of the last trade of each symbol that is known, NaN where none is: kept up to date. */
  readonly last?: Float64Array | undefined;
  /** Of symbols without a last id, the last that is known, where more were given behind it: told as a gap without an end. NaN for all others. */
  readonly unsure?: Float64Array | undefined;
  readonly timing?: Partial<Timing> | undefined;
  /** Of waits and their jitter. */
  readonly seed?: number | undefined;
  readonly backend?: "native" | "reference" | undefined;
  log(message: string): void;
}

const lookMs = 100;
/** Until a topic that was full is tried again. */
const fullMs = 2;
const mostProbed = 50;
/** A hole that is open for longer is told before it is closed. */
const toldAfterMs = 1000;

export class LiveFeed {
  private readonly keepers: Keeper[];
  private readonly inbox: Inbox;
  private readonly account = new Account();
  private readonly status: StatusOut;
  private readonly clock = new Clock();
  private readonly repeats = new Repeats();
  private readonly sorter: Sorter;
  /** Where depth is wanted. */
  private readonly books: LiveBooks | undefined;
  private readonly rest: RestReader;
  private readonly timing: Timing;
  private readonly timer: NodeJS.Timeout;
  /** Instruments with a hole that was told. */
  private readonly told = new Set<number>();
  private accountAt = performance.now();
  private connections = 0;
  private requests = 1;
  private paused = false;
  private again: NodeJS.Timeout | undefined;
  private closed = false;
  private refusedSince = 0;

  constructor(private readonly options: FeedOptions) {
    const { venue, symbols, topics, url, seed = Date.now() % 2 ** 32, timing, backend } = options;
    this.timing = { ...usualTiming, ...timing };
    const random = Random.fromSeed(seed, process.pid);
    const uniform = () => random.uniform();
    this.status = new StatusOut(topics.feed_status);
    const last = options.last ?? new Float64Array(symbols.length).fill(NaN);
    const parsing = backend === undefined ? {} : { backend };
    this.books = topics.depth || topics.book || topics.book_changes ? this.keepBooks(options, uniform) : undefined;
    const sink = {
      want: (instrument: number) => this.rest.want(instrument),
      filled: this.filled.bind(this),
      left: (what: string, instrument: number, id: number) => {
        this.account.add(`${what} trades`, symbols[instrument]);
        if (what === "duplicate") this.repeats.add(instrument, id);
      },
    };
    this.sorter = new Sorter(venue, options.instruments, topics, last, sink, this.books);
    const restParser = new FrameParser(venue, symbols, { ...parsing, rules: venue.rest.rules });
    this.rest = new RestReader(venue, options.rest ?? venue.rest.url, this.timing, uniform, symbols, restParser, this.sorter, this.clock, {
      failed: (what, example) => this.account.add(what, example),
      shown: () => this.show(),
    });
    const budget = new Budget(venue.limits.connections, 1000 * venue.limits.connectionSeconds);
    const channels = (["trades", "quotes", "depth"] as const).filter((channel) => (channel === "depth" ? this.books : topics[channel]));
    const wanted = symbols.flatMap((symbol): Wanted[] => channels.map((channel) => ({ channel, symbol })));
    const links = venue.links(wanted, url);
    // A proxy that cannot be one is an error now, not at each attempt.
    for (const address of [options.rest ?? venue.rest.url, ...links.map((link) => link.url)]) agentFor(address);
    const number = () => ++this.connections;
    this.keepers = links.map(
      (link) =>
        new Keeper(link, venue, this.timing, budget, uniform, number, {
          frame: (_, line, bytes) => this.inbox.push(line, bytes),
          connected: (keeper, line, downMs) => {
            this.ofLink(keeper.link, "connected", line, downMs);
            this.probe(keeper.link);
            this.books?.connected(this.depthOf(keeper.link));
          },
          disconnected: (keeper, line, why) => {
            this.account.add(`connections ended: ${why}`, keeper.link.url);
            this.ofLink(keeper.link, "disconnected", line, NaN);
            if (!keeper.lines.some(({ openedAt }) => openedAt > 0)) this.books?.lost(this.depthOf(keeper.link), this.clock.ns());
          },
          stale: (keeper, line, ms) => this.ofLink(keeper.link, "stale", line, ms),
        }),
    );
    // One for all connections: a parser has two megabytes, and venues take a hundred streams a connection.
    this.inbox = new Inbox(venue, new FrameParser(venue, symbols, parsing), this.sorter, this.account, this.clock, {
      notice: (notice, line) => this.notice(notice, line),
      done: () => this.show(),
    });
    for (const [instrument, id] of (options.unsure ?? []).entries())
      if (!Number.isNaN(id)) this.tell("gap", instrument, "trades", { from: id + 1 });
    this.books?.begin(this.clock.ns());
    for (const keeper of this.keepers) keeper.start();
    this.timer = setInterval(() => this.look(), Math.min(lookMs, (this.timing.staleMs ?? Infinity) / 4));
  }

  /** Of the venue's clock, connections and what was left out so far. */
  stats() {
    return {
      ...{ connections: this.connections, requests: this.rest.requests, skew: this.clock.skew(), given: this.sorter.given() },
      ...{ left: this.account.totals(), status: Object.fromEntries(this.status.counts), waiting: this.sorter.waiting },
    };
  }
  /** Given to all topics so far, those of `feed_status` too. */
  get rows(): number {
    const { trades, quotes, depth } = this.sorter.given();
    let told = 0;
    for (const count of this.status.counts.values()) told += count;
    return trades + quotes + depth + told + (this.books?.given ?? 0);
  }
  /** Trades that did not come and cannot be had any more. */
  lost = 0;
  /** Rows wait for room in a topic. */
  get full(): boolean {
    return this.sorter.full;
  }
  get connected(): boolean {
    return this.keepers.every(({ lines }) => lines.some(({ openedAt }) => openedAt > 0));
  }
  /** Why rows do not come now; undefined where they do. */
  waits(): string | undefined {
    if (this.connected) return this.paused ? "" : undefined;
    return `${this.options.venue.name}: not connected`;
  }

  private keepBooks({ venue, symbols, instruments, topics, backend }: FeedOptions, uniform: () => number): LiveBooks {
    const { settleMs, backoffMs, mostBackoffMs, steadyMs, restMs } = this.timing;
    return new LiveBooks({
      ...{ venue, symbols, instruments, book: topics.book, changes: topics.book_changes, backend, steadyMs, bringMs: restMs },
      waitMs: (attempts) =>
        attempts === 0 ? settleMs : Math.min(mostBackoffMs, backoffMs * 2 ** Math.min(30, attempts)) * (0.5 + 0.5 * uniform()),
      ask: (instrument, from) => this.askBook(instrument, from),
      tell: (state, instrument, from, to, count) => this.tell(state, instrument, "depth", { from: Number(from), to: Number(to), count }),
      wrong: (kind, example) => this.account.add(kind, example),
    });
  }
  /** Where nothing is connected its next connection is waited for. */
  private askBook(instrument: number, from: "rest" | "subscription"): void {
    const { venue, symbols } = this.options;
    const wanted: Wanted[] = [{ channel: "depth", symbol: symbols[instrument]! }];
    const keeper = this.keepers.find(({ link }) =>
      link.wanted.some(({ channel, symbol }) => channel === "depth" && symbol === wanted[0]!.symbol),
    );
    const line = keeper?.lines.findLast(({ openedAt }) => openedAt > 0);
    if (!line) return;
    if (from === "rest") this.rest.snapshot(instrument);
    else for (const say of [venue.unsubscribe, venue.subscribe]) for (const text of say(wanted, ++this.requests)) line.say(text);
  }
  private depthOf({ wanted }: Link): number[] {
    return wanted.flatMap(({ channel, symbol }) => (channel === "depth" ? [this.options.symbols.indexOf(symbol)] : []));
  }

  private show(): void {
    this.sorter.show();
    this.status.show();
    const { full } = this.sorter;
    if (full && !this.again) this.again = setTimeout(() => this.tryAgain(), fullMs);
    if (full === this.paused) return;
    this.paused = full;
    for (const { lines } of this.keepers) for (const line of lines) full ? line.pause() : line.resume();
  }
  private tryAgain(): void {
    this.again = undefined;
    if (!this.closed) this.show();
  }
  private look(): void {
    if (this.closed) return;
    const now = performance.now();
    if (!this.paused) for (const keeper of this.keepers) keeper.look(now);
    for (const [instrument, since] of this.sorter.opened()) {
      if (this.told.has(instrument) || Date.now() - since < toldAfterMs) continue;
      const missing = this.sorter.missing(instrument);
      if (!missing) continue;
      this.told.add(instrument);
      this.gap(instrument, missing.first, missing.last);
    }
    this.repeated(now, false);
    this.refused();
    if (now - this.accountAt > this.timing.accountMs) this.tellAccount(now);
    this.show();
  }
  private tellAccount(now: number): void {
    this.accountAt = now;
    const { options, account, clock } = this;
    for (const line of account.lines()) options.log(`${options.venue.name}: ${line}`);
    const { leastMs, medianMs } = clock.skew();
    if (!Number.isNaN(leastMs))
      options.log(
        `${options.venue.name}: rows come ${leastMs.toFixed(1)} ms after their time at least, ${medianMs.toFixed(1)} ms by the median`,
      );
  }
  private repeated(now: number, all: boolean): void {
    for (const [instrument, repeated] of this.repeats.take(now, all)) this.tell("duplicates", instrument, "trades", { ...repeated });
  }
  /** Frames without rows, once a look, so that takers see them too. */
  private refused(): void {
    const { refused } = this.sorter;
    if (refused === this.refusedSince) return;
    const channel = this.keepers[0]?.link.wanted[0]?.channel ?? "trades";
    this.status.tell(
      { instrument: this.options.instruments[0] ?? 0, channel, state: "refused", connection: 0, count: refused - this.refusedSince },
      this.clock.ns(),
    );
    this.refusedSince = refused;
  }

  private notice({ what, text, symbol, lastTrade }: Notice, line: Line): void {
    if (what === "ending") this.keepers.find(({ lines }) => lines.includes(line))?.succeed();
    else if (what === "heartbeat" && symbol !== undefined && lastTrade !== undefined) {
      const instrument = this.options.symbols.indexOf(symbol);
      if (instrument >= 0) this.sorter.expect(instrument, Number(lastTrade));
    } else if (what === "error" || what === "refused") {
      this.account.add(`messages of the venue that something is wrong: ${text ?? ""}`);
      this.ofLink(line.link, "error", line, NaN, symbol);
    }
  }
  /** What was traded while nothing was connected is asked for at once, where that takes few requests; else the next trade shows it. */
  private probe({ wanted }: Link): void {
    const of = wanted.filter(({ channel }) => channel === "trades");
    if (of.length <= mostProbed) for (const { symbol } of of) this.sorter.probe(this.options.symbols.indexOf(symbol));
  }
  private filled(what: "refilled" | "lost" | "disputed", instrument: number, from: number, to: number, count: number): void {
    if (what === "lost") this.lost += count;
    if (what !== "disputed" && !this.told.delete(instrument)) this.gap(instrument, from, to);
    this.tell(what, instrument, "trades", { from, to, count });
  }
  private gap(instrument: number, from: number, to: number): void {
    this.tell("gap", instrument, "trades", { from, to, count: to - from + 1 });
  }
  private tell(state: FeedState, instrument: number, channel: Channel, more: Partial<Told> = {}): void {
    const of = this.options.instruments[instrument]!;
    this.status.tell({ instrument: of, channel, state, connection: this.connections, ...more }, this.clock.ns());
  }
  /** All that comes over a connection; of one symbol where it is named. */
  private ofLink({ wanted }: Link, state: FeedState, { number }: Line, ms: number, only?: string): void {
    const seconds = ms / 1000;
    for (const { channel, symbol } of wanted)
      if (only === undefined || only === symbol)
        this.tell(state, this.options.symbols.indexOf(symbol), channel, { connection: number, seconds });
    if (state !== "error") this.options.log(`${this.options.venue.name}: connection ${number} ${state}`);
    this.status.show();
  }

  /** `finish`: trades that wait for those before them are given, and what did not come is lost; else whoever goes on asks for both. */
  close(finish: boolean): void {
    if (finish) for (const [instrument] of [...this.sorter.opened()]) this.sorter.release(instrument);
    this.repeated(performance.now(), true);
    this.closed = true;
    clearInterval(this.timer);
    clearTimeout(this.again);
    for (const keeper of this.keepers) keeper.stop();
    this.rest.close();
    this.books?.close();
    this.show();
    this.tellAccount(performance.now());
  }
}
