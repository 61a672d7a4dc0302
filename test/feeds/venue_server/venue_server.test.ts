import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { binanceSpot } from "../../../src/feeds/venue_server/binance.js";
import { coinbase } from "../../../src/feeds/venue_server/coinbase.js";
import { dialectOf } from "../../../src/feeds/venue_server/dialects.js";
import { History } from "../../../src/feeds/venue_server/history.js";
import { recordedTape, simulatedTape } from "../../../src/feeds/venue_server/tape.js";
import { VenueServer } from "../../../src/feeds/venue_server/venue_server.js";

const data = process.env.MARKET_DATA ?? join(import.meta.dirname, "../../../../shared/data");
const feeds = join(data, "feeds");
const skip = existsSync(feeds) ? false : "the recordings are not here";

const open: { close(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});
async function serve(options: ConstructorParameters<typeof VenueServer>[0]) {
  const server = new VenueServer(options);
  open.push(server);
  return { server, port: await server.listen() };
}
async function subscriber(url: string, say?: string) {
  const socket = new WebSocket(url);
  const heard: string[] = [];
  socket.on("message", (text) => heard.push(String(text)));
  open.push({ close: () => socket.terminate() });
  await once(socket, "open");
  if (say !== undefined) socket.send(say);
  return { socket, heard };
}
const until = async (done: () => boolean) => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 2));
};
const json = async (url: string): Promise<any> => (await fetch(url)).json();

describe("a venue on this machine", () => {
  it("says a simulated tape to whoever subscribed, in order, and gives the same over REST", async () => {
    const tape = () => simulatedTape({ dialect: binanceSpot, symbols: ["BTCUSDT", "ETHUSDT"], trades: 2000 });
    const { server, port } = await serve({ dialect: binanceSpot, tape: tape(), speed: 0 });
    const { heard } = await subscriber(`ws://127.0.0.1:${port}/stream?streams=btcusdt@trade`);
    await server.play();
    const all = [...tape()].map(({ text }) => text).filter((text) => text.includes("btcusdt@trade"));
    await until(() => heard.length === all.length);
    expect(heard).toEqual(all);
    const ids = all.map((text) => (JSON.parse(text) as { data: { t: number } }).data.t);
    const rest = await json(`http://127.0.0.1:${port}/api/v3/historicalTrades?symbol=BTCUSDT&fromId=${ids[10]}&limit=5`);
    expect(rest.map(({ id }: { id: number }) => id)).toEqual(ids.slice(10, 15));
    expect(await json(`http://127.0.0.1:${port}/api/v3/trades?symbol=NOPE`)).toMatchObject({ code: -1121 });
  });

  it("the same seed gives the same faults, another one others, and without a seed there are none", async () => {
    const run = async (seed?: number) => {
      const tape = simulatedTape({ dialect: binanceSpot, symbols: ["BTCUSDT"], trades: 3000 });
      const chaos = seed === undefined ? undefined : { seed, messages: 0.05, connections: 0 };
      const { server, port } = await serve({ dialect: binanceSpot, tape, speed: 0, chaos: chaos && { ...chaos, answers: 0 } });
      const { heard } = await subscriber(`ws://127.0.0.1:${port}/ws/btcusdt@trade`);
      await server.play();
      for (let before = -1; before < heard.length; await new Promise((resolve) => setTimeout(resolve, 100))) before = heard.length;
      return { heard, faults: Object.fromEntries(server.faults) };
    };
    const [first, again, other, none] = [await run(7), await run(7), await run(8), await run()];
    expect(first.faults).toEqual(again.faults);
    expect(Object.keys(first.faults).sort()).toEqual(
      ["drop", "duplicate", "error", "junk", "lie", "merge", "old", "ping", "reorder", "spoilt", "split"].sort(),
    );
    expect(first.heard.slice(0, 1000)).toEqual(again.heard.slice(0, 1000));
    expect(other.heard.slice(0, 1000)).not.toEqual(first.heard.slice(0, 1000));
    expect(none.faults).toEqual({});
    expect(none.heard.length).toBe(3000);
  });

  it.skipIf(skip)("knows recordings, and has the books that they begin with", async () => {
    expect((await dialectOf(join(feeds, "BINANCE.ws.1.0.gz"))).name).toBe("binance");
    expect((await dialectOf(join(feeds, "BINANCE_FUTURES.ws.1.0.gz"))).name).toBe("binance-futures");
    expect((await dialectOf(join(feeds, "COINBASE.ws.28.0.gz"))).name).toBe("coinbase");
    await expect(dialectOf(join(feeds, "BINANCE.http.0.0.gz"))).rejects.toThrow(/none of its first 0 messages is one of binance/);
    const history = new History();
    for await (const _ of recordedTape(join(feeds, "BINANCE.http.0.0.gz"), (url, body) => binanceSpot.learn(url, body, history)));
    const { port } = await serve({ dialect: binanceSpot, tape: [], history });
    const book = await json(`http://127.0.0.1:${port}/api/v3/depth?symbol=NKNUSDT&limit=2`);
    expect(book).toMatchObject({
      lastUpdateId: 499869752,
      bids: [
        ["0.35210000", "672.00000000"],
        ["0.35200000", "1144.00000000"],
      ],
    });
  });

  it.skipIf(skip)("Coinbase: a subscription is answered with the whole book and the last trade", async () => {
    const tape = recordedTape(join(feeds, "COINBASE.ws.28.0.gz"));
    const { server, port } = await serve({ dialect: coinbase, tape, speed: 0 });
    const ask = (channel: string) => JSON.stringify({ type: "subscribe", product_ids: ["SKL-USD"], channels: [channel] });
    const early = await subscriber(`ws://127.0.0.1:${port}`, ask("matches"));
    await server.play();
    const matches = () => early.heard.filter((text) => text.includes('"match"'));
    await until(() => matches().length > 20);
    const late = await subscriber(`ws://127.0.0.1:${port}`, ask("level2"));
    await until(() => late.heard.length === 2);
    const [said, snapshot] = late.heard.map((text) => JSON.parse(text));
    expect(said).toEqual({ type: "subscriptions", channels: [{ name: "level2", product_ids: ["SKL-USD"] }] });
    expect(snapshot.type).toBe("snapshot");
    expect(Number(snapshot.bids[0][0])).toBeLessThan(Number(snapshot.asks[0][0]));
    const [last] = await json(`http://127.0.0.1:${port}/products/SKL-USD/trades?limit=1`);
    expect(last.trade_id).toBe(JSON.parse(matches().at(-1)!).trade_id);
  });
});
