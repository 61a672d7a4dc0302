/** tickforge doctor feed: what is missing, double or out of order in a venue's messages, logged or live, how clocks stand, and whether sides are right. */
import { packageVersion } from "../../addon/addon.js";
import { install } from "../../backends/index.js";
import { DataError } from "../../core/contract/errors.js";
import { type LogLine, lines, logLine } from "../../feeds/audit/feed_log.js";
import { guessVenue, symbolsIn } from "../../feeds/audit/guess_venue.js";
import { Ledger } from "../../feeds/audit/ledger.js";
import { FrameParser } from "../../feeds/kit/frame_parser.js";
import { Tally } from "../../feeds/kit/tally.js";
import type { Venue } from "../../feeds/kit/venue.js";
import { venueOf, venues } from "../../feeds/venues.js";
import { openSources, statOf } from "../../files/bytes/source.js";
import { text } from "../kit/args.js";
import type { Given } from "../kit/command.js";
import { exit, UsageError } from "../kit/exit.js";
import { plural } from "../kit/format.js";
import { interruptible } from "../kit/interrupt.js";
import { isSource, listen } from "./feed_live.js";
import { isRecording, recordedTopic } from "./feed_recording.js";
import { feedReport, type Read } from "./feed_report.js";

/** Seconds: of a log that does not say when its lines came. */
const anyAge = 50 * 366 * 86_400;
/** Lines by which the venue is told. */
const looked = 5000;
/** Live sources are listened to for so long. */
const usualMs = 30_000;

export async function doctorFeed({ values, words: [, ...words], terminal }: Given): Promise<number> {
  const [file] = words;
  const live = words.length > 0 && words.every((word) => isSource(word) && statOf(word) === undefined);
  if (file === undefined || file === "-" || (!live && words.length > 1))
    throw new UsageError(
      "doctor feed takes one file, which is read twice, or live sources",
      "tickforge doctor feed binance.log.gz, or tickforge doctor feed binance:BTCUSDT",
    );
  install();
  const named = text(values.venue);
  const given = named === undefined ? undefined : venueOf(named);
  const { read, code } = live ? await listened(words, given, values) : { read: await written(file, given, values), code: exit.ok };
  const report = feedReport(words.join(" "), read);
  if (values.json)
    terminal.answer(`${JSON.stringify({ schema: 1, command: "doctor feed", version: packageVersion(), ...report.json }, null, 2)}\n`);
  else terminal.answer(report.text);
  return code === exit.ok && report.inverted ? exit.badData : code;
}

/** Ctrl-C ends it with the account of what was heard until then. */
async function listened(
  words: readonly string[],
  given: Venue | undefined,
  values: Given["values"],
): Promise<{ read: Read; code: number }> {
  if (given) throw new UsageError("--venue goes with a log of messages, a source names its venue", `tickforge doctor feed ${words[0]}`);
  const { for: time, url } = values as { for?: bigint; url?: string };
  const stop = new AbortController();
  const interrupt = interruptible(
    () => stop.abort(),
    () => {},
  );
  try {
    const read = await listen(words, url, time === undefined ? usualMs : Number(time) / 1e6, stop.signal);
    return { read, code: stop.signal.aborted ? interrupt.code : exit.ok };
  } finally {
    interrupt.end();
  }
}

async function written(file: string, given: Venue | undefined, values: Given["values"]): Promise<Read> {
  for (const flag of ["for", "url"])
    if (values[flag] !== undefined) throw new UsageError(`--${flag} goes with a live source`, "tickforge doctor feed binance:BTCUSDT");
  const recorded = isRecording(file);
  if (recorded && given) throw new UsageError("--venue goes with a log of messages, this is a recording", `tickforge doctor feed ${file}`);
  return recorded ? recordedTopic(file) : log(file, given);
}

async function log(file: string, given: Venue | undefined): Promise<Read> {
  // Twice: which symbols there are is known at the end of the file.
  const symbols = new Set<string>();
  const some: Uint8Array[] = [];
  for await (const { frame } of messages(file)) {
    symbolsIn(frame, symbols);
    if (some.length < looked) some.push(Uint8Array.from(frame));
  }
  const venue = given ?? guessVenue(venues, some, [...symbols]);
  if (venue === undefined)
    throw new DataError("E_FEED_LOG", `${file}: no line of it holds a message of a venue that is known`, {
      file,
      hint: `a message a line, with the time of receipt before it or without; of ${venues.map(({ name }) => name).join(", ")}; or a recording of trades or depth`,
    });
  return ledgerOf(file, venue, [...symbols]);
}

async function* messages(file: string): AsyncGenerator<LogLine> {
  for await (const { chunks } of openSources(file))
    for await (const line of lines(chunks)) {
      const found = logLine(line);
      if (found) yield found;
    }
}

/** Whether lines have their time of receipt: as the first has. */
async function isStamped(file: string): Promise<boolean> {
  for await (const { received } of messages(file)) return received !== undefined;
  return false;
}

async function ledgerOf(file: string, venue: Venue, symbols: readonly string[]): Promise<Read> {
  const stamped = await isStamped(file);
  const parser = new FrameParser(venue, symbols, stamped ? {} : { behindSeconds: anyAge });
  const ledger = new Ledger(venue.order, symbols);
  const tally = new Tally(venue, parser);
  const run = () =>
    parser.run((rows, count) => {
      ledger.take(rows, count);
      tally.take(rows, count);
    });
  const now = BigInt(Date.now()) * 1_000_000n;
  for await (const { frame, received } of messages(file)) {
    const at = stamped ? (received ?? now) : now;
    if (parser.push(frame, at)) continue;
    run();
    parser.push(frame, at);
  }
  run();
  const { frames, refused, notices } = tally;
  const said = `${plural(frames, "message")} of ${venue.doc}`;
  return { venue: venue.name, said, frames, refused, notices, ledgers: ledger.symbols, symbols, stamped };
}
