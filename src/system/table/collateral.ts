import type { Batch } from "../../bus/bus.js";
import { AccountMargins, accountMarginsTopic } from "../../engines/risk/account_margins.js";
import { plainBook, readBook } from "../../engines/risk/book_file.js";
import { defineEngine, type Settings } from "../kit/engine.js";
import { holdingsTaken, positionsTaken, pricesTaken } from "./taken.js";

const options = {
  book: {
    type: "file",
    optional: true,
    doc:
      "accounts and positions, as CSV with a header or a JSON list: account, instrument, kind (asset, call, put, future, or cash, whose quantity " +
      "is money), quantity, and where they apply multiplier, strike, expiry (years or a date), volatility, rate, dividendYield, group, minimum. " +
      "Left out: the accounts hold nothing but what the topic of holdings says",
  },
  accounts: {
    type: "texts",
    default: ["main"],
    doc: "accounts where there is no book; the column account of holdings is their number, 0 where it is left out",
  },
  cash: { type: "number", default: 0, unit: "currency", doc: "cash of each account at the start, beside what the book says" },
  units: {
    type: "numbers",
    default: 0,
    doc: "of each instrument that each account holds at the start, where there is no book; cash is beside it",
  },
  settle: {
    type: "flag",
    default: true,
    doc: "holdings that change are paid from the cash of their account, at the price of the row or the last one; else they come for nothing",
  },
  priceRange: { type: "numbers", min: 0, max: 0.49, default: 0.1, unit: "ratio", doc: "move of a price that margin covers" },
  volatilityRange: { type: "numbers", min: 0, max: 0.99, default: 0.3, unit: "ratio", doc: "move of the volatility that margin covers" },
  initialRatio: { type: "number", min: 1, max: 100, default: 1.1, doc: "initial over maintenance requirement" },
  interval: {
    type: "number",
    min: 0,
    max: 864_000,
    default: 1,
    unit: "s",
    doc: "event time between rows of margin; 0: as of each row that comes",
  },
  distance: {
    type: "flag",
    default: true,
    doc: "whether to compute the distance to liquidation, which costs most where there are options",
  },
} as const;
type Own = Settings<typeof options>;

function engineOptions({ options: { book, accounts, cash, units, ...others }, instruments }: Own) {
  return { ...others, named: book === undefined ? plainBook({ accounts, cash, units }, instruments) : readBook(book, cash, instruments) };
}

export const collateral = defineEngine({
  name: "collateral",
  doc:
    "Equity, margin and calls of accounts as prices move; `down` and `up` are the ratios by which all prices of an account may fall or rise until " +
    "its equity is its maintenance requirement, both taken at the moved prices.",
  options,
  takes(settings) {
    const { accounts, book } = engineOptions(settings).named;
    const account = { dtype: "u32", max: accounts.length - 1, optional: true } as const;
    const price = { dtype: "f64", nan: true, optional: true } as const;
    return {
      prices: pricesTaken,
      holdings: { ...holdingsTaken, columns: { ...holdingsTaken.columns, account, price } },
      positions: positionsTaken(book.quantity.length),
    };
  },
  gives: (settings) => ({
    margin: {
      doc: "a row for each account at the end of each interval",
      topic: accountMarginsTopic(engineOptions(settings).named.accounts),
    },
  }),
  stateBytes: (settings) => AccountMargins.stateBytes(engineOptions(settings)),
  begin({ state, gives, ...settings }) {
    const engine = new AccountMargins({ ...engineOptions(settings), state }, gives.margin!);
    return {
      take(port, batch, from) {
        if (port === "prices") return engine.takePrices(batch as Batch<never>, from);
        return port === "holdings" ? engine.takeHoldings(batch as Batch<never>, from) : engine.takePositions(batch as Batch<never>, from);
      },
    };
  },
});
