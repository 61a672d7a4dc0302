/** Drives the delimited_trades kernel: bytes in, claimed slots out. The kernel is bound to each slot once and writes its columns in place. */
import { type Port, type View, viewOf } from "../../core/contract/contract.js";
import type { TradeArrays } from "../../market/trade_columns.js";
import { problem } from "../bytes/unpack.js";
import { delimitedTrades } from "../kernels/delimited_trades.js";
import { type Role, roles } from "../kernels/line.js";
import { badItem, counted, refusalNumber } from "../kernels/refusals.js";
import { encode, encodeWords } from "../kernels/words.js";
import { writtenBytes } from "../kernels/written.js";
import type { Layout } from "../layout/layout.js";
import type { RowStage } from "../layout/row_stage.js";
import { zoneTable } from "../times/zone.js";
import { type BadRow, badRow } from "./bad_row.js";
import { CountedRepeats, type Spans } from "./counted_repeats.js";
import type { Intake } from "./intake.js";
import type { OneSeries } from "./one_series.js";
import { noQuotes, QuoteText } from "./quote_text.js";
import type { TradeReader } from "./reader.js";

const inputBytes = 1 << 18;
const state = delimitedTrades.contract.state!;
const none = -1;
const tooLong = refusalNumber("line_long");
/** Learned by the kernel, and no less true of a piece that is read again. */
const symbolPorts = ["names", "nameEnds", "nameTable", "nameCount"];
type BoundKernel = ReturnType<typeof delimitedTrades.bind>;

/** Lives through all files of a read: time order and symbols go on from one to the next. */
export class Parser implements TradeReader {
  refused: (row: BadRow) => void = () => {};
  firstTime: bigint | undefined;
  lastPrice: number | undefined;
  private readonly input = new Uint8Array(inputBytes);
  private readonly state: { [K in keyof typeof state]: InstanceType<ReturnType<typeof viewOf>> };
  private bound = new Map<TradeArrays, BoundKernel>();
  private file = "";
  private layout: Layout | undefined;
  private stage: RowStage | undefined;
  private inputs: { words: Uint8Array; paths?: Uint8Array; zone?: BigInt64Array } = { words: new Uint8Array(0) };
  /** Of rows that do not name theirs. */
  private instrument = 0;
  private repeats: CountedRepeats | undefined;
  private quotes: QuoteText | undefined;

  constructor(
    private readonly intake: Intake,
    private readonly series: Pick<OneSeries, "begins">,
    private readonly options: {
      backend?: string | undefined;
      instrument?: number | undefined;
      only?: readonly string[] | undefined;
      within?: Spans | undefined;
    },
  ) {
    const sizes = ({ shape }: Port) => shape.reduce<number>((p, d) => p * (d as number), 1);
    const shared = intake.state as unknown as Record<string, View>;
    const made = Object.entries(state).map(([key, port]) => [key, shared[key] ?? new (viewOf(port.dtype))(sizes(port))]);
    this.state = Object.fromEntries(made) as Parser["state"];
  }

  /** Counts of the present file. */
  count(what: keyof typeof counted): number {
    if (what === "repeats" && this.repeats) return this.repeats.count;
    const passed = this.stage?.passed ?? 0;
    return Number(this.wide.counts[counted[what]]) + (what === "passed" ? passed : what === "emptyLines" ? -passed : 0);
  }
  /** Rows passed over, by what they are. */
  get passedBy(): Record<string, number> {
    const pass = Object.values(this.layout?.kinds?.pass ?? {});
    const names = ["of another kind", "of other symbols", ...pass];
    const by: Record<string, number> = { ...this.stage?.passedBy };
    names.forEach((name, place) => {
      const rows = Number(this.wide.kinds[place]);
      if (rows > 0) by[name] = (by[name] ?? 0) + rows;
    });
    return by;
  }
  /** Longest time without a trade in the present file, and the line that ended it. */
  get gap(): { ns: bigint; line: number } {
    return { ns: this.wide.gap[0]!, line: Number(this.wide.gap[1]) };
  }
  private get wide() {
    return this.state as unknown as Record<"counts" | "kinds" | "gap" | "bad", BigInt64Array>;
  }
  private get narrow() {
    return this.state as unknown as { text: Uint8Array; carried: Int32Array };
  }

  /** The id of all rows of a file that does not name instruments row by row. */
  private instrumentOf(layout: Layout): number {
    if (layout.symbol === undefined) return this.options.instrument ?? 0;
    return this.intake.idOf(layout.symbol);
  }

  /** Values of the rows that a condition left out. */
  get others(): readonly string[] {
    return [...(this.stage?.others ?? [])];
  }

  /** A new file begins; `skipped` lines of it were read already. What it is fed comes through the stage, where there is one. */
  open(file: string, layout: Layout, skipped: number, stage?: RowStage): void {
    this.file = file;
    this.stage = stage;
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
    this.quotes = layout.quotes || layout.bought ? new QuoteText(layout, this.options.only) : undefined;
    const { within } = this.options;
    const ports = Object.entries(this.state).filter(([key]) => !symbolPorts.includes(key));
    const native = () => this.wide.counts[counted.repeats]!;
    this.repeats =
      within &&
      new CountedRepeats(
        within,
        ports.map(([, view]) => view as View),
        native,
      );
  }

  async feed(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.length; from += inputBytes) {
      const piece = chunk.subarray(from, from + inputBytes);
      this.input.set(piece);
      const { bid, bought } = await this.intake.columns();
      const quotes = bid || bought ? this.quotes : undefined;
      if (quotes && !quotes.plain) await this.lines(piece, quotes);
      else await this.many(piece, quotes);
    }
  }

  private async many(piece: Uint8Array, quotes: QuoteText | undefined): Promise<void> {
    quotes?.open(piece);
    for (let at = 0; at < piece.length; ) {
      const columns = this.intake.ready ?? (await this.intake.columns());
      at = this.step(columns, at, piece.length, quotes && ((made, refused) => quotes.take(columns, this.intake.rows, made, refused)));
    }
  }

  /** A line at a time, so that it is known which of them made a trade. */
  private async lines(piece: Uint8Array, quotes: QuoteText): Promise<void> {
    for (let at = 0; at < piece.length; ) {
      const end = piece.indexOf(10, at);
      const to = end < 0 ? piece.length : end + 1;
      const columns = this.intake.ready ?? (await this.intake.columns());
      const line = piece.subarray(at, to);
      this.step(columns, at, to, (made) => quotes.one(line, end >= 0, made > 0, columns, this.intake.rows));
      at = to;
    }
  }

  /** Ends the file: a last line without a line end is one all the same. */
  async end(): Promise<void> {
    if (this.narrow.carried[0] !== 0) await this.feed(Uint8Array.of(10));
  }

  /** `quotes`: is told how many trades were made, and whether a line behind them was refused that is not too long. */
  private step(columns: TradeArrays, from: number, to: number, quotes?: (made: number, refused: boolean) => void): number {
    const { rows } = this.intake;
    const run = (into: TradeArrays) => this.kernel(into)(0, to, from, rows);
    const single = quotes !== undefined && !this.quotes!.plain;
    const done = this.repeats ? this.repeats[single ? "one" : "step"](columns, rows, run) : run(columns);
    const consumed = from + done.consumed;
    if (done.produced > 0) this.take(columns, done.produced);
    const bad = Number(this.wide.bad[badItem.code]);
    if (quotes) quotes(done.produced, bad !== 0 && bad !== tooLong);
    else noQuotes(columns, rows, rows + done.produced);
    this.intake.wrote(done.produced);
    if (bad !== 0) this.refuse();
    return consumed;
  }

  private take({ time, price }: TradeArrays, produced: number): void {
    const { rows } = this.intake;
    if (this.firstTime === undefined) {
      this.series.begins(price[rows]!);
      this.firstTime = time[rows];
    }
    this.lastPrice = price[rows + produced - 1];
  }

  private refuse(): void {
    const { text } = this.narrow;
    if (Number(this.wide.bad[badItem.code]) === tooLong && text.includes(0))
      throw problem(
        "E_FILE_BINARY",
        this.file,
        `has zero bytes from line ${this.wide.bad[badItem.line]} on`,
        "it was not written to its end",
      );
    const [line, column] = [Number(this.wide.bad[badItem.line]), Number(this.wide.bad[badItem.column])];
    const original = this.stage?.original(line, column);
    const bad = badRow(this.file, this.layout!, this.wide.bad, text, this.count("rows"), this.intake.lastTime, original);
    const flaw = column === this.layout!.columns.size ? this.stage?.boughtFlaw(line) : undefined;
    this.refused(flaw === undefined ? bad : { ...bad, ...flaw, refusal: "bought" });
  }

  private kernel(columns: TradeArrays): BoundKernel {
    const ready = this.bound.get(columns);
    if (ready) return ready;
    const { time, price, size, side, instrument } = columns;
    const layout = this.layout!;
    // A format of the user's takes the clock too, and leaves a whole time.
    const at = (role: Role) => (role === "clock" && layout.timePattern ? none : (layout.columns[role] ?? none));
    const made = delimitedTrades.bind(
      { in: { bytes: this.input, ...this.inputs }, out: { time, price, size, side, instrument }, state: this.state },
      {
        separator: layout.separator.charCodeAt(0),
        ...writtenBytes(layout.written),
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
        symbols: this.intake.symbolRoom,
      },
      this.options.backend === undefined ? {} : { backend: this.options.backend },
    );
    this.bound.set(columns, made);
    return made;
  }
}

/** Paths of a JSON record are told by their roles; columns by their numbers. */
function inputsOf(layout: Layout, only: readonly string[] | undefined): { words: Uint8Array; paths?: Uint8Array; zone?: BigInt64Array } {
  const paths = roles.flatMap((role, i) =>
    layout.columns[role] === undefined || (role === "clock" && layout.timePattern) ? [] : encode(i, layout.names[layout.columns[role]]!),
  );
  return {
    words: encodeWords(layout.words, layout.kinds, only),
    ...(layout.json && { paths: Uint8Array.from(paths) }),
    ...(layout.zone !== undefined && { zone: zoneTable(layout.zone) }),
  };
}
