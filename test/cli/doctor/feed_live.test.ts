/** doctor feed on live sources, over sockets: a venue of this process that says what a test wants. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { mainFile, requireBuilt, tickforge } from "../../support/cli.js";

beforeAll(requireBuilt);

const servers: WebSocketServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
});
/** Where it is; `say`: what it tells the first that connects. */
async function venueOf(say: () => readonly string[], end = false): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  servers.push(server);
  server.once("connection", (client) => {
    for (const text of say()) client.send(text);
    if (end) client.close(1001, "over");
  });
  await once(server, "listening");
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** 400 trades at the ask and at the bid by turns; 50 are missing, one comes twice. */
function trades(inverted: boolean, aheadMs = 0): string[] {
  const now = Date.now() + aheadMs;
  const quote = JSON.stringify({ u: 1, s: "BTCUSDT", b: "99", B: "1", a: "101", A: "1" });
  const trade = (i: number) => {
    const bought = i % 2 === 1;
    return JSON.stringify({
      e: "trade",
      E: now,
      s: "BTCUSDT",
      t: 1000 + i,
      p: bought ? "101" : "99",
      q: "1",
      T: now,
      m: bought === inverted,
    });
  };
  const ids = Array.from({ length: 400 }, (_, i) => i).filter((i) => i < 100 || i >= 150);
  return [quote, ...ids.map(trade), trade(399), '{"e":"trade","s":"BTCUSDT"}'];
}
const doctor = (words: readonly string[]) => tickforge(["doctor", "feed", ...words]);

describe("doctor feed on a live source", () => {
  it("tells what was missing and double, clocks and sides, as of a log", async () => {
    const url = await venueOf(() => trades(false, -7000));
    const { code, stdout, stderr } = await doctor(["binance:BTCUSDT,binance:ETHUSDT", "--url", url, "--for", "1s"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^binance:BTCUSDT,binance:ETHUSDT: 353 messages of Binance spot in 1\.\d s, 1 symbol$/m);
    expect(stdout).toMatch(/^BTCUSDT +350 +50 +1 +0 +1 +0 +- +7\d\d\d\.\d +100\.0% as (quotes|ticks) say$/m);
    expect(stdout).toMatch(/BTCUSDT: 50 trades missing in 1 gap: 1100 to 1149$/m);
    expect(stdout).toMatch(/without rows: 1 message, id: missing/);
    expect(stdout).toMatch(/^ETHUSDT: nothing came$/m);
  });

  it("finds sides that are the maker's within 500 trades, and answers 3", async () => {
    const url = await venueOf(() => trades(true), true);
    const { code, stdout } = await doctor(["binance:BTCUSDT", "--url", url, "--for", "400ms", "--json"]);
    const said = JSON.parse(stdout);
    expect(code).toBe(3);
    expect(said).toMatchObject({ schema: 1, command: "doctor feed", file: "binance:BTCUSDT", venue: "binance" });
    expect(said.symbols[0]).toMatchObject({ tradeIds: { missing: 50, duplicates: 1 }, sides: { verdict: "inverted", share: 0 } });
    expect(said.symbols[0].sides.after).toBeLessThanOrEqual(500);
    expect(said.symbols[0].sides.confidence).toBeGreaterThan(0.999999);
    expect(said.remarks[0]).toMatch(/connection ended: closed with 1001 over/);
  });

  it("ends with the account of what it heard when it is interrupted", async () => {
    const url = await venueOf(() => trades(false));
    const child = spawn(process.execPath, [mainFile, "doctor", "feed", "binance:BTCUSDT", "--url", url, "--for", "60s", "--json"]);
    let stdout = "";
    child.stdout.on("data", (data) => (stdout += data));
    await once(servers[0]!, "connection");
    setTimeout(() => child.kill("SIGINT"), 700);
    const [code] = await once(child, "exit");
    expect(code).toBe(130);
    expect(JSON.parse(stdout).symbols[0]).toMatchObject({ symbol: "BTCUSDT", trades: 350 });
  });

  it("names what is wrong where nothing can be heard: no venue, no symbol, no address, nobody there, nothing said", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const port = (closed.address() as AddressInfo).port;
    closed.close();
    // Takes connections, and never answers the handshake.
    const mute: Socket[] = [];
    const silent = createServer((socket) => void mute.push(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const quiet = await venueOf(() => ['{"error":{"code":2,"msg":"Invalid request: unknown stream"},"id":1}']);
    const unanswered = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const cases: [words: string[], code: number, said: RegExp][] = [
      [["nyse:IBM"], 2, /E_VENUE\]|no venue 'nyse'/],
      [["binance:$"], 2, /E_VENUE_SYMBOL|cannot be a symbol/],
      [["binance:BTCUSDT", "--url", "localhost"], 2, /E_FEED_URL|is no address/],
      [["binance:BTCUSDT", "kraken:BTC/USD"], 2, /one venue at a time/],
      [["binance:BTCUSDT", "--venue", "binance"], 2, /--venue goes with a log/],
      [["binance:BTCUSDT", "--url", `ws://127.0.0.1:${port}`, "--for", "300ms"], 1, /127\.0\.0\.1:\d+ was not reached in .*ECONNREFUSED/],
      [["binance:BTCUSDT", "--url", unanswered, "--for", "300ms"], 1, /was not reached in 0\.\d s: no answer/],
      [["binance:BTCUSDT", "--url", quiet, "--for", "300ms"], 1, /no trade, quote or change of a book of BTCUSDT came.*unknown stream/s],
    ];
    for (const [words, code, said] of cases) {
      const answer = await doctor(words);
      expect(answer.stderr, words.join(" ")).toMatch(said);
      expect(answer.code, words.join(" ")).toBe(code);
    }
    for (const socket of mute) socket.destroy();
    silent.close();
  });

  it("refuses a time or an address for a file, and both without feed", async () => {
    for (const line of [
      ["feed", "some.log", "--for", "1s"],
      ["feed", "some.log", "--url", "ws://127.0.0.1:1"],
      ["--for", "1s"],
    ])
      expect((await tickforge(["doctor", ...line])).code, line.join(" ")).toBe(2);
  });
});
