/** tickforge record: feeds of venues -> recordings of their topics. */
import { setTimeout as pause } from "node:timers/promises";
import { install } from "../../backends/index.js";
import { didYouMean } from "../../core/contract/errors.js";
import { type Feed, type FeedChannel, fromFeed } from "../../feeds/from_feed.js";
import type { Given } from "../kit/command.js";
import { exit, UsageError } from "../kit/exit.js";
import { count } from "../kit/format.js";
import { interruptible } from "../kit/interrupt.js";
import { TopicFiles } from "./topic_files.js";

const channelNames: readonly FeedChannel[] = ["trades", "quotes", "depth", "book", "book_changes"];
/** Rows are taken from memory so often, and brought to the disk. */
const takeMs = 20;
const flushMs = 1000;

function channelsOf(given: unknown): FeedChannel[] {
  const names = ((given as string | undefined) ?? "trades").split(",").map((one) => one.trim());
  return names.map((name) => {
    const channel = channelNames.find((one) => one === name);
    if (channel) return channel;
    const near = didYouMean(name, channelNames);
    throw new UsageError(`--channels names '${name}'`, near ? `did you mean ${near}?` : `there are ${channelNames.join(", ")}`);
  });
}

export async function record({ values, words, terminal }: Given): Promise<number> {
  if (words.length === 0) throw new UsageError("record needs a source", "tickforge record binance:BTCUSDT --out day.tfr");
  const { out, url, rest, rotate } = values as { out?: string; url?: string; rest?: string; rotate?: bigint };
  if (out === undefined) throw new UsageError("record needs --out", "--out day.tfr");
  if (rotate !== undefined && rotate < 1_000_000_000n) throw new UsageError("--rotate is less than a second", "--rotate 1h");
  const channels = channelsOf(values.channels);
  install(); // for a fast checksum
  const log = (line: string) => terminal.note(`tickforge: ${line}\n`);
  const feed = fromFeed(words, { channels, url, rest, log });
  let interrupted = false;
  const stop = new AbortController();
  const interrupt = interruptible(
    () => {
      interrupted = true;
      stop.abort();
    },
    () => {},
  );
  const files = new TopicFiles(out, rotate === undefined ? undefined : Number(rotate / 1_000_000n), values.force === true);
  try {
    const ends = endsOf(feed);
    for (const end of ends) files.open(end.topic, end.symbols);
    await take(ends, files, values.for === undefined ? Infinity : Number(values.for as bigint) / 1e6, stop.signal);
    await feed.close();
    drain(ends, files);
  } finally {
    interrupt.end();
    await feed.close();
    files.close();
  }
  const stats = feed.stats();
  if (values.json === true) terminal.answer(`${JSON.stringify({ schema: 1, files: files.written(), venues: stats })}\n`);
  else
    terminal.screen(
      `${files
        .written()
        .map(({ file, rows }) => `${file}   ${count(rows)} rows`)
        .join("\n")}\n`,
    );
  return interrupted ? interrupt.code : exit.ok;
}

type End = NonNullable<Feed["trades"]>;
const endsOf = ({ trades, quotes, depth, book, bookChanges, status }: Feed): End[] =>
  [trades, quotes, depth, book, bookChanges, status].filter((end) => end !== undefined) as unknown as End[];

async function take(ends: readonly End[], files: TopicFiles, ms: number, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  let flushed = began;
  while (!signal.aborted && performance.now() - began < ms) {
    drain(ends, files);
    const now = performance.now();
    if (now - flushed > flushMs) {
      files.flush();
      flushed = now;
    }
    await pause(Math.min(takeMs, Math.max(1, ms - (now - began))), undefined, { signal }).catch(() => {});
  }
}
function drain(ends: readonly End[], files: TopicFiles): void {
  for (const end of ends) end.poll((batch) => files.take(end.topic, batch));
}
