/** Faults of all kinds, lies about ids among them: TICKFORGE_DEEP for 10,000, TICKFORGE_SEED for others. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { binance } from "../../../src/feeds/binance/spot.js";
import { coinbase } from "../../../src/feeds/coinbase/exchange.js";
import type { Venue } from "../../../src/feeds/kit/venue.js";
import { kraken } from "../../../src/feeds/kraken/v2.js";
import { binanceSpot } from "../../../src/feeds/venue_server/binance.js";
import { coinbase as coinbaseServer } from "../../../src/feeds/venue_server/coinbase.js";
import type { Dialect } from "../../../src/feeds/venue_server/dialect.js";
import { connectionFaults, messageFaults } from "../../../src/feeds/venue_server/faults.js";
import { History } from "../../../src/feeds/venue_server/history.js";
import { krakenV2 } from "../../../src/feeds/venue_server/kraken.js";
import { simulatedTape } from "../../../src/feeds/venue_server/tape.js";
import type { VenueServer } from "../../../src/feeds/venue_server/venue_server.js";
import { pause, run, until } from "./kit.js";
import { Ledger } from "./ledger.js";

const deep = process.env.TICKFORGE_DEEP !== undefined;
const seed = Number(process.env.TICKFORGE_SEED ?? 20_190_607);
/** Of all venues together. */
const allFaults = deep ? 10_000 : 300;
/** Trades: a connection that is down has no faults. */
const perFault = deep ? 50 : 80;
const tradesPerSecond = 2000;

/** As the venue is, but for its limits: more is broken here in a second than a venue breaks in a day. */
const unlimited = (venue: Venue): Venue => ({
  ...venue,
  limits: { ...venue.limits, connections: 1e6 },
  rest: { ...venue.rest, weight: { ...venue.rest.weight, allowed: 1e9 } },
});

/** Four requests may be under way when the venue says that it is enough. */
const limitedOf = ({ faults: done }: VenueServer): number => (done.get("limited") ?? 0) + (done.get("banned") ?? 0);

/** A further venue that the server speaks is a line here. */
const cases: [string, Venue, Dialect, string[]][] = [
  ["Binance", binance, binanceSpot, ["BTCUSDT", "ETHUSDT", "SOLUSDT"]],
  ["Coinbase", coinbase, coinbaseServer, ["BTC-USD", "ETH-USD", "SOL-USD"]],
  ["Kraken", kraken, krakenV2, ["BTC/USD", "ETH/USD", "SOL/USD"]],
];
const faults = Math.ceil(allFaults / cases.length);

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
function memory(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe.each(cases)("%s with faults", (_, venue, dialect, symbols) => {
  it(`${faults} of them: every trade is there once and as it was, or a row says that it is lost or was another one`, async () => {
    const trades = faults * perFault;
    const tape = simulatedTape({ dialect, symbols, trades, tradesPerSecond, startMs: Date.now() });
    const chaos = { seed, messages: 0.07, connections: 0.0008, answers: 0.2, stallMs: 300 };
    const ledger = new Ledger(symbols, () => running.server.history);
    const running = await run({
      venue: unlimited(venue),
      symbols,
      // Fewer trades that REST can give than usual: the venue is measured too.
      serve: { dialect, tape, speed: 1, chaos, pingMs: 200, history: new History(10_000) },
      into: ledger,
    });
    const { server, feed } = running;
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, feed.stats().waiting)), 50);
    try {
      const played = server.play();
      expect(await until(() => ledger.counts.rows > trades / 4, (2000 * trades) / tradesPerSecond), "a quarter came").toBe(true);
      const before = memory();
      await played;
      const reached = () => symbols.every((symbol, of) => ledger.last[of]! >= server.history.of(symbol).trades.last - 200);
      expect(await until(() => reached() && feed.stats().waiting === 0, 60_000), "all that was said came").toBe(true);
      await pause(200);
      const after = memory();
      const done = [...server.faults.values()].reduce((sum, count) => sum + count, 0);
      const { rows, disputed } = ledger.counts;
      if (deep) console.log(JSON.stringify({ seed, done, ...ledger.counts, most, grownMB: (after - before) / 1e6, ...feed.stats() }));
      expect(ledger.end(), `seed ${seed}`).toEqual([]);
      expect(done).toBeGreaterThan(faults);
      for (const kind of [...messageFaults, ...(deep ? connectionFaults : [])]) expect(server.faults.get(kind), kind).toBeGreaterThan(0);
      expect(rows).toBeGreaterThan(0.9 * trades);
      // A trade under the id of one that is missing, and just as many are.
      expect(disputed).toBeLessThanOrEqual(2 + faults / 1000);
      expect(feed.stats().waiting).toBe(0);
      expect(most).toBeLessThan(1 << 16);
      if (deep) expect(after - before).toBeLessThan(30e6);
      // Waits double from the first on: each of two connections comes to five attempts a second at the most, and some more where one ends soon.
      const { connectionsAt } = server;
      const inASecond = connectionsAt.map((from) => connectionsAt.filter((at) => at >= from && at < from + 1000).length);
      expect(Math.max(...inASecond), "connections in a second").toBeLessThanOrEqual(16);
      expect(server.early, "requests while the venue had said to wait").toBeLessThanOrEqual(3 * limitedOf(server));
    } finally {
      clearInterval(watch);
      await running.close();
    }
    // Those that were left out are told, all of them.
    expect(ledger.counts.duplicates).toBe(feed.stats().left["duplicate trades"] ?? 0);
  }, 900_000);
});
