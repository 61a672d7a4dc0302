/** Faults of all kinds but lies about ids, of which docs/feeds.md tells how many are seen. */
import { describe, expect, it } from "vitest";
import { binance } from "../../../src/feeds/binance/spot.js";
import { coinbase } from "../../../src/feeds/coinbase/exchange.js";
import type { Venue } from "../../../src/feeds/kit/venue.js";
import { binanceSpot } from "../../../src/feeds/venue_server/binance.js";
import { coinbase as coinbaseServer } from "../../../src/feeds/venue_server/coinbase.js";
import type { Dialect } from "../../../src/feeds/venue_server/dialect.js";
import { messageFaults } from "../../../src/feeds/venue_server/faults.js";
import { History } from "../../../src/feeds/venue_server/history.js";
import { simulatedTape } from "../../../src/feeds/venue_server/tape.js";
import type { VenueServer } from "../../../src/feeds/venue_server/venue_server.js";
import { faultsOf, none, pause, quick, run, until } from "./kit.js";

/** Of each venue. */
const faults = 150;
const perFault = 40;
const tradesPerSecond = 2000;

/** As the venue is, but for its limits: more is broken here in a second than a venue breaks in a day. */
const unlimited = (venue: Venue): Venue => ({
  ...venue,
  limits: { ...venue.limits, connections: 1e6 },
  rest: { ...venue.rest, weight: { ...venue.rest.weight, allowed: 1e9 } },
});

/** Four requests may be under way when the venue says that it is enough. */
const limitedOf = ({ faults: done }: VenueServer): number => (done.get("limited") ?? 0) + (done.get("banned") ?? 0);

const cases: [string, Venue, Dialect, string[]][] = [
  ["Binance", binance, binanceSpot, ["BTCUSDT", "ETHUSDT", "SOLUSDT"]],
  ["Coinbase", coinbase, coinbaseServer, ["BTC-USD", "ETH-USD", "SOL-USD"]],
];

describe.each(cases)("%s with faults", (_, venue, dialect, symbols) => {
  it(`${faults} of them: every trade is there once and as it was, or a row says that it is lost`, async () => {
    const trades = faults * perFault;
    const tape = function* () {
      yield* simulatedTape({ dialect, symbols, trades, tradesPerSecond, startMs: Date.now() });
    };
    const chaos = {
      seed: 20_190_607,
      messages: 0.04,
      connections: 0.0008,
      answers: 0.2,
      stallMs: 300,
      only: messageFaults.filter((one) => one !== "lie"),
    };
    const running = await run({
      venue: unlimited(venue),
      symbols,
      serve: { dialect, tape: tape(), speed: 1, chaos, pingMs: 200, history: new History(Infinity) },
    });
    const { server, feed, trades: rows } = running;
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, feed.stats().waiting)), 50);
    try {
      await server.play();
      const last = (of: number) => rows.findLast(({ instrument }) => instrument === of)?.id ?? 0;
      const reached = () => symbols.every((symbol, of) => last(of) >= server.history.of(symbol).trades.last - 200);
      await until(() => reached() && feed.stats().waiting === 0, 20_000);
      await pause(200);
      const done = [...server.faults.values()].reduce((sum, count) => sum + count, 0);
      const wrong = faultsOf(running, symbols);
      // The last ones are missed by nobody until another comes.
      const after = new Map(symbols.map((symbol, of) => [symbol, last(of)]));
      expect({ ...wrong, missing: wrong.missing.filter((one) => Number(one.split(" ")[1]) < after.get(one.split(" ")[0]!)!) }).toEqual(
        none,
      );
      expect(done).toBeGreaterThan(faults);
      expect(feed.stats().waiting).toBe(0);
      expect(most).toBeLessThan(1 << 16);
      // Waits between attempts are at least half of the first one: no storm.
      const { connectionsAt } = server;
      const waits = connectionsAt.slice(1).map((at, i) => at - connectionsAt[i]!);
      expect(Math.min(...waits)).toBeGreaterThan(quick.backoffMs! / 2 - 2);
      expect(server.early, "requests while the venue had said to wait").toBeLessThanOrEqual(3 * limitedOf(server));
    } finally {
      clearInterval(watch);
      await running.close();
    }
  }, 60_000);
});
