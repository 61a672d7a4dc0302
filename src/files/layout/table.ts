/** The first rows of a file under the names of their columns -> what it is and which column holds what. */

import { DataError, didYouMean } from "../../core/contract/errors.js";
import { priceAndSize } from "../guess/column_content.js";
import { eventColumn, inOrder, likely, timeColumns, usual } from "../guess/column_guess.js";
import type { Form, SeenFile } from "../guess/column_seen.js";
import { unknownFormat, unknownHint } from "../guess/column_suggest.js";
import type { Known } from "../guess/layouts.js";
import { askedQuotes, findQuotes, type QuoteColumns, type QuoteFlag, quotesNote } from "../guess/quote_columns.js";
import { type Role, roles, sameColumn } from "../kernels/line.js";
import type { KindWords } from "../kernels/words.js";
import { plainly, writtenIn } from "../kernels/written.js";
import { type BoughtColumns, findBought } from "./bought.js";
import { placeOf, recognise } from "./known_layout.js";
import type { ColumnOptions, Layout } from "./layout.js";
import { barColumns, barLength, nameless } from "./ohlcv.js";
import { falling, odd, total, unnamed, unread } from "./remarks.js";
import { isTotal, refuseTotal } from "./running_total.js";
import { sideOf } from "./side_words.js";
import { timeOf } from "./table_time.js";
import { parseWhere, type Where, where } from "./where.js";

const asks = ["time", "clock", "price", "size", "side", "symbol"] as const;

type Columns = Partial<Record<Role, number>>;

export class Table implements SeenFile {
  readonly names: string[];
  /** No name and no word of the user says which column is which. */
  private byContent = false;

  constructor(
    readonly file: string,
    readonly lines: readonly string[],
    readonly form: Form,
    private readonly sample: readonly (readonly string[])[],
  ) {
    this.names = [...form.names];
  }

  layout(asked: ColumnOptions): Layout {
    const found = recognise({ names: this.names, form: this.form, sample: this.sample, values: (column) => this.values(column) });
    const asking = this.columns(asked, found);
    const bars = asked.bars && !found && asked.price === undefined ? this.bars(asking, asked) : undefined;
    const columns = bars?.columns ?? asking;
    const missing = (["time", "price", "size"] as const).filter((role) => columns[role] === undefined);
    if (missing.length > 0) throw this.unknown(missing);
    this.checkApart(columns);
    if (!found && asked.size === undefined) refuseTotal(this, columns);
    const wheres = this.wheres(asked);
    const event = found ? undefined : eventColumn(this, new Set([...Object.values(columns), ...wheres.map((w) => w.column)]));
    if (event) columns.kind = event.column;
    const side = sideOf(this.sideColumn(columns), asked, found, (code, what, hint) => this.error(code, what, hint));
    const fromName = found?.fromName?.exec(this.file) ?? undefined;
    const { note, ...time } = timeOf(this, columns, asked, asked.time === undefined ? found : undefined, fromName?.[2], bars !== undefined);
    const signedSize = found?.signedSize === true && columns.side === undefined && asked.size === undefined;
    const text = side?.text ?? (signedSize ? found.sideText! : undefined);
    const { written, note: writtenNote } = this.written(columns, asked);
    const kinds = columns.kind === undefined ? undefined : (event?.kinds ?? this.kinds(found!, columns.kind));
    const quotes = bars ? undefined : this.quotes(columns, asked, found, written);
    const { bought, remarks: ofBought } = bars ? findBought(this, columns, written) : { remarks: [] };
    const priceScale = asked.price === undefined ? this.priceScale(found, columns.price!) : 0;
    const named = asks.some((role) => asked[role] !== undefined);
    const barSeconds = bars && this.barSeconds(columns, time);
    return {
      name:
        barSeconds !== undefined
          ? `bars of ${barSeconds} s, ${bars!.name ?? this.listed(columns)}`
          : found && !named
            ? found.name
            : this.listed(columns),
      ...(barSeconds !== undefined && { barSeconds }),
      separator: this.form.separator,
      header: this.form.header,
      names: this.names,
      columns,
      words: side?.words ?? { buy: [], sell: [] },
      ...{ signedSize, written },
      ...time,
      notes: [
        this.form.json ? "JSON" : this.form.header ? "header" : "no header",
        note,
        ...(kinds ? [this.kindNote(kinds, columns.kind!)] : []),
        ...wheres.map((one) => `rows whose ${one.text}`),
        ...(writtenNote === undefined ? [] : [writtenNote]),
        ...(priceScale > 0 ? [`prices are integers of 1e-${priceScale}`] : []),
        ...(quotes ? [quotesNote(quotes, (column) => this.title(column))] : []),
        `side: ${text ?? (bought ? "taker buy volume of the bars" : "none in the file")}`,
      ],
      ...(quotes && { quotes }),
      ...(bought && { bought }),
      remarks: [...ofBought, ...this.remarks({ ...columns, ...bought }, wheres, asked, found !== undefined, signedSize)],
      ...(kinds && { kinds }),
      ...(wheres.length > 0 && { where: wheres }),
      ...(priceScale > 0 && { priceScale }),
      ...(columns.symbol === undefined && fromName && { symbol: fromName[1] }),
    };
  }

  get named(): boolean {
    return this.form.header;
  }

  private columns(asked: ColumnOptions, found: Known | undefined): Columns {
    const columns: Columns = {};
    if (!found && asked.time === undefined) Object.assign(columns, this.times());
    for (const role of roles) {
      const given = role === "kind" ? undefined : asked[role];
      if (role === "time" && given !== undefined) Object.assign(columns, this.askedTime(given));
      else if (given !== undefined) columns[role] = this.index(role, given);
      const usual = given === undefined && columns[role] === undefined ? this.default(role, found, asked) : undefined;
      if (usual !== undefined) columns[role] = usual;
    }
    const nothing = !found && asked.price === undefined && asked.size === undefined && !asked.side && !asked.symbol;
    if (nothing && !this.form.header && columns.time !== undefined)
      this.byContent = Object.assign(columns, priceAndSize(this, { ...columns, time: columns.time })).price !== undefined;
    return columns;
  }

  /** Columns of bars, by their names or, where there are none, by what they hold. */
  private bars(columns: Columns, asked: ColumnOptions): { columns: Columns; name?: string } | undefined {
    const named = barColumns(this.names, columns);
    if (
      named ||
      this.form.header ||
      this.form.json ||
      (["time", "size", "side", "symbol"] as const).some((role) => asked[role] !== undefined)
    )
      return named && { columns: named };
    const found = nameless(this);
    this.byContent ||= found !== undefined;
    return found && { columns: found.columns, ...(found.klines && { name: "binance klines" }) };
  }

  /** One column, or those of the date and of the time of day with a comma between them. */
  private askedTime(given: string): Columns {
    const [date, clock, ...more] = given.split(",").map((name) => name.trim());
    if (clock === undefined || more.length > 0 || this.names.includes(given)) return { time: this.index("time", given) };
    return inOrder(this, this.index("time", date!), this.index("time", clock));
  }

  private times(): Columns {
    const found = timeColumns(this);
    if ("time" in found) return found;
    if (found.length > 1) throw this.ambiguous("time", found);
    return {};
  }

  private quotes(columns: Columns, asked: ColumnOptions, found: Known | undefined, written: Layout["written"]): QuoteColumns | undefined {
    const index = (flag: QuoteFlag, given: string) => this.index(flag, given);
    const named = askedQuotes(asked, index, (code, what, hint) => this.error(code, what, hint));
    return named ?? found?.quotes ?? findQuotes(this, new Set(Object.values(columns)), written);
  }

  private sideColumn({ side }: Columns) {
    return side === undefined ? undefined : { title: this.title(side), name: this.names[side]!, values: this.values(side) };
  }

  private wheres({ where: given = [] }: ColumnOptions): Where[] {
    return [given].flat().map((text) => {
      const asked = parseWhere(text);
      const column = this.index("where", asked.column);
      return where(asked, column, this.form.header ? this.names[column]! : `column ${column}`);
    });
  }

  private remarks(
    columns: Columns & Partial<BoughtColumns>,
    wheres: readonly Where[],
    asked: ColumnOptions,
    known: boolean,
    signedSize: boolean,
  ) {
    if (!this.form.header) return [];
    const used = new Set([...Object.values(columns), ...wheres.map(({ column }) => column)]);
    const hasSide = columns.side !== undefined || signedSize;
    const values = (column: number) => this.values(column);
    return [
      ...(["price", "size"] as const).flatMap((role) => (asked[role] === undefined ? [] : odd(role, this.names[columns[role]!]!))),
      ...(asked.size !== undefined && isTotal(this, columns) ? [total(this.names[columns.size!]!)] : []),
      ...(columns.symbol === undefined ? unnamed({ names: this.names, values, used, hasSide, known }) : []),
      ...unread({ names: this.names, values, used, hasSide, known }),
      ...falling({ names: this.names, values, used, hasSide, known }),
    ];
  }

  private barSeconds(columns: Columns, time: Pick<Layout, "timeFormat" | "timePattern" | "day" | "zone">): number {
    const seconds = barLength(this.sample, columns, time);
    if (seconds !== undefined) return seconds;
    throw this.error(
      "E_BARS",
      "it has columns of bars, and no two rows that tell how long a bar is",
      "a file of bars needs at least two of them",
    );
  }

  /** The values of a column in the sample. */
  values(column: number): string[] {
    return this.sample.map((row) => row[column] ?? "");
  }

  /** Numbers of JSON and of tables with types have a point. */
  private written(columns: Partial<Record<Role, number>>, { decimal }: ColumnOptions) {
    if (this.form.json || this.form.typed) return { written: plainly, note: undefined };
    const cells = (["price", "size"] as const).map((role) => ({ name: role, values: this.values(columns[role]!) }));
    return writtenIn(this.file, cells, this.form.separator, decimal);
  }

  private listed(columns: Partial<Record<Role, number>>): string {
    const parts = roles.filter((r) => columns[r] !== undefined).map((r) => `${r} = ${this.title(columns[r]!)}`);
    return `columns${this.form.header ? " by name," : this.byContent ? " by what they hold," : ""} ${parts.join(", ")}`;
  }

  private kinds(found: Known, column: number): KindWords {
    return typeof found.kinds === "function" ? found.kinds(this.values(column)) : found.kinds!;
  }

  private kindNote({ take }: KindWords, column: number): string {
    const title = this.form.header ? this.title(column) : `column ${column + 1}`;
    return `rows whose ${title} is ${take.filter((word) => word !== "" && !(word.endsWith(".0") && take.includes(word.slice(0, -2)))).join(" or ")}`;
  }

  private priceScale(found: Known | undefined, column: number): number {
    const scale = found?.priceScale ?? 0;
    return typeof scale === "number" ? scale : scale(this.values(column));
  }

  private default(role: Role, found: Known | undefined, asked: ColumnOptions): number | undefined {
    if (found) {
      const column = found.columns[role];
      if (column === undefined || (role === "clock" && asked.time !== undefined)) return undefined;
      if (typeof column === "number") return column;
      const index = (typeof column === "string" ? [column] : column)
        .map((name) => placeOf(found, this.names, name))
        .find((i) => i !== undefined);
      // A trade may come after a long beginning of other messages.
      return index ?? (found.form === "json" && found.header!.length < 3 ? this.names.push(column as string) - 1 : undefined);
    }
    if (role === "clock" || role === "kind" || role === "time") return undefined;
    const hits = usual(this, role);
    if (hits.length > 1) throw this.ambiguous(role, hits);
    // In a book of events, a side may be that of the order that lay there.
    return hits[0] ?? (role === "side" && eventColumn(this, new Set()) ? undefined : likely(this, role));
  }

  private ambiguous(role: Role, hits: readonly number[]): DataError {
    const list = hits.map((i) => this.title(i)).join(" and ");
    return this.error("E_COLUMN_AMBIGUOUS", `${list} could both be the ${role}`, `pass --${role} with one of them`);
  }

  index(role: Role | "where" | QuoteFlag, given: string): number {
    const exact = this.names.flatMap((n, i) => (n === given ? [i] : []));
    const hits =
      exact.length > 0 || !this.form.header ? exact : this.names.flatMap((n, i) => (n.toLowerCase() === given.toLowerCase() ? [i] : []));
    if (hits.length === 1) return hits[0]!;
    if (hits.length > 1)
      throw this.error(
        "E_COLUMN_AMBIGUOUS",
        `${hits.length} columns are named '${given}' (${hits.join(", ")} from 0)`,
        `pass --${role} with one of these numbers`,
      );
    if (!this.form.json && /^\d+$/.test(given) && Number(given) < this.names.length) return Number(given);
    const number = /^\d+$/.test(given);
    const near = this.form.header && !number ? didYouMean(given, this.names) : undefined;
    const have =
      this.form.header && number
        ? `columns are 0 to ${this.names.length - 1}: ${this.names.join(", ")}`
        : this.form.header
          ? `columns: ${this.names.join(", ")}`
          : `it has no header: columns are 0 to ${this.names.length - 1}`;
    throw this.error(
      "E_COLUMN_UNKNOWN",
      `no column is called '${given}'; ${have}`,
      near ? `did you mean ${near}?` : `pass --${role} with one of them`,
    );
  }

  private checkApart(columns: Partial<Record<Role, number>>): void {
    const [a, b] = sameColumn(columns) ?? [];
    if (a && b) throw this.error("E_COLUMN_TWICE", `column ${this.title(columns[a]!)} is both ${a} and ${b}`, `pass --${a} or --${b}`);
  }

  title(column: number): string {
    return this.form.header ? `'${this.names[column]}'` : `${column}`;
  }

  error(code: string, what: string, hint: string): DataError {
    return new DataError(code, `${this.file}: ${what}`, { file: this.file, hint });
  }

  private unknown(missing: readonly string[]): DataError {
    return this.error("E_FORMAT_UNKNOWN", unknownFormat(this, this.lines, missing), unknownHint(this));
  }
}
