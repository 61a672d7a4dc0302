/** Batches of columns (Arrow, Parquet) -> columns of numbers, texts and times. */
import { didYouMean } from "../../core/contract/errors.js";
import type { Cell, Column, ColumnBatch, TableBatches } from "../binary/table_batches.js";
import type { Source } from "../bytes/source.js";
import { problem } from "../bytes/unpack.js";
import { Growing, Words } from "./growing.js";
import { type RawTable, type TableOptions, unknownColumn, wantedColumn } from "./raw_table.js";

type RawColumn = RawTable["columns"][number];

/** What a column holds is known from its first cell that is not null. */
class Taken {
  private kind: "number" | "text" | "time" | undefined;
  private readonly numbers = new Growing(Float64Array);
  private readonly times = new Growing(BigInt64Array);
  private readonly words = new Words();
  private missing = -1;
  private rows = 0;

  constructor(
    private readonly file: string,
    readonly name: string,
  ) {}

  take(column: Column, rows: number): void {
    this.kind ??= this.kindOf(column, rows);
    if (this.kind === "number") this.takeNumbers(column, rows);
    else if (this.kind === "time") this.takeTimes(column, rows);
    else if (this.kind === "text") for (let row = 0; row < rows; row++) this.words.add(String(column.get(row) ?? ""));
    this.rows += rows;
  }

  result(): RawColumn {
    const { name } = this;
    if (this.kind === "text") return { name, kind: "text", ids: this.words.ids.done(), words: this.words.list };
    if (this.kind === "time") return { name, kind: "time", values: this.times.done(), missing: this.missing, note: "as typed" };
    return { name, kind: "number", values: this.kind ? this.numbers.done() : new Float64Array(this.rows).fill(Number.NaN) };
  }

  private kindOf({ get, timeScale }: Column, rows: number): "number" | "text" | "time" | undefined {
    for (let row = 0; row < rows; row++) {
      const cell = get(row);
      if (cell === null || cell === undefined) continue;
      const kind = timeScale !== undefined ? "time" : typeof cell === "string" ? "text" : "number";
      const before = this.rows;
      if (kind === "number") this.numbers.room(before).fill(Number.NaN);
      if (kind === "text") for (let i = 0; i < before; i++) this.words.add("");
      if (kind === "time" && before > 0) this.missing = 0;
      if (kind === "time") this.times.room(before);
      return kind;
    }
    return undefined;
  }

  private takeNumbers({ get, values }: Column, rows: number): void {
    const out = this.numbers.room(rows);
    if (values && typeof values[0] !== "bigint") out.set((values as Float64Array).subarray(0, rows));
    else
      for (let row = 0; row < rows; row++) {
        const cell = get(row);
        if (cell !== null && typeof cell === "object") this.refuse(row, cell);
        out[row] = cell === null || cell === undefined ? Number.NaN : Number(cell);
      }
  }

  private takeTimes({ get, timeScale = 1 }: Column, rows: number): void {
    const out = this.times.room(rows);
    for (let row = 0; row < rows; row++) {
      const cell = get(row);
      if (cell === null || cell === undefined) this.missing = this.missing < 0 ? this.rows + row : this.missing;
      else out[row] = BigInt(cell as bigint) * BigInt(timeScale);
    }
  }

  private refuse(row: number, cell: Cell): never {
    throw problem(
      "E_COLUMN_TYPE",
      this.file,
      `row ${this.rows + row + 1}: ${this.name} is ${String(cell)}, neither a number nor a text`,
      "leave the column out",
    );
  }
}

export async function batchColumns(source: Source, table: TableBatches, options: TableOptions): Promise<RawTable> {
  const { names } = table;
  const asked = [...(options.columns ?? []), ...(options.date === undefined ? [] : [options.date])];
  const absent = asked.find((name) => !names.includes(name));
  if (absent !== undefined) {
    await table.close();
    throw unknownColumn(source.name, absent, names, didYouMean(absent, names));
  }
  const wanted = names.flatMap((name, i) => (wantedColumn(name, options) ? [{ at: i, taken: new Taken(source.name, name) }] : []));
  let rows = 0;
  for await (const batch of table.batches() as AsyncGenerator<ColumnBatch>) {
    for (const { at, taken } of wanted) taken.take(batch.columns[at]!, batch.rows);
    rows += batch.rows;
    options.signal?.throwIfAborted();
    options.onProgress?.({ ...source.progress, rows });
  }
  return { form: table.form, rows, columns: wanted.map(({ taken }) => taken.result()), unit: "row", lineOf: (row) => row + 1 };
}
