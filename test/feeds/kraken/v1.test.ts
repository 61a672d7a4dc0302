/** Messages: as recorded (2021), from the documentation, or made of one by hand; each says which. */
import { krakenV1 } from "../../../src/feeds/kraken/v1.js";
import { rowKinds, rowState } from "../../../src/files/frames/frame_rows.js";
import { conforms } from "../kit/conformance.js";

const { trade, quote, depth } = rowKinds;
const { first, last, snapshot, checksum } = rowState;

conforms(krakenV1, {
  data: {
    "a change of a book, recorded 2021": {
      text: '[992,{"b":[["354.15000000","5.00000000","1618678133.365913"]],"c":"2583817756"},"book-1000","XMR/USD"]',
      instruments: ["WAVES/EUR", "XMR/USD"],
      rows: [
        {
          kind: depth,
          state: first | last | checksum,
          instrument: 1,
          side: 1,
          price: 354.15,
          size: 5,
          checksum: 2583817756,
          time: 1618678133365913000n,
          priceDigits: 8,
        },
      ],
    },
    "changes on both sides, recorded 2021: two objects, one checksum": {
      text: '[1920,{"a":[["0.042990","364630.28272081","1618678145.920470"]]},{"b":[["0.042990","0.00000000","1618678145.920708"]],"c":"4105471083"},"book-1000","SC/EUR"]',
      instruments: ["SC/EUR"],
      rows: [
        { kind: depth, state: first, side: -1, price: 0.04299, size: 364630.28272081, checksum: 0 },
        { kind: depth, state: last | checksum, side: 1, price: 0.04299, size: 0, checksum: 4105471083 },
      ],
    },
    "a book whole, recorded 2021, cut": {
      text: '[1360,{"as":[["0.000022900","13355.87450757","1618678123.481570"]],"bs":[["0.000022800","9720.96187490","1618678123.419442"]]},"book-1000","GRT/ETH"]',
      instruments: ["GRT/ETH"],
      rows: [
        { kind: depth, state: first | snapshot, side: -1, price: 0.0000229, priceDigits: 9, sizeDigits: 8 },
        { kind: depth, state: last | snapshot, side: 1, price: 0.0000228, time: 1618678123419442000n },
      ],
    },
    "trades, from the documentation with newer times: no ids, the side is the taker's": {
      text: '[0,[["5541.20000","0.15850568","1694614057.321597","s","l",""],["6060.00000","0.02455000","1694614057.324998","b","l",""]],"trade","XBT/USD"]',
      instruments: ["XBT/USD"],
      rows: [
        { kind: trade, state: first, id: -1n, price: 5541.2, size: 0.15850568, side: -1, time: 1694614057321597000n },
        { kind: trade, state: last, id: -1n, price: 6060, size: 0.02455, side: 1 },
      ],
    },
    "best quotes, from the documentation with newer times": {
      text: '[0,["5698.40000","5700.00000","1692057299.545897","1.01234567","0.98765432"],"spread","XBT/USD"]',
      instruments: ["XBT/USD"],
      rows: [
        { kind: quote, state: first | last, price: 5698.4, size: 1.01234567, ask: 5700, askSize: 0.98765432, time: 1692057299545897000n },
      ],
    },
    "trades of REST, from the documentation: without ids, as the stream is": {
      rest: true,
      text: '{"error":[],"result":{"XXBTZUSD":[["30243.40000","0.34507674",1688669597.8277369,"b","m","",61044952],["30243.30000","0.00376960",1688669598.2804112,"s","l","",61044953]],"last":"1688671969993150842"}}',
      instruments: ["XBT/USD"],
      rows: [
        { kind: trade, state: first, id: -1n, price: 30243.4, side: 1, time: 1688669597827736900n },
        { kind: trade, state: last, id: -1n, price: 30243.3, side: -1, size: 0.0037696 },
      ],
    },
  },
  notices: [
    ['{"event":"heartbeat"}', { what: "heartbeat" }],
    [
      '{"connectionID":17843232920108168701,"event":"systemStatus","status":"online","version":"1.8.3"}',
      { what: "status", text: "online" },
    ],
    [
      '{"channelID":1664,"channelName":"book-1000","event":"subscriptionStatus","pair":"WAVES/EUR","status":"subscribed","subscription":{"depth":1000,"name":"book"}}',
      { what: "subscribed", channel: "depth", symbol: "WAVES/EUR" },
    ],
    [
      '{"errorMessage":"Currency pair not supported FOO/BAR","event":"subscriptionStatus","pair":"FOO/BAR","reqid":3,"status":"error","subscription":{"name":"trade"}}',
      { what: "refused", channel: "trades", symbol: "FOO/BAR", request: 3, text: "Currency pair not supported FOO/BAR" },
    ],
    ['{"event":"pong","reqid":42}', { what: "pong" }],
    ['{"errorMessage":"Malformed request","event":"error"}', { what: "error", text: "Malformed request" }],
    ['{"error":["EGeneral:Too many requests"]}', { what: "unknown" }],
  ],
});
