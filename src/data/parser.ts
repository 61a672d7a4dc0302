/** Drives the delimited_trades kernel: bytes in, claimed slots out. The kernel is bound to each slot once and writes its columns in place. */
import { type Port, viewOf } from "../contract.js";
import { DataError } from "../errors.js";
import { type BadRow, badRow } from "./bad_row.js";
import { delimitedTrades, symbolId } from "./delimited_trades.js";
import type { Layout } from "./detect.js";
import { type Role, roles } from "./line.js";
import type { OneSeries } from "./one_series.js";
import { badItem, counted, refusalNumber } from "./refusals.js";
import { problem } from "./unpack.js";
import { encode, encodeWords } from "./words.js";
import { zoneTable } from "./zone.js";

/** Columns of trades in memory that the parser may write; further columns are left alone. */
export interface TradeColumns {
  readonly time: BigInt64Array;
  readonly price: Float64Array;
  readonly size: Float64Array;
  readonly side: Int8Array;
  readonly instrument: Uint32Array;
}
export interface TradeSlot {
  readonly columns: TradeColumns;
}
/** Where trades go; a bus publisher is one. The columns of a slot are the same objects each time the slot comes round. */
export interface TradeSink {
  /** A slot to write, or undefined when there is no room now. */
  claim(): TradeSlot | undefined;
  commit(rows: number): void;
  abort?(): void;
  /** Settles when a claim can succeed; needed where `claim` can refuse. */
  room?(): Promise<void>;
  /** Symbols that readers of the sink know; those of the file are added before the first trade that has them is committed. */
  symbols?: { readonly size: number; at(id: number): string | undefined; add(symbol: string): number };
}

const inputBytes = 1 << 18;
const state = delimitedTrades.contract.state!;
const none = -1;
type BoundKernel = ReturnType<typeof delimitedTrades.bind>;

/** Lives through all files of a read: time order and symbols go on from one to the next. */
export class Parser {
  /** Called for each refused line; what it throws ends the read. The rows before it are in the slot, or were committed. */
  refused: (row: BadRow) => void = () => {};
  firstTime: bigint | undefined;
  /** Of the present file, where it has rows. */
  lastPrice: number | undefined;
  private readonly input = new Uint8Array(inputBytes);
  private readonly state: { [K in keyof typeof state]: InstanceType<ReturnType<typeof viewOf>> };
  private readonly symbolRoom: number;
  private known = 0;
  private bound = new Map<TradeColumns, BoundKernel>();
  private slot: TradeSlot | undefined;
  private rows = 0;
  private file = "";
  private layout: Layout | undefined;
  private inputs: { words: Uint8Array; paths?: Uint8Array; zone?: BigInt64Array } = { words: new Uint8Array(0) };
  /** Of rows that do not name theirs. */
  private instrument = 0;

  constructor(
    private readonly sink: TradeSink,
    private readonly series: Pick<OneSeries, "begins">,
    private readonly options: {
      backend?: string | undefined;
      instrument?: number | undefined;
      symbols?: number | undefined;
      only?: readonly string[] | undefined;
    },
  ) {
    this.symbolRoom = options.symbols ?? 16_384;
    const sizes = ({ shape }: Port) => shape.reduce<number>((p, d) => p * (d === "symbols" ? this.symbolRoom : (d as number)), 1);
    const made = Object.entries(state).map(([key, port]) => [key, new (viewOf(port.dtype))(sizes(port))]);
    this.state = Object.fromEntries(made) as Parser["state"];
    this.wide.lastTime[0] = -1n;
    for (; this.known < (sink.symbols?.size ?? 0); this.known++) symbolId(this.state as never, Buffer.from(sink.symbols!.at(this.known)!));
  }

  /** Counts of the present file. */
  count(what: keyof typeof counted): number {
    return Number(this.wide.counts[counted[what]]);
  }
  /** Rows passed over, by what they are. */
  get passedBy(): Record<string, number> {
    const pass = Object.values(this.layout?.kinds?.pass ?? {});
    const names = ["of another kind", "of other symbols", ...pass];
    const by: Record<string, number> = {};
    names.forEach((name, place) => {
      const rows = Number(this.wide.kinds[place]);
      if (rows > 0) by[name] = (by[name] ?? 0) + rows;
    });
    return by;
  }
  get lastTime(): bigint {
    return this.wide.lastTime[0]!;
  }
  /** Longest time without a trade in the present file, and the line that ended it. */
  get gap(): { ns: bigint; line: number } {
    return { ns: this.wide.gap[0]!, line: Number(this.wide.gap[1]) };
  }
  get symbols(): string[] {
    const { nameEnds, names, nameCount } = this.narrow;
    return Array.from({ length: nameCount[0]! }, (_, id) =>
      Buffer.from(names.subarray(id ? nameEnds[id - 1] : 0, nameEnds[id])).toString(),
    );
  }
  private get wide() {
    return this.state as unknown as Record<"counts" | "kinds" | "lastTime" | "gap" | "bad", BigInt64Array>;
  }
  private get narrow() {
    return this.state as unknown as {
      names: Uint8Array;
      text: Uint8Array;
      nameEnds: Uint32Array;
      nameCount: Uint32Array;
      carried: Int32Array;
    };
  }

  /** The id of all rows of a file that does not name instruments row by row. */
  private instrumentOf(layout: Layout): number {
    if (layout.symbol === undefined) return this.options.instrument ?? 0;
    return symbolId(this.state as never, Buffer.from(layout.symbol));
  }

  /** A new file begins; `skipped` lines of it were read already. */
  open(file: string, layout: Layout, skipped: number): void {
    this.file = file;
    this.layout = layout;
    this.inputs = inputsOf(layout, this.options.only);
    this.instrument = this.instrumentOf(layout);
    this.bound = new Map();
    this.wide.counts.fill(0n);
    this.wide.kinds.fill(0n);
    this.wide.gap.fill(0n);
    this.wide.bad.fill(0n);
    this.wide.counts[counted.lines] = BigInt(skipped);
    this.narrow.carried.fill(0);
    this.narrow.text.fill(0);
    this.firstTime = undefined;
    this.lastPrice = undefined;
  }

  async feed(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.length; from += inputBytes) {
      const piece = chunk.subarray(from, from + inputBytes);
      this.input.set(piece);
      for (let at = 0; at < piece.length; ) {
        if (this.slot === undefined && !this.claim()) await this.waitForRoom();
        else at = this.step(at, piece.length);
      }
    }
  }

  /** Ends the file: a last line without a line end is one all the same. */
  async end(): Promise<void> {
    if (this.narrow.carried[0] !== 0) await this.feed(Uint8Array.of(10));
  }

  /** Hands over what is in the slot, full or not. */
  flush(): void {
    if (this.slot === undefined) return;
    const { rows } = this;
    this.slot = undefined;
    this.rows = 0;
    if (rows > 0) this.sink.commit(rows);
    else this.sink.abort?.();
  }

  private claim(): boolean {
    this.slot = this.sink.claim();
    return this.slot !== undefined;
  }

  private async waitForRoom(): Promise<void> {
    if (this.sink.room) return this.sink.room();
    throw new DataError("E_SINK_FULL", `${this.file}: there is no room for more trades`, {
      file: this.file,
      hint: "the sink needs room()",
    });
  }

  private step(from: number, to: number): number {
    const { columns } = this.slot!;
    const done = this.kernel(columns)(0, to, from, this.rows);
    if (done.produced > 0) this.take(columns, done.produced);
    const consumed = from + done.consumed;
    if (this.sink.symbols && this.narrow.nameCount[0]! > this.known) this.tellSymbols();
    if (this.rows === columns.time.length) this.flush();
    if (this.wide.bad[badItem.code] !== 0n) this.refuse();
    return consumed;
  }

  private take({ time, price }: TradeColumns, produced: number): void {
    if (this.firstTime === undefined) {
      this.series.begins(price[this.rows]!);
      this.firstTime = time[this.rows];
    }
    this.rows += produced;
    this.lastPrice = price[this.rows - 1];
  }

  private refuse(): void {
    const { text } = this.narrow;
    if (Number(this.wide.bad[badItem.code]) === refusalNumber("line_long") && text.includes(0))
      throw problem(
        "E_FILE_BINARY",
        this.file,
        `has zero bytes from line ${this.wide.bad[badItem.line]} on`,
        "it was not written to its end",
      );
    this.refused(badRow(this.file, this.layout!, this.wide.bad, text, this.count("rows"), this.lastTime));
  }

  private tellSymbols(): void {
    for (const symbol of this.symbols.slice(this.known)) {
      const id = this.sink.symbols!.add(symbol);
      if (id === this.known++) continue;
      throw new DataError("E_SYMBOLS", `${this.file}: symbol ${symbol} is ${id} in the sink and ${this.known - 1} here`, {
        file: this.file,
        value: symbol,
        hint: "nobody else may add symbols to the sink during a read",
      });
    }
  }

  private kernel(columns: TradeColumns): BoundKernel {
    const ready = this.bound.get(columns);
    if (ready) return ready;
    const { time, price, size, side, instrument } = columns;
    const layout = this.layout!;
    const at = (role: Role) => layout.columns[role] ?? none;
    const made = delimitedTrades.bind(
      { in: { bytes: this.input, ...this.inputs }, out: { time, price, size, side, instrument }, state: this.state },
      {
        separator: layout.separator.charCodeAt(0),
        columns: layout.names.length,
        timeColumn: at("time"),
        clockColumn: at("clock"),
        priceColumn: at("price"),
        sizeColumn: at("size"),
        sideColumn: at("side"),
        symbolColumn: at("symbol"),
        kindColumn: at("kind"),
        timeFormat: layout.timeFormat,
        priceScale: layout.priceScale ?? 0,
        day: layout.day ?? 0,
        signedSize: layout.signedSize ? 1 : 0,
        otherKinds: layout.kinds?.others === "pass" ? 1 : 0,
        instrument: this.instrument,
        symbols: this.symbolRoom,
      },
      this.options.backend === undefined ? {} : { backend: this.options.backend },
    );
    this.bound.set(columns, made);
    return made;
  }
}

/** Paths of a JSON record are told by their roles; columns by their numbers. */
function inputsOf(layout: Layout, only: readonly string[] | undefined): { words: Uint8Array; paths?: Uint8Array; zone?: BigInt64Array } {
  const paths = roles.flatMap((role, i) => (layout.columns[role] === undefined ? [] : encode(i, layout.names[layout.columns[role]]!)));
  return {
    words: encodeWords(layout.words, layout.kinds, only),
    ...(layout.json && { paths: Uint8Array.from(paths) }),
    ...(layout.zone !== undefined && { zone: zoneTable(layout.zone) }),
  };
}
