/** The layout of a file of quotes: which columns hold the time, the bid, the ask, their sizes and the symbol. */
import { DataError } from "../../core/contract/errors.js";
import { likely, timeColumns, usual } from "../guess/column_guess.js";
import { type Known, most, unitOf } from "../guess/layouts.js";
import { askedQuotes, findQuotes, type QuoteColumns, type QuoteFlag, quotesNote } from "../guess/quote_columns.js";
import { plainly, type Written, writtenIn } from "../kernels/written.js";
import type { ColumnOptions, Layout } from "../layout/layout.js";
import type { Table } from "../layout/table.js";
import { timeOf } from "../layout/table_time.js";

export interface QuoteLayout extends Layout {
  quotes: QuoteColumns;
  /** Rows that lack one of them are no quotes: messages of several kinds have keys of these names. */
  allFour?: true;
  /** The time is the number before the record, moved by so many ns. */
  receipt?: { unit: "s" | "ms" | "us" | "ns"; shift: bigint };
}

/** What vendors' files of quotes are not told by: which of several times is that of the quote, and what else a name does not say. */
interface Vendor extends Pick<Known, "zone"> {
  name: string;
  header: readonly string[];
  time?: string;
  symbol?: readonly string[];
  /** Prices that are whole numbers are integers of 1e-9. */
  nano?: true;
}
const vendors: readonly Vendor[] = [
  { name: "databento", header: ["ts_recv", "rtype", "publisher_id"], time: "ts_recv", symbol: ["symbol", "instrument_id"], nano: true },
  { name: "polygon", header: ["sip_timestamp", "participant_timestamp"], time: "sip_timestamp", symbol: ["ticker"] },
  { name: "tardis", header: ["exchange", "symbol", "timestamp", "local_timestamp"], time: "timestamp", symbol: ["symbol"] },
  { name: "binance", header: ["update_id", "best_bid_price", "transaction_time"], time: "transaction_time" },
  { name: "TAQ", header: ["date", "time_m", "sym_root"], symbol: ["sym_root"], zone: "America/New_York" },
];

const place = (table: Table, name: string): number => table.names.findIndex((own) => own.toLowerCase() === name);
const vendorOf = (table: Table): Vendor | undefined => vendors.find(({ header }) => header.every((name) => place(table, name) >= 0));

const noTime = "of a file of quotes the time is found by name and contents: call one column 'time', the others otherwise";
const noFlag = "a file of quotes is read without flags but --bid --ask --bid-size --ask-size: write it with names such as time, bid, ask";

/** `asked`: columns of the quotes, by name or number. */
export function quoteLayout(table: Table, asked: ColumnOptions): QuoteLayout {
  const feed = feedLayout(table);
  if (feed) return feed;
  try {
    return plainLayout(table, asked);
  } catch (error) {
    // The flags for columns are of the trades.
    if (error instanceof DataError && /--(time|symbol|date|zone|decimal)/.test(error.hint ?? "")) Object.assign(error, { hint: noFlag });
    throw error;
  }
}

function plainLayout(table: Table, asked: ColumnOptions): QuoteLayout {
  const vendor = vendorOf(table);
  const index = (flag: QuoteFlag, given: string) => table.index(flag, given);
  const named = askedQuotes(asked, index, (code, what, hint) => table.error(code, what, hint));
  const typed = table.form.json || table.form.typed === true;
  const quotes = named ?? marks.map((mark) => findQuotes(table, new Set(), mark)).find((found) => found) ?? refuseQuotes(table);
  const cells = [quotes.bid, quotes.ask].map((column) => ({ name: table.title(column), values: table.values(column) }));
  const { written, note } = typed
    ? { written: plainly, note: undefined }
    : writtenIn(table.file, cells, table.form.separator, asked.decimal);
  const times = timesOf(table, quotes, vendor, asked);
  const symbol = symbolOf(table, vendor, asked);
  const columns = { ...times, ...(symbol !== undefined && { symbol }) };
  const { note: timeNote, ...time } = timeWith(table, columns, asked, vendor);
  const whole = vendor?.nano && table.values(quotes.bid).every((value) => /^-?\d*$/.test(value));
  const said = [
    ...(vendor
      ? []
      : [`columns ${Object.entries(columns).map(([role, column]) => `${role} = ${table.title(column)}`)}`.replace(/,/g, ", ")]),
    quotesNote(quotes, (column) => table.title(column)).replace("quotes: ", ""),
  ];
  return {
    ...base(table),
    name: vendor ? `${vendor.name} quotes` : "quotes",
    ...{ columns, quotes, written },
    ...time,
    notes: [...said, timeNote, ...(note === undefined ? [] : [note])],
    ...(whole && { priceScale: 9 }),
  };
}

/** A zone and a day that were given for the trades are those of the quotes too, where their times do not tell them. */
function timeWith(table: Table, columns: { time: number; clock?: number }, asked: ColumnOptions, vendor: Vendor | undefined) {
  const found = vendor?.zone === undefined ? undefined : ({ zone: vendor.zone } as Known);
  const { zone, date, ...rest } = asked;
  for (const given of [asked, { ...rest, zone }, { ...rest, date }])
    try {
      return timeOf(table, columns, given, found, undefined);
    } catch (error) {
      if (!(error instanceof DataError && ["E_ZONE", "E_DATE"].includes(error.code))) throw error;
    }
  return timeOf(table, columns, rest, found, undefined);
}

const base = ({ form, names }: Table) => ({
  ...{ separator: form.separator, header: form.header, names },
  ...{ words: { buy: [], sell: [] }, signedSize: false },
});

/** How numbers are written is told from the columns, once they are known. */
const marks: readonly Written[] = [plainly, { decimal: ".", group: "," }, { decimal: ",", group: "." }];

function refuseQuotes(table: Table): never {
  const list = table.form.header ? `its columns are ${table.names.slice(0, 20).join(", ")}` : "it has no header";
  const hint =
    "columns called bid and ask are found by name; name others with --bid COL --ask COL, which are then columns of the quotes file";
  throw table.error("E_QUOTES_FILE", `no bid and ask are found in this file of quotes: ${list}`, hint);
}

function timesOf(
  table: Table,
  quotes: QuoteColumns,
  vendor: Vendor | undefined,
  { time: given }: ColumnOptions,
): { time: number; clock?: number } {
  if (given !== undefined) return { time: table.index("time", given) };
  if (vendor?.time !== undefined) return { time: place(table, vendor.time) };
  const found = timeColumns(table);
  if ("time" in found) return found;
  // Whatever its name: the one column beside the quotes of which all values are times of this century.
  const others = table.names.flatMap((_, i) => (quotes.bid !== i && quotes.ask !== i && unitOf(table.values(i)) !== undefined ? [i] : []));
  if (found.length === 0 && others.length === 1) return { time: others[0]! };
  const which = found.length > 0 ? `${found.map((column) => table.title(column)).join(" and ")} could both be` : "no column is";
  throw table.error("E_QUOTES_FILE", `${which} the time of the quotes`, noTime);
}

function symbolOf(table: Table, vendor: Vendor | undefined, { symbol: given }: ColumnOptions): number | undefined {
  if (given !== undefined) return table.index("symbol", given);
  const known = vendor?.symbol?.map((name) => place(table, name)).find((column) => column >= 0);
  if (known !== undefined) return known;
  const hits = usual(table, "symbol");
  if (hits.length < 2) return hits[0] ?? likely(table, "symbol");
  const list = hits.map((column) => table.title(column)).join(" and ");
  throw table.error("E_QUOTES_FILE", `${list} could both be the symbol of the quotes`, "call one of them 'symbol', the other otherwise");
}

const feedColumns = ["s", "b", "a", "B", "A"] as const;

/** Best bids and asks among the messages of Binance's streams. Those of spot have no time but that of receipt. */
function feedLayout(table: Table): QuoteLayout | undefined {
  const at = table.form.json ? ["data.", ""].find((before) => feedColumns.every((key) => table.names.includes(before + key))) : undefined;
  if (at === undefined) return undefined;
  const of = (key: string) => table.names.indexOf(at + key);
  const values = (key: string) => (of(key) < 0 ? [] : table.values(of(key)));
  const sizes = values("A");
  const tickers = sizes.flatMap((size, i) => (size === "" || values("B")[i] === "" ? [] : [i]));
  if (tickers.length === 0) return undefined;
  const quotes = { bid: of("b"), ask: of("a"), bidSize: of("B"), askSize: of("A") };
  const columns = { symbol: of("s") };
  const rest = {
    ...base(table),
    name: "binance bookTicker messages",
    quotes,
    written: plainly,
    timeFormat: "ms" as const,
    allFour: true as const,
  };
  const sized = "bid b and ask a, with sizes";
  const own = ["T", "E"].find((key) => of(key) >= 0 && most(tickers, (i) => values(key)[i] !== ""));
  if (own) return { ...rest, columns: { ...columns, time: of(own) }, notes: [sized, `time ${own} in ms`] };
  const { note, ...receipt } = receiptOf(table);
  return { ...rest, columns, receipt, notes: [sized, note] };
}

/** What stands before a record of JSON: the time of receipt. */
export const before = /^\s*(\d+) +\{/;
const eventTime = /"E":(\d{13})\b/;
export const nsOf = { s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, ns: 1n } as const;

/** The clock of who received the messages, set by the exchange's times in those that have one. */
function receiptOf(table: Table): NonNullable<QuoteLayout["receipt"]> & { note: string } {
  const received = table.lines.map((line) => before.exec(line)?.[1] ?? "");
  const unit = unitOf(received.filter((value) => value !== "")) as "ns" | undefined;
  if (unit === undefined)
    throw table.error(
      "E_QUOTES_FILE",
      "its bookTicker messages have no time, and no time of receipt stands before them",
      "write the time of receipt before each message: 1723161254087891268 {...}",
    );
  const apart = table.lines.flatMap((line, i) => {
    const event = eventTime.exec(line)?.[1];
    return event === undefined || received[i] === "" ? [] : [BigInt(event) * nsOf.ms - BigInt(received[i]!) * nsOf[unit]];
  });
  const shift = apart.sort((a, b) => (a < b ? -1 : 1))[apart.length >> 1] ?? 0n;
  const moved = shift === 0n ? "" : `, moved by ${(Number(shift) / 1e9).toFixed(3)} s, which is how far the exchange's times E are from it`;
  return { unit, shift, note: `time is that of receipt${moved}` };
}
