/** Messages: as recorded (2021), from the documentation, or made of one by hand; each says which. */
import { expect, it } from "vitest";
import { coinbase } from "../../../src/feeds/coinbase/exchange.js";
import { rowKinds, rowState } from "../../../src/files/frames/frame_rows.js";
import { conforms } from "../kit/conformance.js";
import { backends, parse, received } from "../kit/parse.js";

const { trade, quote, depth } = rowKinds;
const { first, last, snapshot, untimed, clock } = rowState;
const whole = first | last;
const update = (time: string) => `{"type":"l2update","product_id":"SKL-BTC","changes":[["sell","0.00001306","660.5"]],"time":"${time}"}`;

conforms(coinbase, {
  data: {
    "a match, recorded 2021: the maker sold, so the buyer was the aggressor": {
      text: '{"type":"match","trade_id":280232,"maker_order_id":"2a0da34e-61f7-4c36-88e5-c9dd15927b16","taker_order_id":"3c82abaa-c01e-4608-be59-6a1e69742891","side":"sell","size":"985","price":"0.00001305","product_id":"SKL-BTC","sequence":177100030,"time":"2021-04-17T16:43:37.089723Z"}',
      instruments: ["SKL-USD", "SKL-BTC"],
      rows: [{ kind: trade, state: whole, instrument: 1, id: 280232n, price: 0.00001305, size: 985, side: 1, time: 1618677817089723000n }],
    },
    "the last match before the subscription, recorded 2021": {
      text: '{"type":"last_match","trade_id":82007,"maker_order_id":"9d2861bd-1703-47f2-a7f4-7723565a7f5c","taker_order_id":"dd068ce5-f175-4396-bae1-a1db56d209f5","side":"buy","size":"1008.2","price":"0.5752","product_id":"SKL-GBP","sequence":27883326,"time":"2021-04-17T16:43:29.571587Z"}',
      instruments: ["SKL-GBP"],
      rows: [{ kind: trade, state: whole | snapshot, id: 82007n, price: 0.5752, size: 1008.2, side: -1 }],
    },
    "best quotes, recorded 2021: without sizes": {
      text: '{"type":"ticker","sequence":333938798,"product_id":"BAND-GBP","price":"14.7775","open_24h":"14.6647","volume_24h":"94381.28000000","low_24h":"14.3691","high_24h":"16.55","volume_30d":"2295579.57000000","best_bid":"14.7550","best_ask":"14.8060","side":"buy","time":"2021-04-17T16:43:30.244075Z","trade_id":881613,"last_size":"0.04"}',
      instruments: ["BAND-GBP"],
      rows: [{ kind: quote, state: whole, price: 14.755, ask: 14.806, size: Number.NaN, askSize: Number.NaN, priceDigits: 4 }],
    },
    "best quotes, from the documentation: with sizes": {
      text: '{"type":"ticker","sequence":37475248783,"product_id":"ETH-USD","price":"1285.22","open_24h":"1310.79","volume_24h":"245532.79269678","low_24h":"1280.52","high_24h":"1313.8","volume_30d":"9788783.60117027","best_bid":"1285.04","best_bid_size":"0.46688654","best_ask":"1285.27","best_ask_size":"1.56637040","side":"buy","time":"2022-10-19T23:28:22.061769Z","trade_id":370843401,"last_size":"11.4396987"}',
      instruments: ["ETH-USD"],
      rows: [{ kind: quote, price: 1285.04, size: 0.46688654, ask: 1285.27, askSize: 1.5663704 }],
    },
    "a change of a book, recorded 2021": {
      text: update("2021-04-17T16:43:37.075687Z"),
      instruments: ["SKL-BTC"],
      rows: [
        {
          kind: depth,
          state: whole,
          side: -1,
          price: 0.00001306,
          size: 660.5,
          time: 1618677817075687000n,
          priceDigits: 8,
          sizeDigits: 1,
          first: -1n,
          id: -1n,
        },
      ],
    },
    "a book whole, recorded 2021, cut to three levels": {
      text: '{"type":"snapshot","product_id":"BAND-GBP","asks":[["14.8024","12.77"],["14.8069","12.49"]],"bids":[["14.7550","101.60"]]}',
      instruments: ["BAND-GBP"],
      rows: [
        { kind: depth, state: first | snapshot | untimed, side: 1, price: 14.755 },
        { kind: depth, state: snapshot | untimed, side: -1, price: 14.8024 },
        { kind: depth, state: last | snapshot | untimed, side: -1, price: 14.8069, size: 12.49 },
      ],
    },
    "trades of REST, from the documentation: the maker's side there too": {
      rest: true,
      text: '[{"time":"2022-11-07T22:19:28.578544Z","trade_id":74,"price":"10.00000000","size":"0.01000000","side":"buy"},{"time":"2022-11-07T01:08:43.642366Z","trade_id":73,"price":"100.00000000","size":"0.01000000","side":"sell"}]',
      instruments: ["BTC-USD"],
      rows: [
        { kind: trade, state: first, id: 74n, side: -1, price: 10 },
        { kind: trade, state: last, id: 73n, side: 1, price: 100, size: 0.01 },
      ],
    },
    "a book of REST, from the documentation": {
      rest: true,
      text: '{"bids":[["6247.58","6.3578146",2]],"asks":[["6251.52","2",1]],"sequence":13051505638,"auction_mode":false,"auction":null,"time":"2022-07-21T20:19:33.642366Z"}',
      instruments: ["BTC-USD"],
      rows: [
        { kind: depth, state: first | snapshot, side: 1, price: 6247.58, size: 6.3578146 },
        { kind: depth, state: last | snapshot, side: -1, price: 6251.52, size: 2 },
      ],
    },
  },
  notices: [
    ['{"type":"subscriptions","channels":[{"name":"level2","product_ids":["BAND-GBP"]}]}', { what: "subscribed" }],
    [
      '{"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"BTC-USD","time":"2014-11-07T08:19:28.464459Z"}',
      { what: "heartbeat", symbol: "BTC-USD", lastTrade: 20n },
    ],
    [
      '{"type":"heartbeat","sequence":90,"last_trade_id":0,"product_id":"BTC-USD","time":"2014-11-07T08:19:28.464459Z"}',
      { what: "heartbeat", symbol: "BTC-USD" },
    ],
    [
      '{"type":"error","message":"Failed to subscribe","reason":"XXX-USD is not a valid product"}',
      { what: "refused", text: "Failed to subscribe: XXX-USD is not a valid product" },
    ],
    ['{"type":"error","message":"Rate limit exceeded"}', { what: "error", text: "Rate limit exceeded", limited: true }],
    ['{"type":"done","side":"sell"}', { what: "ignored", text: "done" }],
    ['{"type":"new_kind"}', { what: "unknown", text: "new_kind" }],
  ],
});

it.each(["0001-01-01T00:00:00.000000Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])(
  "a stamp of %s is no time: the row has that of receipt",
  (time) => {
    for (const backend of backends)
      expect(parse(coinbase, ["SKL-BTC"], [update(time)], { backend })).toMatchObject([
        { kind: depth, price: 0.00001306, time: received, state: whole | untimed | clock },
      ]);
  },
);
