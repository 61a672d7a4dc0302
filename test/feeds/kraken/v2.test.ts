/** No message of this form was recorded: all are from the documentation, or made of one by hand. */
import { expect, it } from "vitest";
import { kraken } from "../../../src/feeds/kraken/v2.js";
import { rowKinds, rowState } from "../../../src/files/frames/frame_rows.js";
import { conforms } from "../kit/conformance.js";
import { backends, parse } from "../kit/parse.js";

const { trade, quote, depth } = rowKinds;
const { first, last, snapshot, checksum, untimed } = rowState;
const one = (id: number, side: string) =>
  `{"symbol":"MATIC/USD","side":"${side}","price":0.5117,"qty":40.0,"ord_type":"market","trade_id":${id},"timestamp":"2023-09-25T07:49:37.708706Z"}`;
const trades = (type: string, list: readonly string[]) => `{"channel":"trade","type":"${type}","data":[${list.join(",")}]}`;

conforms(kraken, {
  data: {
    "trades: the side is the taker's": {
      text: trades("update", [one(4665906, "sell"), one(4665907, "buy")]),
      instruments: ["MATIC/USD"],
      rows: [
        {
          kind: trade,
          state: first,
          id: 4665906n,
          price: 0.5117,
          size: 40,
          side: -1,
          time: 1695628177708706000n,
          priceDigits: 4,
          sizeDigits: 1,
        },
        { kind: trade, state: last, id: 4665907n, side: 1 },
      ],
    },
    "trades before the subscription": {
      text: trades("snapshot", [one(4665846, "buy"), one(4665847, "buy")]),
      instruments: ["MATIC/USD"],
      rows: [
        { kind: trade, state: first | snapshot, id: 4665846n },
        { kind: trade, state: last | snapshot, id: 4665847n },
      ],
    },
    "changes of a book": {
      text: '{"channel":"book","type":"update","data":[{"symbol":"MATIC/USD","bids":[{"price":0.5657,"qty":1098.3947558}],"asks":[],"checksum":2114181697,"timestamp":"2023-10-06T17:35:55.440295Z"}]}',
      instruments: ["MATIC/USD"],
      rows: [
        {
          kind: depth,
          state: first | last | checksum,
          side: 1,
          price: 0.5657,
          size: 1098.3947558,
          checksum: 2114181697,
          time: 1696613755440295000n,
        },
      ],
    },
    "a book whole, cut, with zeros at the ends of numbers": {
      text: '{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[{"price":45283.5,"qty":0.10000000}],"asks":[{"price":45285.2,"qty":0.00100000}],"checksum":2439117997}]}',
      instruments: ["BTC/USD"],
      rows: [
        { kind: depth, state: first | snapshot | untimed, side: 1, price: 45283.5, size: 0.1, priceDigits: 1, sizeDigits: 8 },
        {
          kind: depth,
          state: last | snapshot | untimed | checksum,
          side: -1,
          price: 45285.2,
          size: 0.001,
          checksum: 2439117997,
          sizeDigits: 8,
        },
      ],
    },
    "best quotes": {
      text: '{"channel":"ticker","type":"snapshot","data":[{"symbol":"ALGO/USD","bid":0.10025,"bid_qty":740.0,"ask":0.10036,"ask_qty":1361.44813783,"last":0.10035,"volume":997038.98383185,"vwap":0.10148,"low":0.09979,"high":0.10285,"change":-0.00017,"change_pct":-0.17,"timestamp":"2023-09-25T09:04:31.742648Z"}]}',
      instruments: ["ALGO/USD"],
      rows: [{ kind: quote, state: first | last, price: 0.10025, size: 740, ask: 0.10036, askSize: 1361.44813783 }],
    },
    "trades of REST": {
      rest: true,
      text: '{"error":[],"result":{"XXBTZUSD":[["30243.40000","0.34507674",1688669597.8277369,"b","m","",61044952],["30243.30000","0.00376960",1688669598.2804112,"s","l","",61044953]],"last":"1688671969993150842"}}',
      instruments: ["BTC/USD"],
      rows: [
        { kind: trade, state: first, id: 61044952n, price: 30243.4, side: 1, time: 1688669597827736900n },
        { kind: trade, state: last, id: 61044953n, price: 30243.3, side: -1 },
      ],
    },
  },
  notices: [
    ['{"channel":"heartbeat"}', { what: "heartbeat" }],
    [
      '{"channel":"status","type":"update","data":[{"api_version":"v2","connection_id":13834774380200032777,"system":"online","version":"2.0.0"}]}',
      { what: "status", text: "online" },
    ],
    [
      '{"method":"subscribe","result":{"channel":"book","depth":10,"snapshot":true,"symbol":"ALGO/USD"},"success":true,"time_in":"2023-10-06T17:35:55.219022Z","time_out":"2023-10-06T17:35:55.219067Z"}',
      { what: "subscribed", channel: "depth", symbol: "ALGO/USD" },
    ],
    [
      '{"error":"Currency pair not supported FOO/BAR","method":"subscribe","req_id":3,"success":false,"symbol":"FOO/BAR","time_in":"2023-10-06T17:35:55.219022Z","time_out":"2023-10-06T17:35:55.219067Z"}',
      { what: "refused", symbol: "FOO/BAR", request: 3, text: "Currency pair not supported FOO/BAR" },
    ],
    [
      '{"error":"Exceeded msg rate limit","method":"subscribe","success":false}',
      { what: "refused", text: "Exceeded msg rate limit", limited: true },
    ],
    [
      '{"method":"pong","req_id":101,"time_in":"2023-09-24T14:10:23.799685Z","time_out":"2023-09-24T14:10:23.799703Z"}',
      { what: "pong", request: 101 },
    ],
    ['{"channel":"level3","type":"update"}', { what: "unknown", text: "level3" }],
  ],
});

it("the last 50 trades come with a subscription, marked: a connection that knows some does not count them twice", () => {
  const list = Array.from({ length: 50 }, (_, i) => one(100 + i, i % 2 ? "buy" : "sell"));
  for (const backend of backends) {
    const rows = parse(kraken, ["MATIC/USD"], [trades("snapshot", list), trades("update", [one(149, "buy"), one(150, "sell")])], {
      backend,
    });
    expect(rows.map(({ id }) => Number(id))).toEqual([...Array.from({ length: 50 }, (_, i) => 100 + i), 149, 150]);
    expect(rows.map(({ state }) => (state & snapshot) > 0)).toEqual([...Array<boolean>(50).fill(true), false, false]);
  }
});
