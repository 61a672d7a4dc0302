/** The first rows of a file under the names of their columns -> what it is and which column holds what. */
import { DataError, didYouMean } from "../errors.js";
import type { ColumnOptions, Layout } from "./detect.js";
import { known } from "./known.js";
import { type Known, looksLike, most, synonyms, wordsFor } from "./layouts.js";
import { type Role, roles } from "./line.js";
import { timeOf } from "./table_time.js";
import type { KindWords, SideWords } from "./words.js";
import { plainly, writtenIn } from "./written.js";

export interface Form {
  separator: string;
  header: boolean;
  names: readonly string[];
  json: boolean;
  /** Columns have types: numbers are no text. */
  typed?: true;
}
const asks = ["time", "clock", "price", "size", "side", "symbol"] as const;

export class Table {
  private readonly names: string[];

  constructor(
    readonly file: string,
    private readonly lines: readonly string[],
    private readonly form: Form,
    private readonly sample: readonly (readonly string[])[],
  ) {
    this.names = [...form.names];
  }

  layout(asked: ColumnOptions): Layout {
    const found = this.recognise();
    const columns: Partial<Record<Role, number>> = {};
    for (const role of roles) {
      const given = role === "kind" ? undefined : asked[role];
      const index = given !== undefined ? this.index(role, given) : this.default(role, found, asked);
      if (index !== undefined) columns[role] = index;
    }
    const missing = (["time", "price", "size"] as const).filter((role) => columns[role] === undefined);
    if (missing.length > 0) throw this.unknown(missing);
    this.checkApart(columns);
    const named = asks.some((role) => asked[role] !== undefined);
    const side = this.side(columns.side, asked, found);
    const fromName = found?.fromName?.exec(this.file) ?? undefined;
    const { note, ...time } = timeOf(this, columns, asked, asked.time === undefined ? found : undefined, fromName?.[2]);
    const signedSize = found?.signedSize === true && columns.side === undefined && asked.size === undefined;
    const text = side?.text ?? (signedSize ? found.sideText! : undefined);
    const { written, note: writtenNote } = this.written(columns, asked);
    const kinds = columns.kind === undefined ? undefined : this.kinds(found!, columns.kind);
    const priceScale = asked.price === undefined ? this.priceScale(found, columns.price!) : 0;
    return {
      name: found && !named ? found.name : this.listed(columns),
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
        ...(writtenNote === undefined ? [] : [writtenNote]),
        ...(priceScale > 0 ? [`prices are integers of 1e-${priceScale}`] : []),
        `side: ${text ?? "none in the file"}`,
      ],
      ...(kinds && { kinds }),
      ...(priceScale > 0 && { priceScale }),
      ...(columns.symbol === undefined && fromName && { symbol: fromName[1] }),
    };
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
    return `columns ${parts.join(", ")}`;
  }

  private kinds(found: Known, column: number): KindWords {
    return typeof found.kinds === "function" ? found.kinds(this.values(column)) : found.kinds!;
  }

  private kindNote({ take }: KindWords, column: number): string {
    const title = this.form.header ? this.title(column) : `column ${column + 1}`;
    return `rows whose ${title} is ${take.filter((word) => word !== "").join(" or ")}`;
  }

  private priceScale(found: Known | undefined, column: number): number {
    const scale = found?.priceScale ?? 0;
    return typeof scale === "number" ? scale : scale(this.values(column));
  }

  /** The published layout that this is, if any. */
  private recognise(): Known | undefined {
    return known.find((k) => {
      if (k.form !== undefined && (k.form === "json") !== this.form.json) return false;
      if ((k.header !== undefined) !== this.form.header || (!this.form.json && (k.separator ?? ",") !== this.form.separator)) return false;
      if (k.header && !k.header.every((name) => this.find(k, name) !== undefined)) return false;
      if (k.header && k.whole && !this.form.json && k.header.length !== this.names.length) return false;
      if (k.shape && !this.hasShape(k.shape)) return false;
      return k.when?.((column) => this.values(typeof column === "number" ? column : this.find(k, column)!)) ?? true;
    });
  }

  private hasShape(shape: NonNullable<Known["shape"]>): boolean {
    return shape.length === this.names.length && most(this.sample, (row) => shape.every((kind, i) => looksLike(kind, row[i]!)));
  }

  /** Case counts for what is JSON alone: Binance has p and P. */
  private find(k: Known, name: string): number | undefined {
    const fold = (text: string) => (k.form === "json" ? text : text.toLowerCase());
    const at = this.names.findIndex((n) => fold(n) === fold(name));
    return at < 0 ? undefined : at;
  }

  private default(role: Role, found: Known | undefined, asked: ColumnOptions): number | undefined {
    if (found) {
      const column = found.columns[role];
      if (column === undefined || (role === "clock" && asked.time !== undefined)) return undefined;
      if (typeof column === "number") return column;
      const index = (typeof column === "string" ? [column] : column).map((name) => this.find(found, name)).find((i) => i !== undefined);
      // A trade may come after a long beginning of other messages.
      return index ?? (found.form === "json" && found.header!.length < 3 ? this.names.push(column as string) - 1 : undefined);
    }
    if (!this.form.header || role === "clock" || role === "kind") return undefined;
    const hits = this.names.flatMap((n, i) => (synonyms[role].includes(n.toLowerCase()) ? [i] : []));
    if (hits.length < 2) return hits[0];
    const list = hits.map((i) => this.title(i)).join(" and ");
    throw this.error("E_COLUMN_AMBIGUOUS", `${list} could both be the ${role}`, `pass --${role} with one of them`);
  }

  private index(role: Role, given: string): number {
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
    const used = roles.filter((r) => columns[r] !== undefined);
    for (const a of used)
      for (const b of used)
        if (a < b && columns[a] === columns[b])
          throw this.error("E_COLUMN_TWICE", `column ${this.title(columns[a]!)} is both ${a} and ${b}`, `pass --${a} or --${b}`);
  }

  private side(column: number | undefined, asked: ColumnOptions, found: Known | undefined): { words: SideWords; text: string } | undefined {
    const list = (v: string | readonly string[] | undefined) => (v === undefined ? [] : typeof v === "string" ? [v] : v);
    const given = asked.buy !== undefined || asked.sell !== undefined;
    if (column === undefined) {
      if (!given) return undefined;
      throw this.error("E_COLUMN_UNKNOWN", "values for buy and sell are given, but no side column", "pass --side with the column");
    }
    const name = this.title(column);
    if (given) {
      if (list(asked.buy).length === 0 || list(asked.sell).length === 0)
        throw this.error("E_SIDE", "only one of buy and sell is given", "pass both --buy VALUE and --sell VALUE");
      const words = { buy: list(asked.buy), sell: list(asked.sell), unknown: list(asked.unknown) };
      const both = words.buy.find((b) => words.sell.some((s) => s.toLowerCase() === b.toLowerCase()));
      if (both !== undefined) throw this.error("E_SIDE", `'${both}' is given for buy and for sell`, "they must differ");
      return { words, text: `${name}, ${words.buy.join(" or ")} = buyer was aggressor, ${words.sell.join(" or ")} = seller` };
    }
    if (found?.words && asked.side === undefined) return { words: found.words, text: found.sideText! };
    const values = this.values(column);
    const guess = wordsFor(this.names[column]!, values);
    if (guess) return guess;
    const some = [...values]
      .slice(0, 5)
      .map((v) => `'${v}'`)
      .join(", ");
    throw this.error(
      "E_SIDE",
      `what the values of ${name} mean is not clear (${some})`,
      "pass --buy VALUE and --sell VALUE: who was the aggressor",
    );
  }

  title(column: number): string {
    return this.form.header ? `'${this.names[column]}'` : `${column}`;
  }

  error(code: string, what: string, hint: string): DataError {
    return new DataError(code, `${this.file}: ${what}`, { file: this.file, hint });
  }

  private unknown(missing: readonly string[]): DataError {
    const first = this.lines.slice(0, 3).map((l) => `  ${l.length > 120 ? `${l.slice(0, 117)}...` : l}`);
    const example = this.form.header ? this.names.slice(0, 3) : ["0", "1", "2"];
    const hint = `pass --time ${example[0] ?? "NAME"} --price ${example[1] ?? "NAME"} --size ${example[2] ?? "NAME"}${this.form.header ? "" : " (columns from 0)"}, and --side with --buy and --sell where there is one`;
    return this.error(
      "E_FORMAT_UNKNOWN",
      `not a trade file that is known; no ${missing.join(", no ")} column found. It begins\n${first.join("\n")}`,
      hint,
    );
  }
}
