import { describe, expect, it } from "vitest";
import { binance } from "../../../src/feeds/binance/spot.js";
import { coinbase } from "../../../src/feeds/coinbase/exchange.js";
import { FrameParser } from "../../../src/feeds/kit/frame_parser.js";
import { Tally } from "../../../src/feeds/kit/tally.js";
import { rowState } from "../../../src/files/frames/frame_rows.js";
import { backends, outcome, parse, received } from "./parse.js";

const trade = (id: number, symbol = "X", price = "1.5") =>
  `{"e":"trade","E":1724999999000,"s":"${symbol}","t":${id},"p":"${price}","q":"2","T":1724999999000,"m":true,"M":true}`;

describe.each(backends)("frames in, rows out: %s", (backend) => {
  it("rows come in the order of frames, however many there are", () => {
    const rows = parse(
      binance,
      ["X"],
      Array.from({ length: 10_000 }, (_, i) => trade(i)),
      { backend },
    );
    expect(rows.map(({ id }) => Number(id))).toEqual([...rows.keys()]);
  });

  it("a frame with more rows than are handed over at once has one first row and one last, and none twice", () => {
    const levels = (from: number) => Array.from({ length: 9000 }, (_, i) => `["${from + i}.5","${i}"]`).join(",");
    const frame = `{"type":"snapshot","product_id":"X-Y","bids":[${levels(1)}],"asks":[${levels(20_000)}]}`;
    const rows = parse(coinbase, ["X-Y"], ['{"type":"heartbeat"}', frame, '{"type":"heartbeat"}'], { backend });
    expect(outcome(rows).filter((what) => what === "depth").length).toBe(18_000);
    expect(rows.slice(1, -1).map(({ price }) => price)).toEqual([
      ...Array.from({ length: 9000 }, (_, i) => 1.5 + i),
      ...Array.from({ length: 9000 }, (_, i) => 20_000.5 + i),
    ]);
    expect(rows.flatMap(({ state, frame: of }, i) => (state & rowState.first ? [[i, of]] : []))).toEqual([
      [0, 0],
      [1, 1],
      [18_001, 2],
    ]);
    expect(rows.flatMap(({ state }, i) => (state & rowState.last ? [i] : []))).toEqual([0, 18_000, 18_001]);
  });

  it("a frame that is wrong in its last level has no rows, though the ones before were more than are handed over at once", () => {
    const levels = Array.from({ length: 9000 }, (_, i) => `["${1 + i}","1"]`);
    const frame = (more: string) => `{"type":"snapshot","product_id":"X-Y","bids":[${[...levels, more].join(",")}],"asks":[]}`;
    expect(outcome(parse(coinbase, ["X-Y"], [frame('["5","-1"]')], { backend }))).toEqual(["size: below 0"]);
    expect(outcome(parse(coinbase, ["X-Y"], [frame('["5","1"]')], { backend })).length).toBe(9001);
  });

  it("a frame may be larger than the room there was", () => {
    const long = `{"type":"status","products":["${"x".repeat(5_000_000)}"]}`;
    const after = '{"type":"match","trade_id":1,"side":"sell","size":"1","price":"2","product_id":"X-Y","time":"2024-08-30T00:00:00Z"}';
    expect(outcome(parse(coinbase, ["X-Y"], [after, long, after], { backend }))).toEqual(["trade", "notice", "trade"]);
  });

  it("the instrument of an answer is the one that was asked about, and an answer about none has no rows", () => {
    const answer = '[{"id":1,"price":"4","qty":"12","time":1724999999000,"isBuyerMaker":true}]';
    const rest = { rules: binance.rest.rules };
    expect(parse(rest, ["A", "B"], [answer], { backend, about: 1 })[0]).toMatchObject({ instrument: 1, id: 1n });
    for (const about of [-1, 2, 1e9]) expect(outcome(parse(rest, ["A", "B"], [answer], { backend, about }))).toEqual(["symbol: missing"]);
  });

  it("an answer may hold a thousand trades", () => {
    const one = (id: number) => `{"id":${id},"price":"4","qty":"12","time":1724999999000,"isBuyerMaker":true}`;
    const answer = `[${Array.from({ length: 1000 }, (_, i) => one(i)).join(",")}]`;
    const rows = parse({ rules: binance.rest.rules }, ["A"], [answer], { backend, about: 0 });
    expect(rows.map(({ id }) => Number(id))).toEqual([...Array(1000).keys()]);
  });

  it("numbers are the nearest doubles of their text", () => {
    const texts = [
      "0.1",
      "61837.63",
      "123456789012345678901234567890",
      "0.30000000000000004",
      "9007199254740993",
      "1e-7",
      "5e-324",
      "1.7976931348623157e308",
    ];
    expect(
      parse(
        binance,
        ["X"],
        texts.map((text, i) => trade(i, "X", text)),
        { backend },
      ).map(({ price }) => price),
    ).toEqual(texts.map(Number));
    expect(
      outcome(
        parse(binance, ["X"], [trade(1, "X", "1.8e308"), trade(1, "X", "0"), trade(1, "X", "-1"), trade(1, "X", "1_0")], { backend }),
      ),
    ).toEqual(["price: beyond the range of numbers", "price: no price above 0", "price: no price above 0", "price: no number"]);
  });

  it("decimals are counted as they are written", () => {
    const digits = (price: string) => parse(binance, ["X"], [trade(1, "X", price)], { backend })[0]!.priceDigits;
    expect(["1", "1.", "1.50", "1.5e-7", "150e1", "1.5E+1", "0.00000001"].map(digits)).toEqual([0, 0, 2, 8, 0, 0, 8]);
  });

  it("text with a backslash is taken for nothing else", () => {
    expect(
      outcome(
        parse(binance, ["X"], [trade(1, "\\u0058"), trade(1).replace('"e"', '"\\u0065"'), trade(1).replace('"M":true', '"M":"\\"}"')], {
          backend,
        }),
      ),
    ).toEqual(["symbol: written with a backslash", "notice", "trade"]);
  });
});

describe("the tally", () => {
  const run = (frames: readonly string[]) => {
    const parser = new FrameParser(binance, ["X", "Y"]);
    const heard: string[] = [];
    const tally = new Tally(binance, parser, ({ what }) => heard.push(what));
    for (const frame of frames) parser.push(Buffer.from(frame), received);
    parser.run((rows, count) => tally.take(rows, count));
    return { tally, heard };
  };
  it("counts by symbol, and names what had no rows, with the first of each", () => {
    const { tally, heard } = run([
      trade(1),
      trade(2, "Y"),
      trade(3, "Y"),
      trade(4, "X", "x"),
      trade(5, "X", "y"),
      trade(6, "Z"),
      "{",
      '{"result":null,"id":1}',
      '{"e":"depthUpdate","E":1,"s":"X","U":1,"u":2,"b":[],"a":[["5","0"],["6","0"]]}',
    ]);
    expect(tally.frames).toBe(9);
    expect(tally.symbols[0]).toMatchObject({ trades: 1, changes: 1, levels: 2, untimed: 2, clock: 2 });
    expect(tally.symbols[1]).toMatchObject({ trades: 2, changes: 0, clock: 0 });
    expect([...tally.refused]).toEqual([
      ["price: no number", { count: 2, example: trade(4, "X", "x"), symbol: "X" }],
      ["symbol: a symbol that was not asked for", { count: 1, example: trade(6, "Z"), symbol: undefined }],
      ["no JSON", { count: 1, example: "{", symbol: undefined }],
    ]);
    expect(heard).toEqual(["subscribed"]);
  });
  it("keeps no more kinds than a few, whatever is said", () => {
    const { tally } = run(Array.from({ length: 1000 }, (_, i) => `{"e":"new${i}"}`));
    expect(tally.notices.size).toBeLessThan(70);
    expect([...tally.notices.values()].reduce((sum, { count }) => sum + count, 0)).toBe(1000);
  });
});
