/** Feeds in a program, and the ways out of the machine: proxies of the environment, certificates. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createSafeServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import "../../src/entries/set_up.js";
import { type Feed, fromFeed } from "../../src/feeds/from_feed.js";
import { binanceSpot } from "../../src/feeds/venue_server/binance.js";
import { simulatedTape } from "../../src/feeds/venue_server/tape.js";
import { VenueServer } from "../../src/feeds/venue_server/venue_server.js";
import { temporaryFolder } from "../support/cli.js";
import { until } from "./connect/kit.js";

const open: { close(): unknown }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const one of open.splice(0).reverse()) await one.close();
});
const tape = () => simulatedTape({ dialect: binanceSpot, symbols: ["BTCUSDT"], trades: 500 });
async function venue() {
  const server = new VenueServer({ dialect: binanceSpot, tape: tape(), speed: 0 });
  open.push(server);
  const port = await server.listen();
  void server.play();
  return { server, port };
}
const opened = (feed: Feed): Feed => {
  open.push(feed);
  return feed;
};
async function ids({ trades }: Feed, count: number): Promise<number[]> {
  const found: number[] = [];
  for await (const { columns, rows } of trades!) {
    found.push(...Array.from(columns.id.subarray(0, rows), Number));
    if (found.length >= count) break;
  }
  return found;
}

describe("fromFeed", () => {
  it("gives batches of trades as any topic does, and ends when it is closed", async () => {
    const { port } = await venue();
    const feed = opened(fromFeed("binance:BTC-USDT", { url: `ws://127.0.0.1:${port}` }));
    expect(feed.sources).toEqual(["binance:BTC-USDT"]);
    expect(await ids(feed, 500)).toEqual(Array.from({ length: 500 }, (_, i) => 1_000_000 + i));
    await feed.close();
    expect(feed.stats()).toMatchObject({ binance: { given: { trades: 500 } } });
  });

  it("refuses what cannot be a source or an address by name", () => {
    expect(() => fromFeed("binanc:BTCUSDT")).toThrow(/no venue 'binanc'/);
    expect(() => fromFeed("coinbase:BTCUSD")).toThrow(/cannot be a symbol of coinbase/);
    expect(() => fromFeed(["binance:BTCUSDT", "binance:btcusdt"])).toThrow(/named twice/);
    expect(() => fromFeed([])).toThrow(/no source is named/);
    expect(() => fromFeed("binance:BTCUSDT", { url: "localhost:9000" })).toThrow(/is no address/);
  });

  it("goes through the proxy of the environment, but for hosts that NO_PROXY names; a password in its address is told nowhere", async () => {
    const { port } = await venue();
    const asked: string[] = [];
    const proxy: Server = createServer();
    proxy.on("connect", ({ url, headers }, socket, head) => {
      asked.push(`${url} ${headers["proxy-authorization"] ?? ""}`);
      const way = connect(port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        way.write(head);
        socket.pipe(way).pipe(socket);
      });
      way.on("error", () => socket.destroy());
      socket.on("error", () => way.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    open.push({
      close: () => {
        proxy.closeAllConnections();
        proxy.close();
      },
    });
    vi.stubEnv("HTTP_PROXY", `http://somebody:hush@127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    vi.stubEnv("NO_PROXY", "elsewhere.example");
    const told: string[] = [];
    // A host of its own: agents are kept by proxy and kind.
    const through = opened(fromFeed("binance:BTCUSDT", { url: "ws://venue.example:9", log: (line) => told.push(line) }));
    expect((await ids(through, 500)).length).toBe(500);
    expect(asked).toEqual([`venue.example:9 Basic ${Buffer.from("somebody:hush").toString("base64")}`]);
    await through.close();
    expect(told.join("\n")).not.toContain("hush");

    vi.stubEnv("NO_PROXY", "127.0.0.1");
    const { port: other } = await venue();
    const direct = opened(fromFeed("binance:BTCUSDT", { url: `ws://127.0.0.1:${other}` }));
    expect((await ids(direct, 500)).length).toBe(500);
    expect(asked.length).toBe(1);

    vi.stubEnv("HTTP_PROXY", "socks5://somebody:hush@127.0.0.1:1");
    vi.stubEnv("NO_PROXY", "");
    const refused = () => fromFeed("binance:BTCUSDT", { url: "ws://venue.example:9" });
    expect(refused).toThrow(/no address of http: or https:/);
    expect(refused).not.toThrow(/hush/);
  });

  const folder = temporaryFolder();
  const certificate = (() => {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    try {
      execFileSync(
        "openssl",
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost"],
        { stdio: "ignore" },
      );
    } catch {
      return undefined;
    }
    return { key: readFileSync(key), cert: readFileSync(cert) };
  })();
  it.skipIf(!certificate)("does not speak to a venue whose certificate nobody vouches for", async () => {
    let requests = 0;
    const server = createSafeServer(certificate!, () => requests++).on("upgrade", () => requests++);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push({ close: () => server.close() });
    const told: string[] = [];
    const feed = opened(
      fromFeed("binance:BTCUSDT", { url: `wss://localhost:${(server.address() as AddressInfo).port}`, log: (line) => told.push(line) }),
    );
    expect(await until(() => told.length > 0, 10_000)).toBe(true);
    await feed.close();
    expect(told.join("\n")).toMatch(/connections ended: self-signed certificate/);
    expect(requests).toBe(0);
  });
});
