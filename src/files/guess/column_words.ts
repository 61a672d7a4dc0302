/** What the words in a column's name say of it; for tables of prices and for files of trades. */

/** A name with one of these words is that of no price. */
const noPrice = new Set(
  "volume volumes vol turnover quantity qty size shares count counts trades id ids flag flags sequence seq interest dividend dividends split splits date time timestamp year month day weekday week hour minute"
    .split(" ")
    .concat(["openinterest", "oi", "aum", "marketcap", "mktcap", "capitalization", "outstanding"]),
);

/** Lower case and without accents: TradePrice, trade_price and <Trade Price> have the same. */
export const wordsOf = (name: string): string[] =>
  name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "");

export const isNoPrice = (name: string): boolean =>
  wordsOf(name).some((word) => noPrice.has(word)) || /\b(mkt|market) cap\b/.test(wordsOf(name).join(" "));

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));
const roleWords = {
  price: {
    some: words("price px prc last preco precio prezzo prix preis kurs cours"),
    none: words(
      "bid ask offer open high low close mid avg average mean vwap settle settlement limit level change chg prev previous scale type",
    ),
  },
  size: {
    some: words(
      "size sz qty quantity volume vol amount shares lots lot contracts qtd quantidade cantidad quantita quantite menge stuck volumen",
    ),
    none: words(
      "bid ask offer total cum cumulative quote notional value turnover open interest price id remaining type tick time avg average level",
    ),
  },
  time: {
    some: words("time timestamp datetime date ts epoch unix dt"),
    none: words("expiry expiration expire settlement delta in zone unit price size"),
  },
  symbol: {
    some: words("symbol sym ticker instrument ric security stock contract coin pair isin"),
    none: words("id type class side status currency exchange suffix locate size value volume multiplier expiry"),
  },
  side: {
    some: words("side aggressor aggr taker direction initiator type"),
    none: words("maker passive resting order own client account position liquidity tick"),
  },
} as const;
export type GuessedRole = keyof typeof roleWords;

/** Whether a column may have this role by its name alone. */
export function mayBe(role: GuessedRole, name: string): boolean {
  const own = wordsOf(name);
  const { some, none } = roleWords[role];
  if (role === "price" && isNoPrice(name)) return false;
  return own.some((word) => some.has(word)) && !own.some((word) => none.has(word));
}

/** Bars have prices too, of which none is that of a trade. */
export const areBars = (names: readonly string[]): boolean =>
  ["open", "high", "low", "close"].filter((word) => names.some((name) => wordsOf(name).join(" ") === word)).length > 1;

/** Whether prices, or sizes, from a column of this name are worth a remark. */
export function isOdd(role: "price" | "size", name: string): boolean {
  const own = wordsOf(name);
  if (role === "price") return isNoPrice(name);
  const other = /^(price|px|prc|bid|ask|offer|time|timestamp|date|id|open|high|low|close)$/;
  return own.some((word) => other.test(word)) && !own.some((word) => roleWords.size.some.has(word));
}

const namesRows = words("product market asset root code underlying issue figi cusip sedol permno name");
/** Whether a column that is not read may name the instrument of its row. */
export const tellsInstrument = (name: string): boolean => {
  const own = wordsOf(name);
  const { some, none } = roleWords.symbol;
  return own.some((word) => some.has(word) || namesRows.has(word)) && !own.some((word) => none.has(word) && word !== "id");
};

const sidesByWord = /(^| )((is )?(buy|sell)(er)?|bs( ?flag)?|ask ?bid|bid ?ask)( |$)/;
const tellsRows =
  /(?<!file|data)type|kind|initiat|(?<!out|in)side|(?<!se)cond|corr|event|(?<!trans)action|aggress|flag|direction|maker|taker/;
const noKind = words("time ts timestamp date id no seq sequence price px size qty quantity volume amount count ms us ns");

/** A side has a word for each, and one for none. */
const mostSides = 3;

/** Whether a column that is not read may say that a row is no trade, or who was the aggressor. `count`: of the words in it. */
export function tellsOfRows(name: string, count: number): "side" | "rows" | undefined {
  const own = wordsOf(name);
  const found = tellsRows.exec(name.toLowerCase())?.[0];
  if (own.some((word) => noKind.has(word))) return undefined;
  if (count <= mostSides && sidesByWord.test(own.join(" "))) return "side";
  if (found === undefined) return undefined;
  return /side|aggress|direction|maker|taker|initiat/.test(found) ? "side" : "rows";
}
