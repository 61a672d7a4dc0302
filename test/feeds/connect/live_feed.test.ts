import { afterEach, describe, expect, it } from "vitest";
import { binance } from "../../../src/feeds/binance/spot.js";
import { binanceSpot } from "../../../src/feeds/venue_server/binance.js";
import { simulatedTape } from "../../../src/feeds/venue_server/tape.js";
import { faultsOf, none, type Running, run, until } from "./kit.js";

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

describe("a feed", () => {
  it("gives every trade of a venue without faults, in order, with the values that it told", async () => {
    const running = await start({ venue: binance, symbols, serve: { dialect: binanceSpot, tape: tape(5000), speed: 0 } });
    await running.server.play();
    expect(await until(() => running.trades.length === 5000)).toBe(true);
    expect(faultsOf(running, symbols)).toEqual(none);
    expect(running.told.map(({ state }) => state)).toEqual(["connected", "connected"]);
    expect(running.feed.stats()).toMatchObject({ connections: 1, requests: 0, left: {}, waiting: 0 });
  });
});
