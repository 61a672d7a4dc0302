/** What engines need of the topics that several of them take. */
import type { TakenTopic } from "../kit/engine.js";

const time = { dtype: "i64", ascending: "rows" } as const;
const instrument = { dtype: "u32", instrument: true } as const;

export const tradesTaken = {
  doc: "trades in order of time",
  topic: "trades",
  columns: {
    time,
    price: { dtype: "f64", above: 0 },
    size: { dtype: "f64", min: 0 },
    side: { dtype: "i8", min: -1, max: 1 },
    instrument,
  },
} as const satisfies TakenTopic;

export const pricesTaken = {
  doc: "prices in order of time",
  topic: "prices",
  columns: { time, price: { dtype: "f64", above: 0 }, instrument },
} as const satisfies TakenTopic;

const size = { dtype: "f64", min: 0 } as const;
const price = { dtype: "f64", above: 0 } as const;
export const quotesTaken = {
  doc: "best bid and ask, and their volumes, in order of time",
  topic: "quotes",
  columns: { time, instrument, bid: price, ask: price, bidSize: size, askSize: size },
  optional: true,
} as const satisfies TakenTopic;

const shown = { dtype: "f64", nan: true, min: 0 } as const;
/** In the order in which they came. */
export const shownQuotesTaken = {
  doc: "best bid and ask, and their volumes, NaN where there is none",
  topic: "quotes",
  columns: { time: { dtype: "i64" }, instrument, bid: { ...shown, above: 0 }, ask: { ...shown, above: 0 }, bidSize: shown, askSize: shown },
} as const satisfies TakenTopic;

export const bookChangesTaken = {
  doc: "what a level holds from then on; bit 1 of flags: the book begins anew",
  topic: "book_changes",
  columns: {
    ...{ time: { dtype: "i64" }, instrument, side: { dtype: "i8", min: -1, max: 1 } },
    ...{ price: { dtype: "f64", min: 0 }, size: { dtype: "f64", min: 0 }, flags: { dtype: "u8" } },
  },
} as const satisfies TakenTopic;

/** In the order in which they came: a book asked for whole may bear a later time than the changes behind it. */
export const booksTaken = (levels: number) => {
  const side = { dtype: "f64", width: levels, nan: true } as const;
  return {
    doc: "the best levels of books after each change of theirs, NaN where there is none",
    topic: "book",
    columns: {
      ...{ time: { dtype: "i64" }, instrument },
      ...{ bid: { ...side, above: 0 }, bidSize: { ...side, min: 0 }, ask: { ...side, above: 0 }, askSize: { ...side, min: 0 } },
    },
  } as const satisfies TakenTopic;
};

export const holdingsTaken = {
  doc: "what is held of an instrument from then on, in units; negative where sold",
  topic: "holdings",
  columns: { time, instrument, quantity: { dtype: "f64" } },
  optional: true,
  answers: true,
} as const satisfies TakenTopic;

const year = { dtype: "f64", nan: true } as const;
export const positionsTaken = (positions: number) =>
  ({
    doc: "rows of the book that change: position by its number in the file, from 0, options with time to expiry in years and volatility",
    topic: "positions",
    columns: { time, position: { dtype: "u32", max: positions - 1 }, quantity: { dtype: "f64" }, expiry: year, volatility: year },
    optional: true,
  }) as const satisfies TakenTopic;

export const fillsTaken = {
  doc: "executions in order of time: side 1 bought, -1 sold; fee in money; decision, the price when it was decided to trade",
  topic: "fills",
  columns: {
    time,
    instrument,
    price,
    size,
    side: { dtype: "i8", min: -1, max: 1 },
    fee: { dtype: "f64", optional: true },
    decision: { dtype: "f64", nan: true, optional: true },
  },
} as const satisfies TakenTopic;

export const crossSectionsTaken = ({ assets, styles }: { assets: number; styles: number }) => {
  const vector = { dtype: "f64", width: assets, nan: true } as const;
  return {
    doc: "a date a row: returns of the date, capitalization and style exposures at its end, NaN for none; weights held from then on",
    topic: "cross_sections",
    columns: {
      time,
      returns: vector,
      cap: { ...vector, above: 0 },
      weights: { dtype: "f64", width: assets },
      ...(styles > 0 && { styles: { ...vector, width: styles * assets } }),
    },
  } as const satisfies TakenTopic;
};

/** Alarms of `toxicity`; a topic with these columns may come from elsewhere. */
export const alarmsTaken = {
  doc: "1 while an alarm of an instrument stands",
  topic: "toxicity",
  columns: { endTime: { dtype: "i64" }, instrument, alarm: { dtype: "u8" } },
  optional: true,
} as const satisfies TakenTopic;

export const signalsTaken = {
  doc: "expected returns of instruments, each until the next one; NaN: none, which counts as 0",
  topic: "signals",
  columns: { time, instrument, expected: { dtype: "f64", nan: true } },
} as const satisfies TakenTopic;

export const riskModelTaken = ({ assets, factors }: { assets: number; factors: number }) => {
  const vector = (width: number) => ({ dtype: "f64", width, nan: true }) as const;
  return {
    doc: "a model a row: loadings by asset and factor, covariance of the factors, specific volatilities; NaN of an asset that is not in it",
    topic: "risk_model",
    columns: { time, loading: vector(assets * factors), covariance: vector(factors * factors), specific: vector(assets) },
  } as const satisfies TakenTopic;
};
