/** The book of a collateral engine, of a file or of nothing but instruments: accounts, their cash, positions. */

import { type FileRecord, readRecords } from "../kit/records_file.js";
import type { Book } from "../margin_book.js";

export interface NamedBook {
  readonly book: Required<Book>;
  /** When each position expires, in nanoseconds UTC; NaN where it is said in years, or does not. */
  readonly expires: Float64Array;
  readonly accounts: readonly string[];
  readonly cash: Float64Array;
  readonly groups: number;
  /** Position of each account in each instrument itself, whose quantity holdings set: row `account * instruments + instrument`. */
  readonly holdings: Uint32Array;
}

const columns = {
  account: "text",
  instrument: "text",
  kind: "text",
  quantity: "number",
  multiplier: "number",
  strike: "number",
  expiry: "text",
  volatility: "number",
  rate: "number",
  dividendYield: "number",
  group: "text",
  minimum: "number",
} as const;
/** As margin_grid counts them. */
const kinds = ["asset", "call", "put", "future"] as const;

interface Position {
  account: number;
  underlying: number;
  kind: number;
  group: string;
  quantity: number;
  multiplier: number;
  strike: number;
  expiry: number;
  expires: number;
  volatility: number;
  rate: number;
  dividendYield: number;
  minimum: number;
}
const plain = {
  kind: 0,
  quantity: 0,
  multiplier: 1,
  strike: 0,
  expiry: 0,
  expires: Number.NaN,
  volatility: 0,
  rate: 0,
  dividendYield: 0,
  minimum: 0,
};

/** Each account holds so many units of each instrument. */
export function plainBook(
  { accounts, cash, units }: { accounts: readonly string[]; cash: number; units: Float64Array },
  instruments: readonly string[],
): NamedBook {
  const held = accounts.flatMap((_, account) =>
    instruments.map((group, underlying): Position => ({ ...plain, account, underlying, group, quantity: units[underlying]! })),
  );
  return named(accounts, new Float64Array(accounts.length).fill(cash), held, instruments);
}

/** A line of kind `cash` gives an account money; accounts are those that lines name. */
export function readBook(file: string, cash: number, instruments: readonly string[]): NamedBook {
  const accounts: string[] = [];
  const money: number[] = [];
  const positions: Position[] = [];
  for (const record of readRecords(file, columns, ["account", "kind", "quantity"])) {
    const name = record.text("account")!;
    if (!accounts.includes(name)) {
      accounts.push(name);
      money.push(cash);
    }
    const account = accounts.indexOf(name);
    if (record.text("kind") === "cash") money[account]! += record.number("quantity")!;
    else positions.push(positionOf(record, account, instruments));
  }
  return named(accounts, Float64Array.from(money), positions, instruments);
}

function positionOf(record: FileRecord, account: number, instruments: readonly string[]): Position {
  const kind = kinds.indexOf(record.text("kind") as "asset");
  if (kind < 0) throw record.wrong("kind", `one of ${kinds.join(", ")}, cash`);
  const instrument = record.text("instrument") ?? "";
  const underlying = instruments.indexOf(instrument);
  if (underlying < 0) throw record.wrong("instrument", `an instrument of the system: ${instruments.join(", ")}`);
  const isOption = kind === 1 || kind === 2;
  for (const name of ["strike", "expiry", "volatility"] as const)
    if (record.text(name) === undefined && (isOption || (name === "strike" && kind === 3)))
      throw record.wrong(name, `one: the position is a ${kinds[kind]}`);
  const given = (["quantity", "multiplier", "strike", "volatility", "rate", "dividendYield", "minimum"] as const).map((name) => [
    name,
    record.number(name) ?? plain[name],
  ]);
  return {
    ...plain,
    ...Object.fromEntries(given),
    ...expiryOf(record),
    account,
    underlying,
    kind,
    group: record.text("group") ?? instrument,
  };
}

/** Years, or a date in UTC. */
function expiryOf(record: FileRecord) {
  const text = record.text("expiry");
  if (text === undefined) return {};
  if (!Number.isNaN(Number(text))) return { expiry: Number(text) };
  const ms = /^\d{4}-\d\d-\d\d/.test(text)
    ? Date.parse(/T.*([zZ]|[+-]\d\d:\d\d)$/.test(text) ? text : `${text.slice(0, 10)}T00:00:00Z`)
    : Number.NaN;
  if (Number.isNaN(ms)) throw record.wrong("expiry", "years, such as 0.25, or a date, such as 2026-12-18 or 2026-12-18T08:00:00Z");
  return { expires: ms * 1e6 };
}

function named(accounts: readonly string[], cash: Float64Array, given: readonly Position[], instruments: readonly string[]): NamedBook {
  const all = [...given];
  const holdings = new Uint32Array(accounts.length * instruments.length);
  accounts.forEach((_, account) => {
    instruments.forEach((group, underlying) => {
      const isIt = (p: Position) => p.account === account && p.underlying === underlying && p.kind === 0;
      let row = all.findIndex(isIt);
      if (row < 0) row = all.push({ ...plain, account, underlying, group }) - 1;
      holdings[account * instruments.length + underlying] = row;
    });
  });
  const groups = [...new Set(all.map(({ group }) => group))];
  const real = (name: keyof Position) => Float64Array.from(all, (p) => p[name] as number);
  const id = (of: (p: Position) => number) => Uint32Array.from(all, of);
  const book = {
    ...{ quantity: real("quantity"), multiplier: real("multiplier"), kind: Uint8Array.from(all, ({ kind }) => kind) },
    ...{ underlying: id(({ underlying }) => underlying), strike: real("strike"), expiry: real("expiry"), volatility: real("volatility") },
    ...{ rate: real("rate"), dividendYield: real("dividendYield"), minimum: real("minimum") },
    ...{ account: id(({ account }) => account), group: id(({ group }) => groups.indexOf(group)) },
  };
  return { book, expires: real("expires"), accounts, cash, groups: groups.length, holdings };
}
