/** Databento's binary files: metadata here, records in the dbn_trades kernel, which writes the claimed slots in place. */
import { type Port, type View, viewOf } from "../../core/contract/contract.js";
import type { TradeArrays } from "../../market/trade_columns.js";
import type { Source } from "../bytes/source.js";
import { problem } from "../bytes/unpack.js";
import { dbnBad, dbnCounted, dbnWanted, otherSymbol } from "../kernels/dbn_record.js";
import { dbnTrades, instrumentId } from "../kernels/dbn_trades.js";
import type { Refusal } from "../kernels/refusals.js";
import { type ValueRefusal, valueRefusals } from "../kernels/value_refusals.js";
import { type BadRow, codeOf, skip, stamp } from "../trades/bad_row.js";
import { CountedRepeats, type Spans } from "../trades/counted_repeats.js";
import type { Intake } from "../trades/intake.js";
import type { OneSeries } from "../trades/one_series.js";
import { noQuotes } from "../trades/quote_text.js";
import type { CountName, Opened, TradeReader } from "../trades/reader.js";
import type { BinaryOptions } from "../trades/reading.js";
import { type DbnHead, endsWithin, readHead } from "./dbn_head.js";
import { layoutOf, timeOf } from "./dbn_layout.js";
import type { DbnMetadata } from "./dbn_metadata.js";
import { DbnQuotes, hasQuotes } from "./dbn_quotes.js";

const inputBytes = 1 << 18;
const endOfTime = 2n ** 63n - 1n;
type BoundKernel = ReturnType<typeof dbnTrades.bind>;

export const isDbn = (head: Uint8Array): boolean => Buffer.from(head.subarray(0, 3)).toString("latin1") === "DBN";

interface State {
  counts: BigInt64Array;
  gap: BigInt64Array;
  bad: BigInt64Array;
  place: BigInt64Array;
  kind: Int32Array;
  until: BigInt64Array;
  wanted: BigInt64Array;
  carried: Int32Array;
  record: Uint8Array;
  ids: Uint32Array;
  idCount: Uint32Array;
}

/** Reads the metadata; the records follow when `read` is called. */
export async function openDbn(source: Source, intake: Intake, series: OneSeries, options: BinaryOptions): Promise<Opened> {
  const time = timeOf(source.name, options);
  const head = await readHead(source);
  const reader = new DbnReader({ ...head, intake, series, time, backend: options.backend, only: options.only, within: options.within });
  return { reader, layout: layoutOf(head.metadata, time), pieces: () => reader.read() };
}

interface Of extends DbnHead {
  intake: Intake;
  series: OneSeries;
  time: "ts_recv" | "ts_event";
  backend: string | undefined;
  /** Symbols that are read, where some are asked for. */
  only: readonly string[];
  within: Spans | undefined;
}

class DbnReader implements TradeReader {
  refused: (row: BadRow) => void = () => {};
  firstTime: bigint | undefined;
  lastPrice: number | undefined;
  private readonly input = new Uint8Array(inputBytes);
  private readonly bound = new Map<TradeArrays, BoundKernel>();
  private readonly state: State;
  /** Moments at which an instrument may change its name; none where all keep theirs. */
  private readonly changes: readonly bigint[];
  private readonly repeats: CountedRepeats | undefined;
  private readonly quotes: DbnQuotes | undefined;

  constructor(private readonly of: Of) {
    const { metadata, intake, start } = of;
    const ports = dbnTrades.contract.state as Record<string, Port>;
    const size = ({ shape }: Port) => shape.reduce<number>((p, d) => p * (d === "symbols" ? intake.symbolRoom : (d as number)), 1);
    const made = Object.entries(ports).map(([key, port]) => [key, new (viewOf(port.dtype as "f64"))(size(port))]);
    this.state = { ...Object.fromEntries(made), lastTime: intake.state.lastTime };
    this.state.kind[0] = metadata.kind ?? -1;
    this.state.place[0] = BigInt(start);
    this.changes = changesOf(metadata);
    this.quotes = hasQuotes(metadata.kind) ? new DbnQuotes() : undefined;
    this.state.until[0] = this.changes.length > 0 ? 0n : endOfTime;
    const native = () => this.state.counts[dbnCounted.repeats]!;
    this.repeats = of.within && new CountedRepeats(of.within, Object.values(this.state) as View[], native);
  }

  async *read(): AsyncGenerator<void> {
    await this.feed(this.of.first);
    yield;
    for await (const chunk of this.of.chunks) {
      await this.feed(chunk);
      yield;
    }
    const carried = this.state.carried[0]!;
    if (carried === 0) return;
    throw endsWithin(this.of.file, this.count("lines") + 1, Number(this.state.place[0]), carried);
  }

  count(what: CountName): number {
    const { counts } = this.state;
    if (what === "emptyLines") return 0;
    if (what === "repeats" && this.repeats) return this.repeats.count;
    return what === "passed" ? Object.values(this.passedBy).reduce((a, b) => a + b, 0) : Number(counts[dbnCounted[what]]);
  }
  get gap(): { ns: bigint; line: number } {
    return { ns: this.state.gap[0]!, line: Number(this.state.gap[1]) };
  }
  get passedBy(): Record<string, number> {
    const { counts } = this.state;
    const all = {
      "records of other kinds": counts[dbnCounted.otherKinds],
      "records that are no trades": counts[dbnCounted.notTrades],
      "of other symbols": counts[dbnCounted.otherSymbols],
    };
    return Object.fromEntries(Object.entries(all).flatMap(([name, count]) => (count ? [[name, Number(count)]] : [])));
  }

  private async feed(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.length; from += inputBytes) {
      const piece = chunk.subarray(from, from + inputBytes);
      this.input.set(piece);
      const quoted = this.quotes !== undefined && (await this.of.intake.columns()).bid !== undefined;
      if (quoted) await this.records(piece, this.quotes!);
      else for (let at = 0; at < piece.length; ) at = this.step(await this.of.intake.columns(), at, piece.length);
    }
  }

  /** A record at a time, so that it is known which of them made a trade. */
  private async records(piece: Uint8Array, quotes: DbnQuotes): Promise<void> {
    const { intake } = this.of;
    for (let at = 0; at < piece.length; ) {
      const columns = intake.ready ?? (await intake.columns());
      const [from, to] = [at, quotes.end(piece, at)];
      at = this.step(columns, from, to, (made, end) => {
        const bytes = piece.subarray(from, end);
        if (made) quotes.write(bytes, columns, intake.rows);
        else quotes.passed(bytes);
      });
    }
  }

  /** `record`: what it reads is one, and is told whether it made a trade, and where it ended. */
  private step(columns: TradeArrays, from: number, to: number, record?: (made: boolean, end: number) => void): number {
    const { state } = this;
    const { intake } = this.of;
    const { rows } = intake;
    const run = (into: TradeArrays) => this.kernel(into)(0, to, from, rows);
    const one = record && this.repeats ? this.repeats.one(columns, rows, run) : undefined;
    const done = one ?? (this.repeats ? this.repeats.step(columns, rows, run) : run(columns));
    const consumed = from + done.consumed;
    if (done.produced > 0) this.take(columns, done.produced);
    if (record) record(done.produced > 0, consumed);
    else noQuotes(columns, rows, rows + done.produced);
    intake.wrote(done.produced);
    if (state.wanted[0] !== 0n) this.answer(Number(state.wanted[0]), state.wanted[1]!);
    if (state.bad[dbnBad.code] !== 0n) this.refuse();
    return consumed;
  }

  private take({ time, price }: TradeArrays, produced: number): void {
    const { rows } = this.of.intake;
    if (this.firstTime === undefined) {
      this.of.series.begins(price[rows]!);
      this.firstTime = time[rows];
    }
    this.lastPrice = price[rows + produced - 1];
  }

  private answer(what: number, value: bigint): void {
    const { state } = this;
    const { intake, file, only } = this.of;
    if (what === dbnWanted.day) {
      state.until[0] = this.changes.find((change) => change > value) ?? endOfTime;
      state.ids.fill(0);
      state.idCount.fill(0);
      return;
    }
    const instrument = Number(value);
    const name = this.nameOf(instrument);
    const id = only.length > 0 && !only.includes(name) ? otherSymbol : intake.idOf(name);
    if (id < 0 || instrumentId(state, instrument, id) < 0)
      throw problem("E_SYMBOLS_FULL", file, `has more than ${intake.symbolRoom} instruments`, "raise the option maxSymbols");
  }

  /** On the days up to `until`; its number where the file does not name it. */
  private nameOf(instrument: number): string {
    const names = this.of.metadata.instruments.get(instrument) ?? [];
    const until = this.state.until[0]!;
    const one = this.changes.length === 0 ? names[0] : names.find(({ from, to }) => from < until && until <= to);
    return one?.name || String(instrument);
  }

  private refuse(): void {
    const { bad } = this.state;
    const [code, record, offset, value, instrument] = Array.from(bad) as [bigint, bigint, bigint, bigint, bigint];
    const refusal = valueRefusals[Number(code)] as ValueRefusal;
    if (refusal === "record_length")
      throw problem(
        "E_DBN_RECORD",
        this.of.file,
        `record ${record} at byte ${offset} says it has ${value} bytes, which no such record has`,
        "the file is damaged from there on: download or copy it again",
      );
    const row = {
      file: this.of.file,
      line: Number(record),
      unit: "record" as const,
      column: undefined,
      columnName: undefined,
      offset: 0,
      length: 0,
    };
    const text = `at byte ${offset}: instrument ${instrument}, ${this.nameOf(Number(instrument))}`;
    const rest = { text, hint: skip, rowsBefore: this.count("rows") };
    this.refused({
      ...row,
      ...rest,
      ...this.describe(refusal as Refusal, value),
      code: codeOf(refusal as Refusal),
      refusal: refusal as Refusal,
    });
  }

  private describe(refusal: Refusal, value: bigint): { what: string; value: string } {
    const price = `${Number(value) / 1e9}`;
    const what: Partial<Record<Refusal, string>> = {
      empty: "price is undefined",
      price: `price is ${price}, expected > 0`,
      size: "size is undefined",
      side: `side is '${String.fromCharCode(Number(value))}', expected A, B or N`,
      time_range: value === -1n ? `${this.of.time} is undefined` : `${this.of.time} is ${BigInt.asUintN(64, value)}, after 2262`,
      time_backwards: `${this.of.time} is ${value}, before ${stamp(this.of.intake.lastTime)} of a trade above; times must not go backwards`,
    };
    return { what: what[refusal]!, value: refusal === "price" ? price : String(value) };
  }

  private kernel(columns: TradeArrays): BoundKernel {
    const ready = this.bound.get(columns);
    if (ready) return ready;
    const { time, price, size, side, instrument } = columns;
    const made = dbnTrades.bind(
      { in: { bytes: this.input }, out: { time, price, size, side, instrument }, state: this.state as never },
      { named: 1, tsOut: this.of.metadata.tsOut ? 1 : 0, time: this.of.time, symbols: this.of.intake.symbolRoom },
      this.of.backend === undefined ? {} : { backend: this.of.backend },
    );
    this.bound.set(columns, made);
    return made;
  }
}

/** Beginnings and ends of names, where one number has several. */
function changesOf({ instruments }: DbnMetadata): bigint[] {
  const all = [...instruments.values()];
  if (all.every((names) => new Set(names.map(({ name }) => name)).size < 2)) return [];
  return [...new Set(all.flat().flatMap(({ from, to }) => [from, to]))].sort((a, b) => (a < b ? -1 : 1));
}
