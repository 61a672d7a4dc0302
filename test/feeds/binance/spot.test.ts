/** Messages: as recorded (2021, 2024) or as the documentation has them; each says which. */
import { binance } from "../../../src/feeds/binance/spot.js";
import { rowKinds, rowState } from "../../../src/files/frames/frame_rows.js";
import { conforms } from "../kit/conformance.js";

const { trade, quote, depth } = rowKinds;
const { first, last, aggregate, untimed, snapshot, empty } = rowState;
const whole = first | last;

conforms(binance, {
  data: {
    "a trade, recorded 2024: m is true, the seller was the aggressor": {
      text: '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}}',
      instruments: ["ETHUSDT", "BTCUSDT"],
      rows: [
        {
          kind: trade,
          state: whole,
          instrument: 1,
          id: 3735683259n,
          price: 61837.63,
          size: 0.02,
          side: -1,
          time: 1723161255342000000n,
          priceDigits: 8,
        },
      ],
    },
    "a trade, from the documentation, not in a combined stream: `a` and `b` are orders": {
      text: '{"e":"trade","E":1672515782136,"s":"BNBBTC","t":12345,"p":"0.001","q":"100","b":88,"a":50,"T":1672515782136,"m":false,"M":true}',
      instruments: ["BNBBTC"],
      rows: [{ kind: trade, state: whole, instrument: 0, id: 12345n, price: 0.001, size: 100, side: 1, priceDigits: 3, sizeDigits: 0 }],
    },
    "trades of one order, recorded 2021": {
      text: '{"stream":"nknusdt@aggTrade","data":{"e":"aggTrade","E":1633998523963,"s":"NKNUSDT","a":15683430,"p":"0.35280000","q":"58.00000000","f":19862790,"l":19862790,"T":1633998523963,"m":false,"M":true}}',
      instruments: ["NKNUSDT"],
      rows: [{ kind: trade, state: whole | aggregate, id: 15683430n, price: 0.3528, size: 58, side: 1, time: 1633998523963000000n }],
    },
    "best quotes, recorded 2021: without a time": {
      text: '{"stream":"nknusdt@bookTicker","data":{"u":499869768,"s":"NKNUSDT","b":"0.35210000","B":"672.00000000","a":"0.35260000","A":"3199.00000000"}}',
      instruments: ["NKNUSDT"],
      rows: [{ kind: quote, state: whole | untimed, id: 499869768n, price: 0.3521, size: 672, ask: 0.3526, askSize: 3199, side: 0 }],
    },
    "changes of a book, recorded 2021": {
      text: '{"stream":"nknusdt@depth@100ms","data":{"e":"depthUpdate","E":1633998513369,"s":"NKNUSDT","U":499869765,"u":499869767,"b":[["0.35120000","6567.00000000"],["0.35080000","8246.00000000"]],"a":[["0.35340000","0.00000000"]]}}',
      instruments: ["NKNUSDT"],
      rows: [
        { kind: depth, state: first, first: 499869765n, id: 499869767n, previous: -1n, side: 1, price: 0.3512, size: 6567 },
        { kind: depth, state: 0, side: 1, price: 0.3508, size: 8246, time: 1633998513369000000n },
        { kind: depth, state: last, first: 499869765n, id: 499869767n, side: -1, price: 0.3534, size: 0 },
      ],
    },
    "a book whole, as REST gave it in 2021, cut to three levels": {
      rest: true,
      text: '{"lastUpdateId":499869752,"bids":[["0.35210000","672.00000000"],["0.35200000","1144.00000000"]],"asks":[["0.35260000","3199.00000000"]]}',
      instruments: ["NKNUSDT"],
      rows: [
        { kind: depth, state: first | snapshot | untimed, id: 499869752n, side: 1, price: 0.3521 },
        { kind: depth, state: snapshot | untimed, side: 1, price: 0.352 },
        { kind: depth, state: last | snapshot | untimed, side: -1, price: 0.3526, size: 3199 },
      ],
    },
    "an old trade of REST, from the documentation": {
      rest: true,
      text: '[{"id":28457,"price":"4.00000100","qty":"12.00000000","quoteQty":"48.000012","time":1699865549590,"isBuyerMaker":true,"isBestMatch":true}]',
      instruments: ["LTCBTC"],
      rows: [{ kind: trade, state: whole, instrument: 0, id: 28457n, price: 4.000001, size: 12, side: -1, time: 1699865549590000000n }],
    },
    "a change without a level, made by hand: it counts in the order of updates": {
      text: '{"e":"depthUpdate","E":1633998513369,"s":"NKNUSDT","U":5,"u":7,"b":[],"a":[]}',
      instruments: ["NKNUSDT"],
      rows: [{ kind: depth, state: whole | empty, first: 5n, id: 7n, side: 0, price: Number.NaN }],
    },
  },
  notices: [
    ['{"result":null,"id":312}', { what: "subscribed", request: 312 }],
    ['{"stream":"x","data":{"e":"serverShutdown","E":1770123456789}}', { what: "ending", text: "the server will shut down" }],
    ['{"e":"serverShutdown","E":1770123456789}', { what: "ending", text: "the server will shut down" }],
    ['{"code":2,"msg":"Invalid request: too many parameters"}', { what: "error", text: "2: Invalid request: too many parameters" }],
    ['{"code":-1003,"msg":"Too many requests"}', { what: "error", text: "-1003: Too many requests", limited: true }],
    ['{"error":{"code":3,"msg":"Invalid JSON"},"id":9}', { what: "error", text: "3: Invalid JSON", request: 9 }],
    ['{"e":"kline","E":1,"s":"NKNUSDT","k":{"t":1}}', { what: "ignored", text: "kline" }],
    ['{"e":"somethingNew","E":1}', { what: "unknown", text: "somethingNew" }],
    ["[]", { what: "ignored", text: "an empty list" }],
  ],
});
