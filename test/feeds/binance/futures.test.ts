/** Messages: as recorded (2021, 2024), from the documentation, or made of one by hand; each says which. */
import { expect, it } from "vitest";
import { binanceFutures } from "../../../src/feeds/binance/futures.js";
import { rowKinds, rowState } from "../../../src/files/frames/frame_rows.js";
import { conforms } from "../kit/conformance.js";
import { backends, parse } from "../kit/parse.js";

const { trade, quote, depth, dropped } = rowKinds;
const { first, last, aggregate, snapshot } = rowState;
const whole = first | last;
const print = (x: string) =>
  `{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256322,"s":"BTCUSDT","t":5266583935,"p":"61800.30","q":"0.006","X":"${x}","m":false}}`;

conforms(binanceFutures, {
  data: {
    "trades of one order, recorded 2021": {
      text: '{"stream":"ctkusdt@aggTrade","data":{"e":"aggTrade","E":1626992741575,"a":16599292,"s":"CTKUSDT","p":"1.01100","q":"10","f":23961322,"l":23961322,"T":1626992741421,"m":false}}',
      instruments: ["CTKUSDT"],
      rows: [{ kind: trade, state: whole | aggregate, id: 16599292n, price: 1.011, size: 10, side: 1, time: 1626992741421000000n }],
    },
    "a trade, recorded 2024": {
      text: print("MARKET"),
      instruments: ["BTCUSDT"],
      rows: [{ kind: trade, state: whole, id: 5266583935n, price: 61800.3, size: 0.006, side: 1, priceDigits: 2, sizeDigits: 3 }],
    },
    "best quotes, recorded 2021": {
      text: '{"stream":"sushiusdt@bookTicker","data":{"e":"bookTicker","u":600859600576,"s":"SUSHIUSDT","b":"7.6110","B":"2","a":"7.6120","A":"297","T":1626992741012,"E":1626992741017}}',
      instruments: ["SUSHIUSDT"],
      rows: [{ kind: quote, state: whole, id: 600859600576n, price: 7.611, size: 2, ask: 7.612, askSize: 297, time: 1626992741012000000n }],
    },
    "changes of a book, recorded 2021: pu is the last update before": {
      text: '{"stream":"akrousdt@depth@100ms","data":{"e":"depthUpdate","E":1626992741257,"T":1626992741238,"s":"AKROUSDT","U":600859603597,"u":600859605486,"pu":600859599831,"b":[["0.01730","183887"]],"a":[["0.01736","874535"]]}}',
      instruments: ["AKROUSDT"],
      rows: [
        {
          kind: depth,
          state: first,
          first: 600859603597n,
          id: 600859605486n,
          previous: 600859599831n,
          side: 1,
          price: 0.0173,
          size: 183887,
        },
        { kind: depth, state: last, previous: 600859599831n, side: -1, price: 0.01736, size: 874535, priceDigits: 5 },
      ],
    },
    "a book whole, as REST gave it in 2021, cut": {
      rest: true,
      text: '{"lastUpdateId":600859605926,"E":1626992741264,"T":1626992741261,"bids":[["7.6110","6"]],"asks":[["7.6120","161"]]}',
      instruments: ["SUSHIUSDT"],
      rows: [
        { kind: depth, state: first | snapshot, id: 600859605926n, side: 1, time: 1626992741261000000n },
        { kind: depth, state: last | snapshot, side: -1, price: 7.612, size: 161 },
      ],
    },
    "an old trade of REST, from the documentation": {
      rest: true,
      text: '[{"a":26129,"p":"0.01633102","q":"4.70443515","f":27781,"l":27781,"T":1698793892711,"m":true}]',
      instruments: ["LTCBTC"],
      rows: [{ kind: trade, state: whole | aggregate, id: 26129n, price: 0.01633102, size: 4.70443515, side: -1 }],
    },
  },
  notices: [
    ['{"result":null,"id":1}', { what: "subscribed", request: 1 }],
    ['{"stream":"btcusdt@markPrice","data":{"e":"markPriceUpdate","E":1}}', { what: "ignored", text: "markPriceUpdate" }],
  ],
});

it.each(["INSURANCE_FUND", "ADL", "NA"])("a print of %s, made by hand, is no trade of the market, and is told for its id", (x) => {
  for (const backend of backends)
    expect(parse(binanceFutures, ["BTCUSDT"], [print(x), print(x).replace('"61800.30"', '"0"')], { backend })).toMatchObject([
      { kind: dropped, id: 5266583935n, price: Number.NaN, side: 0 },
      { kind: dropped, id: 5266583935n },
    ]);
});
it("contracts with a date keep their _", () => expect(binanceFutures.symbol("btcusdt_240927")).toBe("BTCUSDT_240927"));

it("trades and the rest come by ways of their own; another address has one for all", () => {
  const wanted = (["trades", "quotes", "depth"] as const).map((channel) => ({ channel, symbol: "BTCUSDT" }));
  expect(binanceFutures.links(wanted).map(({ url }) => url)).toEqual([
    "wss://fstream.binance.com/market/stream?streams=btcusdt@aggTrade",
    "wss://fstream.binance.com/public/stream?streams=btcusdt@bookTicker/btcusdt@depth@100ms",
  ]);
  expect(binanceFutures.links(wanted.slice(1)).length).toBe(1);
  const [only, ...more] = binanceFutures.links(wanted, "ws://127.0.0.1:9000");
  expect([only!.url, more]).toEqual(["ws://127.0.0.1:9000/stream?streams=btcusdt@aggTrade/btcusdt@bookTicker/btcusdt@depth@100ms", []]);
});
