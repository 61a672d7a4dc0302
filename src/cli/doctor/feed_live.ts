/** Live sources as doctor feed reads them: all that comes over the connections of a venue, as it comes. */
import { setTimeout as pause } from "node:timers/promises";
import { TickforgeError } from "../../core/contract/errors.js";
import { Ledger } from "../../feeds/audit/ledger.js";
import { Listener } from "../../feeds/audit/listener.js";
import { FrameParser } from "../../feeds/kit/frame_parser.js";
import { Tally } from "../../feeds/kit/tally.js";
import { checkAddress, namedSources } from "../../feeds/named_sources.js";
import { UsageError } from "../kit/exit.js";
import { plural } from "../kit/format.js";
import type { Read } from "./feed_report.js";

const readMs = 20;
/** Until a venue that is not reached at all is given up; within that time it is tried again. */
const reachMs = 10_000;

/** A word of letters with a colon behind them: a venue and a symbol, whether or not there are such ones. */
export const isSource = (word: string): boolean => /^[A-Za-z][\w-]+:/.test(word);

export async function listen(words: readonly string[], url: string | undefined, ms: number, signal: AbortSignal): Promise<Read> {
  const sources = namedSources(words);
  checkAddress(sources, { url });
  const [{ venue }] = sources as [(typeof sources)[0]];
  const other = sources.find((one) => one.venue !== venue);
  if (other)
    throw new UsageError(
      `doctor feed listens to one venue at a time, and ${other.written} is of another than ${sources[0]!.written}`,
      `tickforge doctor feed ${other.written}`,
    );
  const symbols = sources.map(({ symbol }) => symbol);
  const parser = new FrameParser(venue, symbols);
  const ledger = new Ledger(venue.order, symbols);
  const tally = new Tally(venue, parser);
  const read = () =>
    parser.run((rows, count) => {
      ledger.take(rows, count);
      tally.take(rows, count);
    });
  const listener = new Listener(venue, symbols, url, (frame, received) => {
    if (parser.push(frame, received)) return;
    read();
    parser.push(frame, received);
  });
  const began = performance.now();
  const passed = () => performance.now() - began;
  try {
    while (!signal.aborted && passed() < ms && (listener.wasReached || passed() < reachMs)) {
      await pause(Math.max(1, Math.min(readMs, ms - passed())), undefined, { signal }).catch(() => {});
      read();
    }
  } finally {
    listener.close();
  }
  read();
  const seconds = (passed() / 1000).toFixed(1);
  if (!listener.wasReached) throw unreached(listener, seconds);
  const { frames, refused, notices } = tally;
  const heard = ledger.symbols.map(({ trades, quotes, changes }) => trades + quotes + changes > 0);
  if (!heard.includes(true)) throw silent(listener, symbols, seconds, notices);
  const remarks = [
    ...symbols.filter((_, i) => !heard[i]).map((symbol) => `${symbol}: nothing came`),
    ...[...listener.ends].map(([why, times]) => `connection ended: ${why}${times > 1 ? `, ${times} times` : ""}`),
  ];
  const said = `${plural(frames, "message")} of ${venue.doc} in ${seconds} s`;
  return { venue: venue.name, said, frames, refused, notices, ledgers: ledger.symbols, symbols, stamped: true, remarks };
}

function unreached({ addresses, ends }: Listener, seconds: string): TickforgeError {
  const why = [...ends.keys()].at(-1) ?? "no answer";
  return new TickforgeError("E_FEED_UNREACHED", `${addresses[0]} was not reached in ${seconds} s: ${why}`, {
    value: addresses[0],
    hint: "is the address right, and does a proxy (HTTPS_PROXY) or firewall let it through?",
  });
}
function silent({ addresses }: Listener, symbols: readonly string[], seconds: string, notices: Read["notices"]): TickforgeError {
  const said = [...notices.keys()].filter((what) => /^(error|refused|ending|status)/.test(what));
  return new TickforgeError(
    "E_FEED_SILENT",
    `${addresses[0]} is connected, and no trade, quote or change of a book of ${symbols.join(", ")} came in ${seconds} s`,
    {
      value: symbols,
      hint: said.length > 0 ? `the venue said: ${said.join("; ")}` : "is the symbol one of the venue's, and traded now? --for 5m",
    },
  );
}
