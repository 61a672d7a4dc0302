/** Tables of company reports and of shares -> what was known of each asset at each time, by the day it was filed. */
import { DataError } from "../../core/contract/errors.js";
import { problem } from "../bytes/unpack.js";
import { numberColumn } from "./number_column.js";
import { assetColumn, namesOf } from "./panel.js";
import type { TableColumn, TableOptions } from "./raw_table.js";
import { datesOf, type NumberTable, readTable } from "./read_table.js";

/** One report of an asset; NaN where it does not say. */
export interface Report {
  /** End of its period, and the time from which it counts as known: ns since 1970. */
  end: bigint;
  known: bigint;
  /** Of a whole year, as opposed to a quarter. */
  annual: boolean;
  book: number;
  sales: number;
  cashFlow: number;
  income: number;
  shares: number;
}

export interface Reports {
  file: string;
  note: string;
  /** By asset, in order of the end of the period. */
  of: ReadonlyMap<string, readonly Report[]>;
  /** Reports without a filing date, known `lag` days after the end of their period. */
  lagged: number;
  /** Second reports of a period that came no later than the first: not used. */
  repeated: number;
  rows: number;
}

const dayNs = 86_400_000_000_000n;
const endNames = [
  "end_date",
  "period_end",
  "period_end_date",
  "period_of_report",
  "report_period",
  "reportperiod",
  "datadate",
  "fiscal_date_ending",
];
const filedNames = ["filed", "filing_date", "filed_date", "filing_dt", "filedate", "date_filed", "accepted", "rdq", "datekey"];
const periodNames = ["period_focus", "fiscal_period", "period", "fp", "period_type", "dimension", "doc_type", "form"];
const annualWords = /^(fy|annual|year|y|a|q4 ?fy|10-k.*|20-f.*|40-f.*|ary|mry)$/i;
const amounts = {
  book: ["equity", "book", "book_value", "book_equity", "stockholders_equity", "shareholders_equity", "common_equity", "ceq"],
  sales: ["revenues", "revenue", "sales", "sale", "revt"],
  cashFlow: ["cash_flow_op", "operating_cash_flow", "cash_flow_from_operations", "ncfo", "oancf"],
  income: ["net_income", "netincome", "net_income_loss", "ni"],
  shares: ["shares", "shares_outstanding", "common_shares_outstanding", "csho", "sharesbas"],
} as const;
const perShare = ["eps_diluted", "eps_basic", "eps", "epsdil", "epsfx"];
/** Earnings a share are written to the cent: below this, more than a tenth of the shares would be rounding. */
const leastPerShare = 0.05;

const named = (columns: readonly TableColumn[], names: readonly string[]): TableColumn | undefined =>
  names.map((name) => columns.find((c) => c.name.toLowerCase() === name)).find((c) => c !== undefined);

/** Times of a column; undefined where the cell is empty. A cell that is no date is refused. */
function timesOf(table: NumberTable, column: TableColumn, options: TableOptions): (bigint | undefined)[] {
  if (column.kind === "time") return Array.from(column.values);
  const dates = datesOf(table.file, column, options);
  return Array.from({ length: table.rows }, (_, row) => {
    const empty = column.kind === "text" ? column.ids[row] === 0 : Number.isNaN(column.values[row]!);
    const ns = dates?.ns[column.kind === "text" ? column.ids[row]! - 1 : row];
    if (empty || ns !== undefined) return empty ? undefined : ns;
    const value = column.kind === "text" ? column.words[column.ids[row]!] : column.values[row];
    return refuse(table, row, column.name, `is '${value}', not a date`, "dates are YYYY-MM-DD or YYYYMMDD");
  });
}

function refuse(table: NumberTable, row: number, column: string, what: string, hint: string): never {
  const line = table.lineOf(row);
  throw new DataError("E_BAD_VALUE", `${table.file}, ${table.unit} ${line}: ${column} ${what}`, {
    file: table.file,
    line,
    column,
    row,
    hint,
  });
}

export interface ReportOptions extends Pick<TableOptions, "decimal" | "timeFormat" | "onProgress"> {
  asset?: string | undefined;
  /** Days from the end of a period to when its report counts as known, where its filing date is not there. */
  lag: number;
}

type Amount = keyof typeof amounts;

/** The columns by their roles; each number of a report by its row. */
function rolesOf(table: NumberTable, asset: string | undefined) {
  const { file, columns } = table;
  const all: TableColumn[] = table.time ? [table.time, ...columns] : [...columns];
  const end = named(all, endNames) ?? table.time;
  if (!end) throw problem("E_TABLE_DATE", file, "has no column with the ends of its periods", `one of ${endNames.join(", ")}, or date`);
  const others = all.filter((c) => c !== end);
  const filed = named(others, filedNames);
  const period = named(columns, periodNames);
  const numbers = (words: readonly string[]) => {
    const column = named(columns, words);
    return column && numberColumn(table, column, "a number", "leave the cell empty where it is not known").values;
  };
  const found = new Map(Object.entries(amounts).flatMap(([key, words]) => (numbers(words) ? [[key as Amount, numbers(words)!]] : [])));
  const examples = Object.values(amounts).map(([first]) => first);
  if (found.size === 0)
    throw problem(
      "E_TABLE_VALUE",
      file,
      "has no column of equity, revenues, cash flow, income or shares",
      `such as ${examples.join(", ")}`,
    );
  const each = perShare.map((name) => numbers([name])).filter((values) => values !== undefined);
  const at = (key: Amount, row: number) => found.get(key)?.[row] ?? Number.NaN;
  const eps = (row: number) => each.map((values) => values[row]!).find((value) => Math.abs(value) >= leastPerShare) ?? Number.NaN;
  return {
    ...{ end, filed, at, names: namesOf(table, assetColumn({ ...table, columns: others.filter((c) => c !== filed) }, asset)) },
    shares: (row: number) => (found.has("shares") ? at("shares", row) : at("income", row) / eps(row)),
    annual: (row: number) => period?.kind !== "text" || annualWords.test(period.words[period.ids[row]!]!),
  };
}

/** A row for each asset and period; without a column that tells quarters from years, each is of a year. */
export async function readReports(path: string, { asset, lag, ...how }: ReportOptions): Promise<Reports> {
  const options = { ...how, timeFormatOfOthers: true };
  const table = await readTable(path, options);
  const { file, rows } = table;
  const { end, filed, at, names, shares: sharesAt, annual } = rolesOf(table, asset);
  const [ends, filings] = [timesOf(table, end, options), filed ? timesOf(table, filed, options) : []];
  const of = new Map<string, Report[]>();
  let [lagged, repeated] = [0, 0];
  for (const [row, name] of names.entries()) {
    const to = ends[row] ?? refuse(table, row, end.name, "is missing", "every report needs the end of its period");
    const filing = filings[row];
    if (filing !== undefined && filing < to) refuse(table, row, filed!.name, `is before ${end.name}`, "a report is filed after its period");
    if (filing === undefined) lagged++;
    const shares = sharesAt(row);
    const report: Report = {
      end: to,
      known: filing === undefined ? to + BigInt(lag) * dayNs : filing + dayNs,
      annual: annual(row),
      ...{ book: at("book", row), sales: at("sales", row), cashFlow: at("cashFlow", row), income: at("income", row) },
      shares: shares > 0 && shares < Infinity ? shares : Number.NaN,
    };
    const own = of.get(name) ?? of.set(name, []).get(name)!;
    if (own.some((r) => r.end === to && r.known <= report.known && r.annual === report.annual)) repeated++;
    else own.push(report);
  }
  for (const own of of.values()) own.sort((a, b) => (a.end === b.end ? (a.known < b.known ? -1 : 1) : a.end < b.end ? -1 : 1));
  const told = filed ? `filed on ${filed.name}` : `known ${lag} days after ${end.name}`;
  return { file, note: `${file}: ${table.form}, reports ${told}`, of, lagged, repeated, rows };
}

/** A row for each asset, or for each asset and date from which its number of shares holds. */
export async function readShares(path: string, options: Omit<ReportOptions, "lag">): Promise<Reports> {
  const { asset, ...how } = options;
  const table = await readTable(path, { ...how, timeFormatOfOthers: true });
  const { file, rows, time } = table;
  const column = table.columns.find(({ name }) => (amounts.shares as readonly string[]).includes(name.toLowerCase()));
  if (!column) throw problem("E_TABLE_VALUE", file, "has no column of shares", `one of ${amounts.shares.join(", ")}`);
  const { values } = numberColumn(table, column, "a number of shares", "leave the cell empty where it is not known");
  const names = namesOf(table, assetColumn(table, asset));
  const of = new Map<string, Report[]>();
  const none = { annual: false, book: Number.NaN, sales: Number.NaN, cashFlow: Number.NaN, income: Number.NaN };
  for (const [row, name] of names.entries()) {
    const shares = values[row]!;
    if (Number.isNaN(shares)) continue;
    if (!(shares > 0 && shares < Infinity))
      refuse(table, row, column.name, `is ${shares}, expected a number above 0`, "leave the cell empty where it is not known");
    const end = time?.values[row] ?? 0n;
    const own = of.get(name) ?? of.set(name, []).get(name)!;
    if (own.some((r) => r.end === end))
      refuse(table, row, column.name, `of ${name} is there twice`, "keep one row for each asset, or for each asset and date");
    own.push({ ...none, end, known: end, shares });
  }
  for (const own of of.values()) own.sort((a, b) => (a.end < b.end ? -1 : 1));
  return { file, note: `${file}: ${table.form}, shares${time ? `, dates in ${time.name}` : ""}`, of, lagged: 0, repeated: 0, rows };
}
