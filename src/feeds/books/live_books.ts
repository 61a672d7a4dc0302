/** Books of a venue live: its messages of depth into the topics of books, and what is wrong with a book told and asked for. */
import type { Columns, Publisher, Views } from "../../bus/bus.js";
import type { FeedColumns, FeedState } from "../kit/rows.js";
import type { Venue } from "../kit/venue.js";
import { BookAsker } from "./book_asker.js";
import { snapshotFrom } from "./book_order.js";
import { BookTopics } from "./book_topics.js";
import { Books, venueBooks } from "./books.js";
import { Patient } from "./patient.js";

export interface LiveBooksOptions {
  readonly venue: Venue;
  readonly symbols: readonly string[];
  /** The id of each symbol in the topics. */
  readonly instruments: readonly number[];
  readonly book?: Publisher<any> | undefined;
  readonly changes?: Publisher<any> | undefined;
  readonly backend?: string | undefined;
  /** Waits between two attempts to have a book whole, and how long it must live for them to begin anew. */
  waitMs(attempts: number): number;
  readonly steadyMs: number;
  /** A connection is given so long to bring the books by itself. */
  readonly bringMs: number;
  /** Asks for a book whole: over REST, or by a new subscription. */
  ask(instrument: number, from: "rest" | "subscription"): void;
  tell(state: FeedState, instrument: number, from: bigint, to: bigint, count: number): void;
  /** What was wrong, of a kind, with an example. */
  wrong(kind: string, example: string): void;
}
type Rows = Views<FeedColumns>;

/** Levels that are shown where nobody takes more; a checksum is over as many. */
const leastLevels = 10;

export class LiveBooks {
  private readonly books: Books;
  private readonly topics: BookTopics;
  private readonly asker: BookAsker;
  private readonly ends: readonly Patient<Columns>[];
  /** Books that were thrown away, or never there. */
  private readonly broken: Uint8Array;
  private readonly from: "rest" | "subscription";

  constructor(private readonly options: LiveBooksOptions) {
    const { venue, symbols, instruments, book, changes, backend, waitMs, steadyMs } = options;
    const end = (publisher: Publisher<any> | undefined) => publisher && new Patient<any>(publisher);
    const [bookEnd, changesEnd] = [end(book), end(changes)];
    this.ends = [bookEnd, changesEnd].filter((one) => one !== undefined);
    this.from = snapshotFrom(venue.order.depth);
    this.broken = new Uint8Array(symbols.length);
    this.topics = new BookTopics(
      { book: bookEnd?.publisher, changes: changesEnd?.publisher },
      { instruments: 1 + instruments.reduce((most, id) => Math.max(most, id), 0), want: () => {} },
    );
    const width = (book?.topic.columns.bid as { readonly width?: number } | undefined)?.width ?? 1;
    const of = venueBooks(venue, symbols);
    this.books = new Books(
      {
        ...of,
        levels: Math.min(of.depth ?? Number.POSITIVE_INFINITY, Math.max(leastLevels, width)),
        ...(backend !== undefined && { backend }),
      },
      {
        event: (event) => this.topics.event({ ...event, instrument: instruments[event.instrument]! }),
        fault: ({ kind, instrument, from, to, broken, text }) => {
          options.wrong(`faults of books, ${kind}`, text);
          if (kind === "gap") options.tell("gap", instrument, from, to, Number(to - from) + 1);
          if (!broken) return;
          this.broken[instrument] = 1;
          options.tell("broken", instrument, from, to, Number.NaN);
        },
        want: (instrument) => this.asker.want(instrument),
      },
    );
    this.asker = new BookAsker({
      ...{ instruments: symbols.length, waitMs, steadyMs },
      lives: (instrument) => this.books.lives(instrument),
      ask: (instrument) => options.ask(instrument, this.from),
    });
  }

  /** Before any message. */
  begin(time: bigint): void {
    this.books.begin(time);
  }
  /** Rows given to topics so far. */
  get given(): number {
    return this.ends.reduce((sum, { given }) => sum + given, 0);
  }
  get full(): boolean {
    return this.ends.some(({ full }) => full);
  }

  /** Whether a message is part of its book already; it is counted. */
  has({ first, id, previous }: Rows, row: number, instrument: number): boolean {
    const known = this.books.has(instrument, { first: first[row]!, id: id[row]!, previous: previous[row]! });
    if (known) this.options.wrong("duplicate changes of books", this.options.symbols[instrument]!);
    return known;
  }
  /** Rows of one message, or of a part of it, in the order in which they came. */
  take(rows: Rows, from: number, to: number, instrument: number): void {
    this.books.take(rows, from, to);
    if (!this.books.lives(instrument)) return;
    this.asker.lives(instrument);
    if (this.broken[instrument] === 0) return;
    this.broken[instrument] = 0;
    const last = this.books.status(instrument).last;
    this.options.tell("resynced", instrument, -1n, last, Number.NaN);
  }

  /** A connection was made that brings these books. */
  connected(instruments: Iterable<number>): void {
    const after = this.from === "rest" ? 0 : this.options.bringMs;
    for (const instrument of instruments) if (!this.books.lives(instrument)) this.asker.want(instrument, after);
  }
  /** There is no connection any more that brings them: what they were is not what they are. */
  lost(instruments: Iterable<number>, time: bigint): void {
    const live = [...instruments].filter((one) => this.books.lives(one));
    for (const one of live) this.broken[one] = 1;
    this.books.lost(live, time);
    for (const one of live) this.options.tell("broken", one, -1n, -1n, Number.NaN);
  }

  show(): void {
    this.topics.flush();
    for (const end of this.ends) end.show();
  }
  close(): void {
    this.asker.close();
    this.show();
  }
}
