/** Trade files -> slots of columns. The parser writes straight into memory that the sink has claimed. */

import { needArray, needMethods, needObject } from "../../core/contract/arguments.js";
import { DataError } from "../../core/contract/errors.js";
import { besideOf, besideRoles, type TradeArrays, tradeArrays } from "../../market/trade_columns.js";
import { openSources, type Source } from "../bytes/source.js";
import { problem } from "../bytes/unpack.js";

import type { Layout } from "../layout/layout.js";
import { recognise } from "../layout/recognise.js";
import { stageOf } from "../layout/row_stage.js";
import { type BadRow, BadRowError } from "../trades/bad_row.js";
import { Intake, type TradeSink } from "../trades/intake.js";
import { OneSeries, type SeriesBefore } from "../trades/one_series.js";
import { Parser } from "../trades/parser.js";
import { type CountName, countNames, type Opened, type TradeReader } from "../trades/reader.js";
import type { FileFacts, ReadFacts, ReadOptions } from "../trades/reading.js";
import { openBinary } from "./binary.js";

/** Reads the files in order, as one series: times go on from one file to the next. "-" is stdin. */
export async function readTrades(files: string | readonly string[], sink: TradeSink, options: ReadOptions = {}): Promise<ReadFacts> {
  if (typeof files !== "string") needArray("readTrades: files", files);
  needMethods("readTrades: sink", sink, "a sink", "claim", "commit");
  needObject("readTrades: options", options);
  return readSeries(typeof files === "string" ? [files] : files, sink, options);
}

/** `before`: what files that are read beside these have shown. */
export async function readSeries(
  paths: readonly string[],
  sink: TradeSink,
  options: ReadOptions,
  before: SeriesBefore = {},
): Promise<ReadFacts> {
  const facts: ReadFacts = { files: [], rows: 0, refused: 0, bad: [], symbols: [] };
  const only = typeof options.only === "string" ? [options.only] : (options.only ?? []);
  const series = new OneSeries(options.instrument !== undefined, only, before);
  const intake = new Intake(sink, options.maxSymbols);
  const parser = new Parser(intake, series, { backend: options.backend, instrument: options.instrument, only, within: options.within });
  try {
    for (const path of paths)
      for await (const source of openSources(path, options.spools?.[path])) {
        const reader = (await openBinary(source, intake, series, { ...options, only })) ?? (await openText(source, parser, options));
        const one = await readOne(source, reader, intake, series, facts, options);
        facts.files.push(one);
        facts.rows += one.rows;
        facts.refused += one.refused;
      }
  } finally {
    intake.flush();
  }
  facts.symbols = intake.symbols;
  return facts;
}

async function readOne(
  source: Source,
  { reader, layout, pieces }: Opened,
  intake: Intake,
  series: OneSeries,
  facts: ReadFacts,
  options: ReadOptions,
): Promise<FileFacts> {
  const started = performance.now();
  const { name: file, form } = source;
  options.onFile?.({ name: file, form, layout });
  series.open(file, layout);
  const refusedBy: FileFacts["refusedBy"] = {};
  let firstRefused: BadRow | undefined;
  reader.refused = (row) => {
    if ((options.onBad ?? "stop") === "stop") throw new BadRowError(row);
    // A row that is none has no time: it belongs to the good one before it.
    if (options.within?.at(intake.lastTime).open === false) return;
    firstRefused ??= row;
    refusedBy[row.refusal] = (refusedBy[row.refusal] ?? 0) + 1;
    if (options.onBad === "report" && facts.bad.length < (options.keep ?? 100)) facts.bad.push(row);
  };
  try {
    for await (const _ of pieces()) {
      options.signal?.throwIfAborted();
      if (source.progress.total === undefined) intake.flush(); // a pipe may pause here
      options.onProgress?.({ ...source.progress, rows: facts.rows + reader.count("rows") });
    }
  } catch (error) {
    throw withRows(error, reader.count("rows"));
  }
  series.ends(reader.lastPrice);
  if (reader.count("rows") === 0) noTrades(file, reader, layout, options);
  const { firstTime, passedBy, gap: largestGap } = reader;
  const counts = Object.fromEntries(countNames.map((name) => [name, reader.count(name)])) as Record<CountName, number>;
  const lastTime = firstTime === undefined ? undefined : intake.lastTime;
  const seconds = (performance.now() - started) / 1000;
  const refused = Object.values(refusedBy).reduce((a, b) => a + b, 0);
  const first = firstRefused && { firstRefused };
  return { file, form, layout, ...counts, refused, refusedBy, ...first, passedBy, firstTime, lastTime, largestGap, seconds };
}

/** How many good rows a damaged file gave before the damage. A refused row tells so itself. */
function withRows(error: unknown, rows: number): unknown {
  const damage = error instanceof DataError && /^E_(FILE_|PARQUET|ARROW|TABLE_|DBN_|BAD_JSON)/.test(error.code);
  if (!damage || error instanceof BadRowError || rows === 0) return error;
  error.message += `; ${rows} good rows were read before`;
  return Object.assign(error, { rowsBefore: rows });
}

/** A file without one trade is no error, unless what was asked for, or looked for, is not in it. */
function noTrades(file: string, { passedBy, others = [] }: TradeReader, { where = [] }: Layout, { only }: ReadOptions): void {
  const kinds = Object.entries(passedBy).map(([kind, rows]) => `${rows} ${kind}`);
  const asked = only !== undefined && passedBy["of other symbols"] !== undefined;
  if (asked)
    throw problem(
      "E_NO_TRADES",
      file,
      `has no trade of ${[only].flat().join(", ")}; rows passed over: ${kinds.join(", ")}`,
      "check the spelling of the symbol",
    );
  const [missed] = where.filter(({ name }) => passedBy[`of another ${name}`] !== undefined);
  if (missed)
    throw problem(
      "E_NO_TRADES",
      file,
      `has no row whose ${where.map(({ text }) => text).join(" and ")}; rows passed over: ${kinds.join(", ")}`,
      others.length > 0 ? `such rows have ${others.map((value) => `'${value}'`).join(", ")}` : "check the values of --where",
    );
  if (passedBy.aggTrade === undefined) return;
  throw problem(
    "E_NO_TRADES",
    file,
    `has no trade messages in it; passed over: ${kinds.join(", ")}`,
    "put a file that begins with trades first",
  );
}

/** Text of any layout; the parser takes it from the line after its header. */
async function openText(source: Source, parser: Parser, options: ReadOptions): Promise<Opened> {
  const { layout, chunks, start, skipped } = await recognise(source, options);
  const stage = stageOf(layout, skipped);
  const pieces = async function* () {
    parser.open(source.name, layout, skipped, stage);
    let skip = start;
    for await (const chunk of chunks) {
      const piece = skip > 0 ? chunk.subarray(skip) : chunk;
      await parser.feed(stage ? stage.push(piece) : piece);
      skip = Math.max(0, skip - chunk.length);
      yield;
    }
    if (stage) await parser.feed(stage.end());
    await parser.end();
  };
  return { reader: parser, layout, pieces };
}

/** All trades of the files in memory, for files that fit; with the quotes of their rows, or what was bought of bars, where any file has some. */
export async function collectTrades(
  files: string | readonly string[],
  options: ReadOptions = {},
): Promise<{ columns: TradeArrays; facts: ReadFacts }> {
  const slot = { columns: tradeArrays(1 << 16, besideRoles) };
  const parts: TradeArrays[] = [];
  const commit = (rows: number) => void parts.push(mapColumns(slot.columns, (column) => column.slice(0, rows)));
  const facts = await readTrades(files, { claim: () => slot, commit }, options);
  const beside = besideOf({
    quotes: facts.files.some(({ layout }) => layout.quotes !== undefined),
    bought: facts.files.some(({ layout }) => layout.bought !== undefined),
  });
  const columns = tradeArrays(facts.rows, beside);
  let at = 0;
  for (const part of parts) {
    mapColumns(columns, (column, key) => void column.set(part[key] as Float64Array, at));
    at += part.time.length;
  }
  return { columns, facts };
}

const mapColumns = (columns: TradeArrays, of: (column: Float64Array, key: keyof TradeArrays) => unknown): TradeArrays =>
  Object.fromEntries(
    Object.entries(columns).map(([key, column]) => [key, of(column as Float64Array, key as keyof TradeArrays)]),
  ) as unknown as TradeArrays;

export { type BadRow, BadRowError };
