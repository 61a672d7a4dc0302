/** What venues really sent in 2021 and 2024, read by both forms of the parser: counts by type, order of ids, sides. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { install } from "../../src/backends/index.js";
import { FrameParser } from "../../src/feeds/kit/frame_parser.js";
import { Tally } from "../../src/feeds/kit/tally.js";
import { sourceOf, venueOf, venues } from "../../src/feeds/venues.js";
import { parse, type Row } from "./kit/parse.js";

install();
const folder = process.env.MARKET_DATA ?? "../shared/data";
const here = existsSync(join(folder, "feeds"));

interface Log {
  readonly frames: readonly Buffer[];
  readonly received: readonly bigint[];
  readonly symbols: readonly string[];
}
/** Lines of `<seconds>: <message>` or `<ns> <message>`, without those that are addresses. */
function open(file: string): Log {
  const lines = gunzipSync(readFileSync(join(folder, file)))
    .toString("utf8")
    .split("\n");
  const kept = lines.filter((line) => /^\d/.test(line)).map((line) => /^(\d+)(?:\.(\d+):)? (.*)$/.exec(line)!);
  const named = lines.join("\n").matchAll(/"(?:s|product_id)":"([^"]+)"|"pair":"([^"]+)"/g);
  return {
    frames: kept.map(([, , , text]) => Buffer.from(text!)),
    received: kept.map(([, whole, part]) => (part === undefined ? BigInt(whole!) : BigInt(whole! + part.padEnd(9, "0")))),
    symbols: [...new Set([...named].map(([, one, other]) => (one ?? other)!))],
  };
}

function read(venue: string, { frames, received, symbols }: Log, backend: "native" | "reference") {
  const parser = new FrameParser(venueOf(venue), symbols, { backend });
  const tally = new Tally(venueOf(venue), parser);
  const rows: Row[] = [];
  const run = () =>
    parser.run((columns, count) => {
      tally.take(columns, count);
      for (let row = 0; row < count; row++)
        rows.push(Object.fromEntries(Object.entries(columns).map(([name, view]) => [name, view[row]])) as unknown as Row);
    });
  frames.forEach((frame, i) => {
    if (parser.push(frame, received[i]!)) return;
    run();
    parser.push(frame, received[i]!);
  });
  run();
  const sum = (key: keyof (typeof tally.symbols)[number]) => tally.symbols.reduce((total, of) => total + of[key], 0);
  const { frames: count, refused, notices } = tally;
  const said = Object.fromEntries([...notices].map(([what, { count: times }]) => [what, times]));
  return {
    rows,
    counts: {
      frames: count,
      trades: sum("trades"),
      quotes: sum("quotes"),
      changes: sum("changes"),
      levels: sum("levels"),
      snapshots: sum("snapshots"),
      clock: sum("clock"),
    },
    refused: [...refused],
    said,
  };
}

describe.skipIf(!here)("recordings of 2021 (skipped where MARKET_DATA has none)", () => {
  it.each([
    [
      "binance",
      "BINANCE.ws.1.0.gz",
      { frames: 265, trades: 2, quotes: 84, changes: 177, levels: 422, snapshots: 0, clock: 0 },
      { "ignored: kline": 2 },
    ],
    [
      "binance_futures",
      "BINANCE_FUTURES.ws.1.0.gz",
      { frames: 1535, trades: 91, quotes: 613, changes: 764, levels: 6297, snapshots: 0, clock: 0 },
      { "ignored: kline": 67 },
    ],
    [
      "coinbase",
      "COINBASE.ws.28.0.gz",
      { frames: 9936 + 10, trades: 107, quotes: 107, changes: 9729, levels: 18_081, snapshots: 10, clock: 0 },
      { subscribed: 3 },
    ],
    [
      "kraken_v1",
      "KRAKEN.ws.50.0.gz",
      { frames: 4321, trades: 0, quotes: 0, changes: 4279, levels: 11_745, snapshots: 10, clock: 0 },
      { heartbeat: 31, "status: online": 1, subscribed: 10 },
    ],
  ] as const)(
    "%s",
    (venue, file, counts, said) => {
      const log = open(`feeds/${file}`);
      const native = read(venue, log, "native");
      expect(native.counts).toEqual(counts);
      expect(native.refused).toEqual([]);
      expect(native.said).toEqual(said);
      expect(read(venue, log, "reference").rows).toEqual(native.rows);
    },
    60_000,
  );

  it.each([
    ["binance", "BINANCE.http.0.0.gz", 4, 499869752n],
    ["binance_futures", "BINANCE_FUTURES.http.0.0.gz", 4, 600859605926n],
  ] as const)("%s: books of REST", (venue, file, count, id) => {
    const { rest } = venueOf(venue);
    const lines = gunzipSync(readFileSync(join(folder, "feeds", file)))
      .toString("utf8")
      .split("\n")
      .filter((line) => line.includes("/depth?"));
    expect(lines.length).toBe(count);
    const texts = lines.map((line) => line.slice(line.indexOf(": {") + 2));
    const rows = parse({ rules: rest.rules }, ["ASKED"], texts, { about: 0, backend: "native" });
    expect(rows[0]).toMatchObject({ kind: 2, instrument: 0, id });
    expect(rows.length).toBe(texts.reduce((sum, text) => sum + JSON.parse(text).bids.length + JSON.parse(text).asks.length, 0));
    expect(parse({ rules: rest.rules }, ["ASKED"], texts, { about: 0, backend: "reference" })).toEqual(rows);
  });
});

describe.skipIf(!here)("recordings of Binance, 2024 (skipped where MARKET_DATA has none)", () => {
  it.each([
    ["binance", "hb_spot_btcusdt_20240808", { frames: 41_249, trades: 9757, quotes: 28_040, changes: 3451 }],
    ["binance_futures", "hb_usdm_btcusdt_20240808", { frames: 93_954, trades: 21_313, quotes: 66_089, changes: 6551 }],
  ] as const)(
    "%s: trades are those of the file that the venue publishes, ids without holes, sides and all",
    (venue, name, counts) => {
      const native = read(venue, open(`binance_2024/${name}.gz`), "native");
      expect(native.counts).toMatchObject(counts);
      expect(native.refused).toEqual([]);
      const trades = native.rows.filter(({ kind }) => kind === 0);
      expect(trades.map(({ id }) => id)).toEqual(trades.map((_, i) => trades[0]!.id + BigInt(i)));
      const published = gunzipSync(readFileSync(join(folder, "binance_2024", `${name}_visionlayout.csv.gz`)))
        .toString()
        .split("\n")
        .filter((line) => /^\d/.test(line));
      expect(published.length).toBe(trades.length);
      expect(trades.map(({ id, price, size, time, side }) => [id, price, size, time / 1_000_000n, side])).toEqual(
        published.map((line) => {
          const [id, price, size, , time, maker] = line.split(",");
          return [BigInt(id!), Number(price), Number(size), BigInt(time!), /true/i.test(maker!) ? -1 : 1];
        }),
      );
    },
    60_000,
  );
});

describe("names of venues", () => {
  let all: string[];
  beforeAll(() => {
    all = venues.flatMap(({ name, aliases }) => [name, ...aliases]);
  });
  it("are each of one venue, and lead to it", () => {
    expect(new Set(all).size).toBe(all.length);
    for (const venue of venues)
      for (const name of [venue.name, ...venue.aliases, venue.name.toUpperCase()]) expect(venueOf(name)).toBe(venue);
    expect(venueOf("binance-futures").name).toBe("binance_futures");
  });
  it.each([
    ["binance:btc/usdt", "binance", "BTCUSDT"],
    ["binance_futures:BTCUSDT_240927", "binance_futures", "BTCUSDT_240927"],
    ["coinbase:btc/usd", "coinbase", "BTC-USD"],
    ["kraken:XBT/USD", "kraken", "BTC/USD"],
    ["kraken_v1:btc-usd", "kraken_v1", "XBT/USD"],
  ])("%s", (written, venue, symbol) => {
    const found = sourceOf(written);
    expect([found.venue.name, found.symbol]).toEqual([venue, symbol]);
  });
  it("that are none are errors that say which there are", () => {
    expect(() => sourceOf("binanse:BTCUSDT")).toThrow(
      expect.objectContaining({ code: "E_VENUE", hint: expect.stringMatching(/is it binance\?.*coinbase/) }),
    );
    expect(() => sourceOf("BTCUSDT")).toThrow(expect.objectContaining({ code: "E_VENUE" }));
    expect(() => sourceOf("coinbase:BTCUSD")).toThrow(
      expect.objectContaining({ code: "E_VENUE_SYMBOL", hint: expect.stringContaining("BTC-USD") }),
    );
  });
});
