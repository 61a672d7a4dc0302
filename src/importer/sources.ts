/** What a tape can come from: trade files, recordings of the bus, simulations. */
import { statSync } from "node:fs";
import { RecordingReader } from "../bus/recording/recording.js";
import { GapDetector, type GapStats } from "../bus/routing/gap_detector.js";
import { DataError } from "../core/contract/errors.js";
import { checksum } from "../engines/checksum.js";
import { statOf } from "../files/bytes/source.js";
import type { Layout } from "../files/layout/layout.js";
import { remarksOf } from "../files/layout/remarks.js";
import { type QuoteFacts, QuoteJoin } from "../files/quotes/join_quotes.js";
import { mergeTrades } from "../files/read/merge_trades.js";
import type { ReadOptions } from "../files/trades/reading.js";
import { simulate } from "../market/simulate.js";
import type { TradeColumns } from "../market/trade_columns.js";
import type { FileOptions, Imported, Message, Source, TapeFormat } from "./importer.js";
import { type Sink, Stopped } from "./sink.js";

interface Files {
  paths: readonly string[];
  options: FileOptions;
}

export async function readFiles({ paths, options }: Files, sink: Sink, post: (message: Message) => void): Promise<Partial<Imported>> {
  const within = sink.only(options);
  const sizes = paths.map((path) => statOf(options.spools?.[path] ?? path)?.size ?? 0);
  const totalBytes = sizes.includes(0) ? 0 : sizes.reduce((a, b) => a + b, 0);
  let told: Layout | undefined;
  const read = new Map<string, number>();
  const { quotes, ...trades } = options;
  const join = quotes && (await QuoteJoin.open(quotes.paths, sink, { quotes: quotes.options, lag: quotes.lagNs, onBad: options.onBad }));
  const reading: ReadOptions = {
    ...trades,
    within,
    bars: true,
    onFile({ name, layout }) {
      if (join) refuseQuotes(name, layout, quotes.paths);
      if (!told) post({ kind: "format", format: join ? joinedFormat(layout, join) : formatOf(layout) });
      told ??= layout;
      const apart = options.quotes ? undefined : otherQuotes(layout, told, "bid" in sink.publisher.topic.columns);
      if (apart !== undefined) post({ kind: "warning", text: `${name}: ${apart}` });
      if ((layout.bought === undefined) !== (told.bought === undefined)) throw otherBars(name, layout);
      if (layout.barSeconds !== told.barSeconds) throw otherRows(name, layout.barSeconds, told.barSeconds);
    },
    onProgress(progress) {
      read.set(progress.file, progress.read);
      sink.progress(
        [...read.values()].reduce((a, b) => a + b, 0),
        totalBytes,
      );
    },
  };
  const facts: Awaited<ReturnType<typeof mergeTrades>> & { quotes?: QuoteFacts } = join
    ? await join.read(paths, reading).finally(() => join.close())
    : await mergeTrades(paths, sink, reading);
  tellLost(facts, post);
  const rejected = totalOf(facts.files.map(({ refusedBy }) => refusedBy));
  const passed = totalOf(facts.files.map(({ passedBy }) => passedBy));
  const duplicates = facts.files.reduce((all, { repeats }) => all + repeats, 0);
  return {
    rejected,
    passed,
    duplicates,
    bad: facts.bad,
    remarks: remarksOf(facts.files.map(({ layout }) => layout)),
    ...(facts.quotes && { quoteFacts: facts.quotes }),
  };
}

/** A tape of which every row was rejected is no tape; of several files, one that gave nothing is told. */
function tellLost({ rows, files }: Awaited<ReturnType<typeof mergeTrades>>, post: (message: Message) => void): void {
  for (const { file, rows: own, refused, refusedBy, firstRefused } of files) {
    if (own > 0 || firstRefused === undefined) continue;
    const reasons = Object.entries(refusedBy).map(([reason, count]) => `${count} ${reason}`);
    const { unit, line, what } = firstRefused;
    const text = `none of its ${refused} rows can be read (${reasons.join(", ")}); the first, ${unit} ${line}: ${what}`;
    if (rows > 0) post({ kind: "warning", text: `${file}: ${text}` });
    else
      throw new DataError("E_ALL_REJECTED", `${file}: ${text}`, {
        ...{ file, line },
        hint: `tickforge validate shows them; say what the columns hold: --time --price --size --side COL, --time-format, --decimal, --buy --sell WORD`,
      });
  }
}

/** Counts by name, added up. */
export function totalOf(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const one of counts) for (const [what, rows] of Object.entries(one)) sums[what] = (sums[what] ?? 0) + rows;
  return sums;
}

function otherRows(file: string, seconds: number | undefined, before: number | undefined): DataError {
  const rows = (of: number | undefined) => (of === undefined ? "trades" : `bars of ${of} s`);
  return new DataError("E_BARS", `${file}: it holds ${rows(seconds)}, and the file before it ${rows(before)}`, {
    file,
    hint: "read them apart: --compare",
  });
}

/** What the first file has decides for all: where another differs, its trades have their sides otherwise. */
function otherQuotes({ quotes, columns, signedSize }: Layout, first: Layout, read: boolean): string | undefined {
  if (first.quotes && !quotes && read) return "its trades have no quotes, as those of the first file have";
  const sideless = columns.side === undefined && !signedSize;
  return quotes && !first.quotes && sideless && !read ? "its quotes are not read: the first file has none" : undefined;
}

function otherBars(file: string, { bought }: Layout): DataError {
  const what = `its bars ${bought ? "say" : "do not say"} what buyers took of them, and those of the file before it ${bought ? "do not" : "do"}`;
  return new DataError("E_BARS", `${file}: ${what}`, { file, hint: "read them apart: --compare" });
}

function formatOf({ name, notes, columns, quotes, bought, signedSize, timeFormat, barSeconds }: Layout): TapeFormat {
  const side = notes.find((note) => note.startsWith("side: "));
  const hasSides = columns.side !== undefined || signedSize || bought !== undefined;
  return {
    text: [name, ...notes.filter((note) => note !== side)].join(", "),
    hasSides,
    hasQuotes: quotes !== undefined,
    hasQuoteSizes: quotes?.bidSize !== undefined,
    hasBought: bought !== undefined,
    hasSymbols: columns.symbol !== undefined,
    timeUnit: timeFormat,
    barSeconds,
    ...(hasSides && side && { sideRule: side.slice("side: ".length) }),
  };
}

/** The quotes beside the trades are those of the files of quotes. */
function joinedFormat(layout: Layout, join: QuoteJoin): TapeFormat {
  const { quotes: _, ...without } = layout;
  const notes = layout.notes.filter((note) => !note.startsWith("quotes: "));
  return { ...formatOf({ ...without, notes }), hasQuotes: true, hasQuoteSizes: join.files.every(({ hasSizes }) => hasSizes) };
}

/** Files to which no quotes can be joined. */
function refuseQuotes(file: string, { barSeconds, quotes }: Layout, paths: readonly string[]): void {
  if (barSeconds !== undefined)
    throw new DataError("E_BARS", `${file}: it holds bars of ${barSeconds} s, and quotes are joined to trades`, {
      file,
      hint: "leave out --quotes",
    });
  if (quotes && paths.includes(file))
    throw new DataError("E_QUOTES_FILE", `${file}: it is named as file of trades and of quotes, and its quotes stand beside its trades`, {
      file,
      hint: "leave out --quotes: they are read from the rows of the trades",
    });
}

type Recording = Extract<Source, { kind: "recording" }>;

/** What was recorded without sides has none throughout, and is classified as its file was. With sides, the first frame tells. */
function knowsSides(path: string, sink: Sink): boolean {
  const reader = new RecordingReader<TradeColumns>(path, { crc32c: checksum() });
  const slot = sink.claim();
  try {
    for (;;) {
      const info = reader.read(slot);
      if (!info) return false;
      if (slot.columns.side.subarray(0, info.rows).some((side) => side !== 0)) return true;
      if (sink.stopped) throw new Stopped();
    }
  } finally {
    sink.abort();
    reader.close();
  }
}

export function readRecording({ path, options }: Recording, sink: Sink, post: (message: Message) => void): Partial<Imported> {
  sink.only(options);
  const reader = new RecordingReader<TradeColumns>(path, { crc32c: checksum() });
  try {
    const { rows } = reader.topic;
    const text = `recording of topic '${reader.topic.name}', ${rows.toLocaleString("en-US")} trades a frame`;
    const hasQuotes = "bid" in reader.topic.columns;
    post({
      kind: "format",
      format: { text, hasSides: knowsSides(path, sink), hasQuotes, hasQuoteSizes: hasQuotes, hasSymbols: true, timeUnit: "ns" },
    });
    const { size } = statSync(path);
    const order = new GapDetector();
    let shared = 0;
    for (;;) {
      const slot = sink.claim();
      const info = reader.read(slot);
      for (; shared < reader.symbols.size; shared++) sink.publisher.symbols.add(reader.symbols.at(shared)!);
      if (!info) break;
      order.offer(info, () => {});
      sink.commit(info.rows, info.timeNs);
      sink.progress(reader.offset, size);
    }
    sink.abort();
    warnOfOrder(path, order.stats(), post);
    return {};
  } finally {
    reader.close();
  }
}

/** Frames are good each by itself: that one was taken out, or came again, shows in their numbers alone. */
function warnOfOrder(path: string, { missing, duplicates, late }: GapStats, post: (message: Message) => void): void {
  const told = [
    ...(missing > 0
      ? [`${missing} rows are missing between its frames: whoever recorded them lost them, or a part of the file is gone`]
      : []),
    ...(duplicates + late > 0 ? [`${duplicates + late} rows come again, or after later ones, and were taken as they came`] : []),
  ];
  for (const text of told) post({ kind: "warning", text: `${path}: ${text}` });
}

type Simulated = Extract<Source, { kind: "simulated" }>;

export function readSimulated({ seed, options = {} }: Simulated, sink: Sink, post: (message: Message) => void): Partial<Imported> {
  sink.only(options);
  const text = `seed ${seed}: informed traders come and go at known times`;
  post({ kind: "format", format: { text, hasSides: true, hasSymbols: false, timeUnit: "ns" } });
  const { rows } = sink.publisher.topic;
  for (const batch of simulate({ seed }).batches(rows)) {
    const slot = sink.claim();
    slot.columns.time.set(batch.time);
    slot.columns.price.set(batch.price);
    slot.columns.size.set(batch.size);
    slot.columns.side.set(batch.side);
    slot.columns.instrument.set(batch.instrument);
    sink.commit(batch.time.length);
  }
  return { duplicates: 0 };
}
