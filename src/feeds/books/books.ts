/** Order books of a venue's instruments from its rows of depth: snapshot and changes by the venue's rule; a broken book is built anew alone. */
import type { Views } from "../../bus/bus.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { type FeedColumns, type LiveColumns, rowKinds } from "../kit/rows.js";
import type { Venue } from "../kit/venue.js";
import { BookChanges, type BookEvent, type Digits } from "./book_changes.js";
import { type DepthOrder, missing, snapshotFrom, type Updates, verdictOf } from "./book_order.js";
import type { BookFault, FaultKind } from "./faults.js";
import { type Head, HeldMessages, type Levels } from "./held_messages.js";
import { MessageRows } from "./message_rows.js";

export type DepthRows = Views<LiveColumns["depth"]>;

export interface BooksOptions {
  readonly venue: string;
  readonly order: DepthOrder;
  /** Instrument ids are places among these. */
  readonly symbols: readonly string[];
  /** Levels held of each side; with checksums: the depth that was subscribed. Default 1000. */
  readonly depth?: number;
  /** Levels of each side that events show. Default 10. */
  readonly levels?: number;
  /** Rows of messages kept of each book while it waits for a snapshot. Default 4096. */
  readonly holdRows?: number;
  /** Decimals of the texts of an instrument's prices and sizes, where the venue tells them: else the most that came. For checksums. */
  readonly digits?: ((instrument: number) => Digits | undefined) | undefined;
  readonly backend?: string | undefined;
}

/** Options for books of a venue: its rule, and the depth that is subscribed. */
export const venueBooks = ({ name, order }: Pick<Venue, "name" | "order">, symbols: readonly string[]): BooksOptions => ({
  ...{ venue: name, order: order.depth, symbols },
  ...(order.levels !== undefined && { depth: order.levels }),
});

export interface BookSink {
  /** Changes that are in a book now, and the book after each message; of one that broke the book only what was told before it was seen. */
  event(event: BookEvent): void;
  fault(fault: BookFault): void;
  /** A book needs a snapshot: its REST answer, or a new subscription; the rows of either go to `take`. Once, until one came. */
  want(instrument: number, from: "rest" | "subscription"): void;
}

export interface BookStatus {
  /** `live` between the snapshot and what breaks it. */
  readonly phase: "waiting" | "live";
  /** All updates up to this are in the book; -1 where the venue gives no ids. */
  readonly last: bigint;
  readonly messages: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** Messages whose checksum was met, and those with a size that a double does not hold to its last digit. */
  readonly met: number;
  readonly unchecked: number;
  /** Rows that take away a level which is not there. */
  readonly absent: number;
}

interface Book {
  phase: "waiting" | "live";
  last: bigint;
  joined: boolean;
  /** A snapshot was asked for and did not come yet. */
  asked: boolean;
  messages: number;
  readonly faults: Partial<Record<FaultKind, number>>;
  readonly held: HeldMessages;
}

const summedLevels = 10;
/** Of a book that nobody knows. */
const unknownAt = (time: bigint): Head => ({
  ...{ first: -1n, id: -1n, previous: -1n, time, received: time, snapshot: false, checksum: undefined },
});

export class Books {
  private readonly books: readonly Book[];
  private readonly changes: BookChanges;
  private readonly messages: MessageRows;

  /** Throws E_OPTIONS, and what the kernel `book` throws for options that it does not take. */
  constructor(
    private readonly options: BooksOptions,
    private readonly sink: BookSink,
  ) {
    const { symbols, order, depth = 1000, levels = summedLevels, holdRows = 4096, digits, backend } = options;
    if (order === "checksum" && levels < summedLevels)
      throw new TickforgeError("E_OPTIONS", `books of ${options.venue}: levels is ${levels}, the checksum is over ${summedLevels}`, {
        option: "levels",
        hint: `give levels: ${summedLevels} or more`,
      });
    const instruments = symbols.length;
    this.changes = new BookChanges({ order, instruments, depth, levels, digits, backend }, (event) => sink.event(event));
    this.books = symbols.map(() => ({
      ...{ phase: "waiting", last: -1n, joined: false, asked: false, messages: 0, faults: {} },
      held: new HeldMessages(holdRows),
    }));
    this.messages = new MessageRows(
      (instrument, head, levels, from, to) => this.message(instrument, head, levels, from, to),
      (instrument, head) => this.broken(instrument, "torn", head, "rows of a message are missing"),
    );
  }

  /** Bytes of all levels. */
  get stateBytes(): number {
    return this.changes.stateBytes;
  }

  lives(instrument: number): boolean {
    return this.books[instrument]!.phase === "live";
  }
  /** Whether a message is part of its book already, or older. */
  has(instrument: number, updates: Updates): boolean {
    const { phase, last, joined } = this.books[instrument]!;
    return phase === "live" && verdictOf(this.options.order, last, joined, updates) === "old";
  }

  status(instrument: number): BookStatus {
    const { phase, last, messages, faults } = this.books[instrument]!;
    return { phase, last, messages, faults: { ...faults }, ...this.changes.counts[instrument]! };
  }

  /** Rows of depth in the order in which they came, snapshots among them; a message may be cut between two calls. */
  take(rows: DepthRows, from: number, to: number): void {
    this.messages.take(rows, from, to);
  }

  /** The same from all rows that a parser makes of frames: those of depth are taken. */
  takeFrames(rows: Views<FeedColumns>, count: number): void {
    for (let from = 0; from < count; ) {
      let to = from;
      while (to < count && rows.kind[to] === rowKinds.depth) to++;
      if (to > from) this.messages.take(rows, from, to);
      from = to + 1;
    }
  }

  /** Tells of each book that it has no levels yet: whoever takes them may know those of an earlier run. */
  begin(time: bigint): void {
    for (let instrument = 0; instrument < this.books.length; instrument++) this.changes.empty(instrument, unknownAt(time));
  }

  /** The connection of these books is gone: they are empty until their next snapshot. */
  lost(instruments: Iterable<number>, time: bigint): void {
    for (const instrument of instruments) {
      this.books[instrument]!.asked = false;
      this.empty(instrument, unknownAt(time));
    }
  }

  private message(instrument: number, head: Head, levels: Levels, from: number, to: number): void {
    const book = this.books[instrument]!;
    book.messages++;
    if (head.snapshot) this.snapshot(instrument, head, levels, from, to);
    else if (book.phase === "waiting") this.hold(instrument, head, levels, from, to);
    else this.follow(instrument, head, levels, from, to);
  }

  private hold(instrument: number, head: Head, levels: Levels, from: number, to: number): void {
    this.want(instrument);
    if (snapshotFrom(this.options.order) === "subscription") return;
    const gone = this.books[instrument]!.held.add(head, levels, from, to);
    if (gone > 0) this.fault(instrument, "overflow", head, `${gone} messages that waited for a snapshot had to go for newer ones`);
  }

  private follow(instrument: number, head: Head, levels: Levels, from: number, to: number): void {
    const book = this.books[instrument]!;
    const { order } = this.options;
    const verdict = verdictOf(order, book.last, book.joined, head);
    if (verdict === "old") {
      // Messages from before a snapshot may come behind it.
      if (book.joined) this.fault(instrument, "duplicate", head, `the book has all updates up to ${book.last}`);
    } else if (verdict === "gap") {
      const [first, last] = missing(order, book.last, head);
      if (first <= last) this.broken(instrument, "gap", head, `updates ${first} to ${last} did not come`, first, last);
      else this.broken(instrument, "overlap", head, `it follows update ${head.previous}, and the book has all up to ${book.last}`);
      this.hold(instrument, head, levels, from, to);
    } else if (this.apply(instrument, head, levels, from, to)) {
      book.joined = true;
      book.last = head.id;
    }
  }

  private snapshot(instrument: number, head: Head, levels: Levels, from: number, to: number): void {
    const book = this.books[instrument]!;
    const { order } = this.options;
    if (snapshotFrom(order) === "rest" && book.phase === "live" && head.id <= book.last) {
      this.fault(instrument, "duplicate", head, `a snapshot, and the book has all updates up to ${book.last}`);
      return;
    }
    const all = book.held.takeAll();
    book.asked = false;
    // What came before a message that is in the snapshot, or the next behind it, is older too, whatever its ids say.
    const verdicts = all.map(({ head: one }) => verdictOf(order, head.id, false, one));
    const behind = 1 + verdicts.lastIndexOf("old");
    const joins = verdicts.indexOf("next", behind);
    const held = all.slice(joins < 0 ? behind : joins);
    const next = held[0]?.head;
    if (next && verdictOf(order, head.id, false, next) === "gap") {
      const [first, last] = missing(order, head.id, next);
      this.fault(
        instrument,
        "stale_snapshot",
        head,
        `older than the messages kept: updates ${first} to ${last} are in neither`,
        first,
        last,
      );
      for (const one of held) this.hold(instrument, one.head, one.levels, 0, one.levels.side.length);
      return;
    }
    if (!this.apply(instrument, head, levels, from, to)) return;
    Object.assign(book, { phase: "live", joined: false, last: head.id });
    for (const one of held) {
      const rows = one.levels.side.length;
      if (this.books[instrument]!.phase === "waiting") this.hold(instrument, one.head, one.levels, 0, rows);
      else if (verdictOf(order, book.last, book.joined, one.head) !== "old") this.follow(instrument, one.head, one.levels, 0, rows);
    }
  }

  private apply(instrument: number, head: Head, levels: Levels, from: number, to: number): boolean {
    const failure = this.changes.apply(instrument, head, levels, from, to);
    if (failure) this.broken(instrument, failure.kind, head, failure.what);
    return !failure;
  }

  private broken(instrument: number, kind: FaultKind, head: Head, what: string, from = head.id, to = head.id): void {
    this.fault(instrument, kind, head, what, from, to, true);
    this.empty(instrument, head);
  }

  private empty(instrument: number, head: Head): void {
    const book = this.books[instrument]!;
    Object.assign(book, { phase: "waiting", last: -1n, joined: false });
    book.held.takeAll();
    this.changes.empty(instrument, head);
    this.want(instrument);
  }

  private want(instrument: number): void {
    const book = this.books[instrument]!;
    if (book.asked) return;
    book.asked = true;
    this.sink.want(instrument, snapshotFrom(this.options.order));
  }

  private fault(instrument: number, kind: FaultKind, head: Head, what: string, from = head.id, to = head.id, broken = false): void {
    const { faults } = this.books[instrument]!;
    const { venue, symbols } = this.options;
    const { time, id } = head;
    const symbol = symbols[instrument]!;
    faults[kind] = (faults[kind] ?? 0) + 1;
    const text = `${venue} ${symbol}${id < 0n ? "" : `, update ${id}`}: ${kind}: ${what}${broken ? "; the book is built anew" : ""}`;
    this.sink.fault({ kind, venue, symbol, instrument, time, id, from, to, broken, text });
  }
}
