/** Tables of columns -> claimed slots: the form that Arrow and Parquet share. Numbers go to the column_trades kernel where they lie. */

import { type Port, viewOf } from "../../core/contract/contract.js";
import type { TradeArrays } from "../../market/trade_columns.js";
import type { Cell, Column, ColumnBatch, TableBatches } from "../binary/table_batches.js";
import { columnBad, columnCounted, columnTrades, flawOf, type ValueColumn, valueColumns } from "../kernels/column_trades.js";
import type { TimeRule } from "../kernels/line_time.js";
import type { Refusal } from "../kernels/refusals.js";
import { valueRefusals } from "../kernels/value_refusals.js";
import { boughtFlaw } from "../layout/bought.js";
import { type LayoutOf, sampleLines } from "../layout/detect.js";
import type { ColumnOptions, Layout } from "../layout/layout.js";
import { writtenTime } from "../layout/row_stage.js";
import { Table } from "../layout/table.js";
import { matcher } from "../layout/where.js";
import { type TimePattern, timePattern } from "../times/time_pattern.js";
import { zoneTable } from "../times/zone.js";
import type { BadRow } from "./bad_row.js";
import { columnBadRow } from "./column_bad_row.js";
import { Flaws, nanoseconds, numbersOf } from "./column_numbers.js";
import type { Intake } from "./intake.js";
import type { OneSeries } from "./one_series.js";
import { writeQuotes } from "./quote_cells.js";
import type { CountName, TradeReader } from "./reader.js";
import type { BinaryOptions } from "./reading.js";

const nsOf = { s: 1_000_000_000, ms: 1_000_000, us: 1000, ns: 1 } as const;

/** The layout of a table by the names of its columns and its first rows, with the rules of delimited text. */
export function layoutOfTable(
  file: string,
  { form, names, first: batch }: Pick<TableBatches, "form" | "names" | "first">,
  asked: ColumnOptions,
  of: LayoutOf = (table) => table.layout(asked),
): Layout {
  const text = ({ get, timeScale }: Column, row: number): string => {
    const cell = get(row);
    if (cell === null || cell === undefined) return "";
    return timeScale === undefined || typeof cell !== "bigint" ? String(cell) : String(cell * BigInt(timeScale));
  };
  const rows = Array.from({ length: Math.min(batch.rows, sampleLines) }, (_, row) => batch.columns.map((column) => text(column, row)));
  const lines = [names, ...rows].slice(0, 3).map((row) => row.join(","));
  const layout = of(new Table(file, lines, { separator: ",", header: true, names, json: false, typed: true }, rows));
  return { ...layout, name: `${form}, ${layout.name}`, notes: layout.notes.filter((note) => note !== "header") };
}

/** What the kernel reads of a batch; `rowOf` where rows were left out. */
interface Inputs {
  time: BigInt64Array;
  price: Float64Array;
  size: Float64Array;
  side?: Int8Array;
  instrument?: Uint32Array;
  flaw?: Uint8Array;
}
interface Picked {
  inputs: Inputs;
  timeScale: number;
  rowOf: (row: number) => number;
}

export class ColumnReader implements TradeReader {
  refused: (row: BadRow) => void = () => {};
  firstTime: bigint | undefined;
  lastPrice: number | undefined;
  readonly passedBy: Record<string, number> = {};
  private readonly state: Record<"counts" | "lastTime" | "gap" | "bad", BigInt64Array>;
  private readonly sides: ReadonlyMap<string, number>;
  private readonly zone: BigInt64Array | undefined;
  private readonly pattern: TimePattern | undefined;
  private readonly ids = new Map<Cell, number>();
  /** What is wrong with the volume bought in rows of the batch in hand. */
  private readonly boughtFlaws = new Map<number, string>();
  /** Rows of the file before the batch in hand. */
  private before = 0;

  constructor(
    private readonly file: string,
    private readonly layout: Layout,
    private readonly intake: Intake,
    private readonly series: OneSeries,
    private readonly options: BinaryOptions,
  ) {
    const ports = Object.entries(columnTrades.contract.state as Record<string, Port>);
    const made = ports.map(([key, { dtype, shape }]) => [key, new (viewOf(dtype as "i64"))(shape[0] as number)]);
    this.state = { ...Object.fromEntries(made), lastTime: intake.state.lastTime };
    const { buy, sell, unknown = [] } = layout.words;
    const meant = (words: readonly string[], side: number) => words.map((word) => [word.toLowerCase(), side] as const);
    this.sides = new Map([...meant(buy, 1), ...meant(sell, -1), ...meant(unknown, 0), ["", 0]]);
    this.zone = layout.zone === undefined ? undefined : zoneTable(layout.zone);
    this.pattern = layout.timePattern && timePattern(layout.timePattern.text, layout.timePattern.days);
  }

  count(what: CountName): number {
    if (what === "emptyLines" || what === "repeats") return 0;
    if (what === "passed") return Object.values(this.passedBy).reduce((a, b) => a + b, 0);
    return Number(this.state.counts[columnCounted[what]]) + (what === "lines" ? this.count("passed") : 0);
  }
  get gap(): { ns: bigint; line: number } {
    return { ns: this.state.gap[0]!, line: Number(this.state.gap[1]) };
  }

  async take(batch: ColumnBatch): Promise<void> {
    const picked = this.pick(batch);
    const { inputs, timeScale } = picked;
    const { backend } = this.options;
    const options = { timeScale, signedSize: this.layout.signedSize ? 1 : 0, id: this.instrument() };
    const bound = new Map<TradeArrays, ReturnType<typeof columnTrades.bind>>();
    for (let at = 0; at < inputs.time.length; ) {
      const columns = await this.intake.columns();
      let run = bound.get(columns);
      if (!run) {
        const { time, price, size, side, instrument } = columns;
        const out = { time, price, size, side, instrument };
        run = columnTrades.bind({ in: inputs as never, out, state: this.state }, options, backend === undefined ? {} : { backend });
        bound.set(columns, run);
      }
      const { consumed, produced } = run(0, inputs.time.length, at, this.intake.rows);
      at += consumed;
      const refused = this.state.bad[columnBad.code] !== 0n;
      if (produced > 0) this.note(columns, produced);
      if (produced > 0 && (columns.bid || columns.bought))
        writeQuotes(batch, this.layout, columns, this.intake.rows, produced, (i) => picked.rowOf(at - (refused ? 1 : 0) - produced + i));
      this.intake.wrote(produced);
      if (refused) this.refuse(batch, picked.rowOf(at - 1), timeScale);
    }
    this.before += batch.rows;
  }

  private instrument(): number {
    return this.layout.symbol === undefined ? (this.options.instrument ?? 0) : this.intake.idOf(this.layout.symbol);
  }

  private note({ time, price }: TradeArrays, produced: number): void {
    const { rows } = this.intake;
    if (this.firstTime === undefined) {
      this.series.begins(price[rows]!);
      this.firstTime = time[rows];
    }
    this.lastPrice = price[rows + produced - 1];
  }

  private column(batch: ColumnBatch, role: ValueColumn | "kind" | "clock"): Column | undefined {
    const index = this.layout.columns[role];
    return index === undefined ? undefined : batch.columns[index];
  }

  private pick(batch: ColumnBatch): Picked {
    const kept = this.kept(batch);
    const rows = kept?.length ?? batch.rows;
    const rowOf = (row: number) => kept?.[row] ?? row;
    const flaw = new Flaws(rows);
    const at = (role: ValueColumn | "clock") => {
      const column = this.column(batch, role);
      return column && { ...column, get: (row: number) => column.get(rowOf(row)), values: kept ? undefined : column.values };
    };
    const { times, timeScale } = this.times(at("time")!, at("clock"), rows, flaw);
    const scale = 10 ** (this.layout.priceScale ?? 0);
    const numbers = (role: "price" | "size") => numbersOf(at(role)!, rows, flaw, role, role === "price" ? scale : 1);
    const inputs: Inputs = { time: times, price: numbers("price"), size: numbers("size") };
    const [side, symbol] = [at("side"), at("symbol")];
    if (side) inputs.side = this.sidesOf(side, rows, flaw);
    if (symbol) inputs.instrument = this.symbolsOf(symbol, rows, flaw);
    this.checkBought(batch, rows, rowOf, flaw);
    if (flaw.bytes) inputs.flaw = flaw.bytes;
    return { inputs, timeScale, rowOf };
  }

  private checkBought({ columns }: ColumnBatch, rows: number, rowOf: (row: number) => number, flaw: Flaws): void {
    this.boughtFlaws.clear();
    const { bought: of, names, written } = this.layout;
    if (!of) return;
    const text = (column: number, row: number) => String(columns[column]!.get(row) ?? "");
    for (let i = 0; i < rows; i++) {
      const row = rowOf(i);
      const sold = of.sold === undefined ? undefined : text(of.sold, row);
      const values = { bought: text(of.bought, row), sold, volume: text(this.layout.columns.size!, row) };
      const what = boughtFlaw(values, { bought: names[of.bought]!, sold: names[of.sold ?? -1] }, written);
      if (what === undefined || flaw.bytes?.[i]) continue;
      this.boughtFlaws.set(row, what);
      flaw.add(i, flawOf("number", "size"));
    }
  }

  /** The rows that are read, where not all are: of the kinds that are trades, of the symbols asked for. */
  private kept(batch: ColumnBatch): number[] | undefined {
    const { kinds, where = [] } = this.layout;
    const kind = kinds && this.column(batch, "kind");
    const symbol = this.options.only.length > 0 ? this.column(batch, "symbol") : undefined;
    const tests = where.map((one) => ({ name: one.name, column: batch.columns[one.column]!, test: matcher(one) }));
    if (!kind && !symbol && tests.length === 0) return undefined;
    const pass = (what: string) => {
      this.passedBy[what] = (this.passedBy[what] ?? 0) + 1;
      return false;
    };
    return Array.from({ length: batch.rows }, (_, row) => row).filter((row) => {
      const failed = tests.find(({ column, test }) => !test(String(column.get(row) ?? "")));
      if (failed) return pass(`of another ${failed.name}`);
      const word = String(kind?.get(row) ?? "").toLowerCase();
      if (kind && !kinds.take.includes(word)) return pass(kinds.pass[word] ?? "of another kind");
      return !symbol || this.options.only.includes(String(symbol.get(row))) || pass("of other symbols");
    });
  }

  private times(
    { get, values, timeScale }: Column,
    clock: Column | undefined,
    rows: number,
    flaw: Flaws,
  ): { times: BigInt64Array; timeScale: number } {
    const { timeFormat, day = 0 } = this.layout;
    const unit = timeScale ?? (timeFormat in nsOf ? nsOf[timeFormat as "ns"] : 1);
    const written = this.pattern !== undefined || clock !== undefined;
    if (values instanceof BigInt64Array && !written) return { times: values, timeScale: unit };
    const times = new BigInt64Array(rows);
    const rule = { timeFormat, day, zone: this.zone };
    for (let row = 0; row < rows; row++) {
      const cell = get(row);
      const time =
        typeof cell === "bigint" && !written
          ? cell * BigInt(unit)
          : typeof cell === "number" && !written
            ? nanoseconds(cell, unit)
            : this.writtenTime(cell, clock?.get(row), rule);
      if (typeof time === "string") flaw.add(row, flawOf(time as "time", "time"));
      else if (time < 0n || time >= 2n ** 63n) flaw.add(row, flawOf("time_range", "time"));
      else times[row] = time;
    }
    return { times, timeScale: 1 };
  }

  private writtenTime(cell: Cell, clockCell: Cell, rule: TimeRule): bigint | Refusal {
    const text = cell === null || cell === undefined ? "" : String(cell);
    const clock = clockCell === null || clockCell === undefined ? undefined : String(clockCell);
    return writtenTime(text, clock, rule, this.pattern, this.layout.timePattern?.date);
  }

  private sidesOf({ get, values }: Column, rows: number, flaw: Flaws): Int8Array {
    const { buy, sell } = this.layout.words;
    if (values instanceof Int8Array && buy.includes("1") && sell.includes("-1")) return values;
    const side = new Int8Array(rows);
    for (let row = 0; row < rows; row++) {
      const cell = get(row);
      const known = this.sides.get(typeof cell === "string" ? cell.toLowerCase() : String(cell ?? ""));
      if (known === undefined) flaw.add(row, flawOf("side", "side"));
      else side[row] = known;
    }
    return side;
  }

  private symbolsOf({ get }: Column, rows: number, flaw: Flaws): Uint32Array {
    const ids = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) {
      const cell = get(row);
      let id = this.ids.get(cell);
      if (id === undefined) {
        const name = String(cell ?? "");
        id = name === "" ? -2 : Buffer.byteLength(name) > 255 ? -3 : this.intake.idOf(name);
        this.ids.set(cell, id);
      }
      if (id < 0) flaw.add(row, flawOf(id === -1 ? "symbols_full" : id === -2 ? "empty" : "symbol", "symbol"));
      else ids[row] = id;
    }
    return ids;
  }

  private refuse(batch: ColumnBatch, row: number, timeScale: number): void {
    const [code, place] = Array.from(this.state.bad, Number) as [number, number];
    const bought = this.boughtFlaws.get(row);
    const refusal = bought === undefined ? (valueRefusals[code] as Refusal) : "bought";
    const { file, layout } = this;
    const where = { file, layout, batch, row, line: this.before + row + 1, rowsBefore: this.count("rows") };
    this.refused(columnBadRow({ ...where, refusal, role: valueColumns[place]!, bought, timeScale, lastTime: this.intake.lastTime }));
  }
}
