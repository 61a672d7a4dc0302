/** Books over sockets: what venues recorded is said by the local venue, and comes out as topics of a feed. */
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Venue } from "../../../src/feeds/kit/venue.js";
import { binanceFutures, binanceSpot } from "../../../src/feeds/venue_server/binance.js";
import { coinbase as coinbaseServer } from "../../../src/feeds/venue_server/coinbase.js";
import type { Dialect } from "../../../src/feeds/venue_server/dialect.js";
import { History } from "../../../src/feeds/venue_server/history.js";
import { krakenV1, krakenV2 } from "../../../src/feeds/venue_server/kraken.js";
import { recordedTape, type Tape } from "../../../src/feeds/venue_server/tape.js";
import { venueOf } from "../../../src/feeds/venues.js";
import { type Running, type RunOptions, run, until } from "../connect/kit.js";
import { folder, missingData } from "./kit/recorded.js";

const open: Running[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const start = async (options: RunOptions) => {
  const running = await run(options);
  open.push(running);
  return running;
};
const file = (name: string) => join(folder, name);

async function historyOf(dialect: Dialect, rest: string | undefined): Promise<History> {
  const history = new History();
  if (rest !== undefined) for await (const _ of recordedTape(file(rest), (url, body) => dialect.learn(url, body, history)));
  return history;
}
/** As the venue is, but for its limits: more is asked of it here in a second than in a day. */
const unlimited = (venue: Venue): Venue => ({
  ...venue,
  limits: { ...venue.limits, connections: 1e6 },
  rest: { ...venue.rest, weight: { ...venue.rest.weight, allowed: 1e9 } },
});

/** The ten best levels as the server has them. */
function truth({ server }: Running, symbol: string) {
  const { bids, asks } = server.history.of(symbol);
  const of = (levels: readonly (readonly [string, string, ...unknown[]])[], at: 0 | 1) => levels.map((level) => Number(level[at]));
  const [bid, ask] = [bids.best(10), asks.best(10)];
  return { bid: of(bid, 0), bidSize: of(bid, 1), ask: of(ask, 0), askSize: of(ask, 1) };
}
const shown = ({ books }: Running, at: number) => {
  const { id: _, ...levels } = books[at]!.at(-1) ?? { id: -1 };
  return levels;
};
const same = (running: Running, symbols: readonly string[]) =>
  symbols.every((symbol, at) => JSON.stringify(shown(running, at)) === JSON.stringify(truth(running, symbol)));

const cases = [
  { name: "binance", dialect: binanceSpot, tape: "BINANCE.ws.1.0.gz", rest: "BINANCE.http.0.0.gz" },
  { name: "binance_futures", dialect: binanceFutures, tape: "BINANCE_FUTURES.ws.1.0.gz", rest: "BINANCE_FUTURES.http.0.0.gz" },
  { name: "coinbase", dialect: coinbaseServer, tape: "COINBASE.ws.28.0.gz", rest: undefined },
  { name: "kraken_v1", dialect: krakenV1, tape: "KRAKEN.ws.50.0.gz", rest: undefined },
  // The same messages in the newer form.
  { name: "kraken", dialect: krakenV2, tape: "KRAKEN.ws.50.0.gz", rest: undefined },
];

describe.skipIf(missingData)(`books over sockets${missingData ? `: ${missingData}` : ""}`, () => {
  it.each(cases)("$name: each book ends as that of the recording, without a fault", async ({ name, dialect, tape, rest }) => {
    const venue = unlimited(venueOf(name));
    const symbols = await symbolsOf(dialect, recordedTape(file(tape)));
    const running = await start({
      ...{ venue, symbols, channels: ["book", "book_changes", "depth"] },
      serve: { dialect, tape: recordedTape(file(tape)), speed: 30, history: await historyOf(dialect, rest) },
    });
    await running.server.play();
    expect(await until(() => same(running, symbols), 5000)).toBe(true);
    for (const [at, symbol] of symbols.entries()) expect(shown(running, at), symbol).toEqual(truth(running, symbol));
    expect(running.told.filter(({ state }) => state !== "connected")).toEqual([]);
  });
});

async function symbolsOf(dialect: Dialect, tape: Tape): Promise<string[]> {
  const found = new Set<string>();
  for await (const { ms, text } of tape) {
    const said = dialect.read(text, ms);
    if (said?.depth) found.add(said.symbol);
  }
  return [...found].sort();
}
