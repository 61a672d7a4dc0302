import { afterEach, describe, expect, it } from "vitest";
import { binance } from "../../../src/feeds/binance/spot.js";
import { binanceSpot } from "../../../src/feeds/venue_server/binance.js";
import { simulatedTape } from "../../../src/feeds/venue_server/tape.js";
import { faultsOf, none, pause, type Running, run, until } from "./kit.js";

const symbols = ["BTCUSDT", "ETHUSDT"];
const open: Running[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const start = async (...options: Parameters<typeof run>) => {
  const running = await run(...options);
  open.push(running);
  return running;
};
const tape = (trades: number) => simulatedTape({ dialect: binanceSpot, symbols, trades });

const slowTape = (trades: number, perSecond: number) =>
  simulatedTape({ dialect: binanceSpot, symbols, trades, tradesPerSecond: perSecond, startMs: Date.now() });
const statesOf = ({ told }: Running) => [...new Set(told.map(({ state }) => state))].sort();

describe("a feed", () => {
  it("gives every trade of a venue without faults, in order, with the values that it told", async () => {
    const running = await start({ venue: binance, symbols, serve: { dialect: binanceSpot, tape: tape(5000), speed: 0 } });
    await running.server.play();
    expect(await until(() => running.trades.length === 5000)).toBe(true);
    expect(faultsOf(running, symbols)).toEqual(none);
    expect(running.told.map(({ state }) => state)).toEqual(["connected", "connected"]);
    expect(running.feed.stats()).toMatchObject({ connections: 1, requests: 0, left: {}, waiting: 0 });
  });

  it("is handed over to a successor before the venue ends the connection: nothing is missed, and nothing is told that did not happen", async () => {
    // Nothing is asked for that one of two connections is only later with.
    const timing = { lifeMs: 700, aheadMs: 250, overlapMs: 60, settleMs: 150 };
    const serve = { dialect: binanceSpot, tape: slowTape(4000, 1000), lifeMs: 700 };
    const running = await start({ venue: binance, symbols, serve, timing });
    await running.server.play();
    expect(await until(() => running.trades.length === 4000)).toBe(true);
    expect(faultsOf(running, symbols)).toEqual(none);
    expect(running.server.connectionsAt.length).toBeGreaterThan(4);
    expect(statesOf(running)).toEqual(["connected", "duplicates"]);
    expect(running.feed.stats().requests).toBe(0);
    expect(running.feed.stats().left["duplicate trades"]).toBeGreaterThan(100);
  });

  it("cut after cut under load, each prepared by a successor: nothing is missed or double", async () => {
    const [lifeMs, trades] = [250, 20_000];
    const serve = { dialect: binanceSpot, tape: slowTape(trades, 5000), lifeMs };
    const running = await start({ venue: binance, symbols, serve, timing: { lifeMs, aheadMs: 100, overlapMs: 20, settleMs: 100 } });
    await running.server.play();
    expect(await until(() => running.trades.length === trades)).toBe(true);
    await pause(50);
    expect(faultsOf(running, symbols)).toEqual(none);
    expect(running.told.filter(({ state }) => state === "lost" || state === "disputed")).toEqual([]);
    expect(running.server.connectionsAt.length).toBeGreaterThan(15);
    const again = running.told.filter(({ state }) => state === "duplicates");
    expect(again.length).toBeLessThanOrEqual(symbols.length * Math.ceil((performance.now() - running.server.connectionsAt[0]!) / 1000));
  });

  it("a connection that is silent is told as stale within the time that the venue allows, and made anew", async () => {
    const running = await start({
      venue: binance,
      symbols,
      serve: { dialect: binanceSpot, tape: slowTape(200, 1000), pingMs: 1e6 },
      timing: { staleMs: 200 },
    });
    await running.server.play();
    running.server.mute();
    expect(await until(() => running.told.some(({ state }) => state === "stale"), 5000)).toBe(true);
    const [stale] = running.told.filter(({ state }) => state === "stale");
    expect(stale!.seconds).toBeGreaterThan(0.2);
    expect(stale!.seconds).toBeLessThan(2);
    expect(await until(() => running.server.connectionsAt.length > 1, 5000)).toBe(true);
  });

  it("a venue that refuses everybody is not stormed: waits double up to the longest", async () => {
    const chaos = { seed: 1, messages: 0, connections: 0, answers: 1 };
    const running = await start({
      venue: binance,
      symbols,
      serve: { dialect: binanceSpot, tape: [], chaos },
      timing: { backoffMs: 20, mostBackoffMs: 320 },
    });
    await pause(2500);
    const { connectionsAt } = running.server;
    // Half of 20, 40, 80, 160 and then of 320 ms each at the least; some of the answers say to wait a second.
    expect(connectionsAt.length).toBeLessThan(5 + 2500 / 160);
    expect(connectionsAt.length).toBeGreaterThan(1);
    await until(() => running.told.some(({ state }) => state === "disconnected"));
    expect(statesOf(running)).toEqual(["disconnected"]);
  });

  it("no more connections are opened in a time than the venue allows", async () => {
    const limits = { ...binance.limits, connections: 3, connectionSeconds: 0.4 };
    const links: typeof binance.links = (wanted, url) => wanted.flatMap((one) => binance.links([one], url));
    const many = Array.from({ length: 10 }, (_, i) => `SYM${i}USDT`);
    const running = await start({ venue: { ...binance, limits, links }, symbols: many, serve: { dialect: binanceSpot, tape: [] } });
    expect(await until(() => running.server.connectionsAt.length === 10)).toBe(true);
    const { connectionsAt } = running.server;
    // Three times the three before must be 0.4 s old.
    expect(connectionsAt[9]! - connectionsAt[0]!).toBeGreaterThan(1000);
  });

  it("fills a hole over REST once the venue answers again, and says so; what REST has no more is lost, and said too", async () => {
    const chaos = { seed: 4, messages: 0.02, connections: 0, answers: 0, only: ["drop"] as const };
    const refilled = await start({ venue: binance, symbols, serve: { dialect: binanceSpot, tape: slowTape(2000, 2000), chaos } });
    await refilled.server.play();
    expect(await until(() => refilled.trades.length >= 1995 && refilled.feed.stats().waiting === 0)).toBe(true);
    expect(statesOf(refilled)).toEqual(["connected", "gap", "refilled"]);
    const gone = await start({
      venue: binance,
      symbols,
      serve: { dialect: binanceSpot, tape: slowTape(2000, 2000), chaos },
      rest: "http://127.0.0.1:1",
      timing: { giveUpMs: 300 },
    });
    await gone.server.play();
    await until(() => gone.told.some(({ state }) => state === "lost") && gone.feed.stats().waiting === 0);
    expect(statesOf(gone)).toEqual(["connected", "gap", "lost"]);
    const wrong = faultsOf(gone, symbols);
    expect({ ...wrong, missing: [] }).toEqual(none);
    const ids = gone.trades.filter(({ instrument }) => instrument === 0).map(({ id }) => id);
    const lost = gone.told
      .filter(({ state, instrument }) => state === "lost" && instrument === 0)
      .reduce((sum, { count }) => sum + count, 0);
    expect(ids.at(-1)! - ids[0]! + 1).toBe(ids.length + lost);
    expect(lost).toBeGreaterThan(0);
  });

  it("a topic that is full leaves the socket unread, and nothing is lost", async () => {
    const running = await start({ venue: binance, symbols, slots: 2, serve: { dialect: binanceSpot, tape: tape(20_000), speed: 0 } });
    running.hold(true);
    const played = running.server.play();
    await pause(400);
    expect(running.trades.length).toBe(0);
    running.hold(false);
    await played;
    expect(await until(() => running.trades.length === 20_000)).toBe(true);
    expect(faultsOf(running, symbols)).toEqual(none);
    expect(running.feed.stats().given.dropped).toBe(0);
  });
});
