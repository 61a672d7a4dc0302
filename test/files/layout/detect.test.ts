import { describe, expect, test } from "vitest";
import { synonyms } from "../../../src/files/guess/layouts.js";
import { detectLayout } from "../../../src/files/layout/detect.js";
import type { ColumnOptions } from "../../../src/files/layout/layout.js";

const detect = (text: string, asked: ColumnOptions = {}) => detectLayout("file.csv", new TextEncoder().encode(text), true, asked);
const errorOf = (text: string, asked: ColumnOptions = {}) => {
  try {
    return detect(text, asked);
  } catch (error) {
    return error as { code: string; message: string; hint: string };
  }
};

const published: [what: string, name: string, text: string, columns: object, unit: string][] = [
  [
    "spot trades in ms",
    "binance spot trades",
    "3735693016,61685.99000000,0.00017000,10.48661830,1723161601437,True,True\n",
    { time: 4, price: 1, size: 2, side: 5 },
    "ms",
  ],
  [
    "spot trades in us, as published since 2025",
    "binance spot trades",
    "4389000001,93576.00,0.001,93.576,1735689600012345,True,True\n",
    { time: 4, price: 1, size: 2, side: 5 },
    "us",
  ],
  [
    "spot aggTrades",
    "binance spot aggTrades",
    "10,93576.00,0.001,11,12,1735689600012345,False,True\n",
    { time: 5, price: 1, size: 2, side: 6 },
    "us",
  ],
  [
    "futures trades of 2019, no header",
    "binance futures trades",
    "1,10000.5,0.002,20.001,1567965420000,true\n",
    { time: 4, price: 1, size: 2, side: 5 },
    "ms",
  ],
  [
    "futures aggTrades, no header",
    "binance futures aggTrades",
    "10,93576.00,0.001,11,12,1567965420000,true\n",
    { time: 5, price: 1, size: 2, side: 6 },
    "ms",
  ],
  [
    "USD-M trades",
    "binance USD-M trades",
    "id,price,qty,quote_qty,time,is_buyer_maker\n5266583935,61800.30,0.006,370.8,1723161256322,false\n",
    { time: 4, price: 1, size: 2, side: 5 },
    "ms",
  ],
  [
    "COIN-M trades",
    "binance COIN-M trades (sizes in contracts)",
    "id,price,qty,base_qty,time,is_buyer_maker\n849716688,61668.7,4,0.0064,1723161601913,false\n",
    { time: 4, price: 1, size: 2, side: 5 },
    "ms",
  ],
  [
    "futures aggTrades",
    "binance futures aggTrades",
    "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n1,2,3,4,5,1723161256322,true\n",
    { time: 5, price: 1, size: 2, side: 6 },
    "ms",
  ],
  [
    "bitcoincharts",
    "bitcoincharts or kraken trades",
    "1502109604,3521.9,0.131\n1502109682,3525.0,5\n",
    { time: 0, price: 1, size: 2 },
    "s",
  ],
  [
    "mtgox",
    "mtgox 2013",
    "t,d.price_int,d.amount_int,d.type_str,d.currency,d.currency.1,d.item ,d.properties\n2013-04-15 21:45:35+00:00,79.2,4.1,1,USD,USD,,limit\n",
    { time: 0, price: 1, size: 2, side: 3 },
    "iso",
  ],
  [
    "sierra",
    "sierra chart ticks",
    "Date;Time;Sequence;DepthSequence;Price;Volume;TradeType;AskPrice\n2022-01-24;13:30:00.47000;1;1;4347.75;1;2;4347.75\n",
    { time: 0, clock: 1, price: 4, size: 5, side: 6 },
    "iso_us",
  ],
  [
    "tardis",
    "tardis trades",
    "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\nbinance,BTCUSDT,1577836800000000,1577836800001000,1,buy,7195,0.1\n",
    { time: 2, price: 6, size: 7, side: 5, symbol: 1 },
    "us",
  ],
  [
    "bybit",
    "bybit trades",
    "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional\n1619827200.1234,BTCUSDT,Buy,0.1,57000,PlusTick,x,1,2,3\n",
    { time: 0, price: 4, size: 3, side: 2, symbol: 1 },
    "s",
  ],
  [
    "bitmex",
    "bitmex trades",
    "timestamp,symbol,side,size,price,tickDirection\n2024-01-01D00:00:01.000000000,XBTUSD,Sell,100,42000,MinusTick\n",
    { time: 0, price: 4, size: 3, side: 2, symbol: 1 },
    "iso",
  ],
  [
    "polygon",
    "polygon trades",
    'ticker,conditions,correction,exchange,id,participant_timestamp,price,sequence_number,sip_timestamp,size,tape,trf_id,trf_timestamp\nA,"12,37",0,11,1,1704186000012345678,138.5,1,1704186000012345999,10,1,0,0\n',
    { time: 8, price: 6, size: 9, symbol: 0, kind: 2 },
    "ns",
  ],
  ["bitstamp", "bitstamp trades", "ID,Time,Amount,Price,Type\n1,1577836800,0.1,7195,0\n", { time: 1, price: 3, size: 2, side: 4 }, "s"],
  ["bitfinex", "bitfinex trades", "ID,Time,Amount,Price\n1,1577836800000,-0.1,7195\n", { time: 1, price: 3, size: 2 }, "ms"],
  [
    "time, price and volume, which many vendors have",
    "columns by name, time = 'timestamp', price = 'price', size = 'volume'",
    "timestamp,price,volume\n1577836800,7195,0.1\n",
    { time: 0, price: 1, size: 2 },
    "s",
  ],
];

describe("published layouts", () => {
  test.each(published)("%s", (_what, name, text, columns, unit) => {
    const layout = detect(text);
    expect([layout.name, layout.columns, layout.timeFormat]).toEqual([name, columns, unit]);
  });

  test("true in a column of Binance's makers means that the seller was the aggressor", () => {
    for (const [, name, text] of published.filter(([, n]) => n.startsWith("binance"))) {
      const { words, notes } = detect(text);
      expect([words.buy[0], words.sell[0]], name).toEqual(["false", "true"]);
      expect(notes[2]).toMatch(/true = seller was aggressor/);
    }
  });

  test("a bad row among the first does not hide the layout", () => {
    const row = (i: number) => `${i},61685.99,0.1,6.1,${1723161601437 + i},True,True`;
    const rows = Array.from({ length: 30 }, (_, i) => row(i));
    for (const bad of ["1,2,3", "x,,,,,,", row(0).replace("61685.99", "")]) {
      expect(detect([bad, ...rows].join("\n")).name).toBe("binance spot trades");
      expect(detect([row(0), bad, row(1), row(2)].join("\r\n")).name).toBe("binance spot trades");
    }
  });

  test("what only looks like one is not taken for it", () => {
    for (const text of [
      "1,2,3,4,5,6,7\n",
      "3735693016,61685.99,0.1,10.4,1723161601437,1,1\n",
      "34200.004241176,8,16113575,18,5853300,1\n",
      "86400.004241176,1,16113575,18,5853300,1\n",
      "date,open,high,low,close\n2020-01-01,1,2,3,4\n",
      "1502109604,3521.9\n",
      "just some words\nand more of them\n",
    ])
      expect(errorOf(text)).toMatchObject({ code: "E_FORMAT_UNKNOWN" });
  });
});

describe("any other delimited file", () => {
  const rows = "7,2024-01-01T00:00:00Z,10.5,3,buy,X\n8,2024-01-01T00:00:01Z,10.6,4,sell,Y\n";

  test.each([",", ";", "\t", "|"])("columns by their usual names, separated by '%s'", (separator) => {
    const layout = detect(`id,Time,Price,Qty,Side,Symbol\n${rows}`.replaceAll(",", separator));
    expect(layout).toMatchObject({
      separator,
      header: true,
      columns: { time: 1, price: 2, size: 3, side: 4, symbol: 5 },
      timeFormat: "iso",
    });
    expect(layout.name).toBe("columns by name, time = 'Time', price = 'Price', size = 'Qty', side = 'Side', symbol = 'Symbol'");
    expect(layout.notes).toEqual(
      ["header", "time in ISO 8601 (detected)", "side: 'Side', buy or sell, taken as the aggressor's"].map((n) =>
        n.replace("'Side',", "Side,"),
      ),
    );
  });

  test("columns that the user names", () => {
    const named = detect(`a,b,c,d,e,f\n${rows}`, { time: "b", price: "c", size: "d", side: "e", buy: "buy", sell: ["sell", "short"] });
    expect(named.columns).toEqual({ time: 1, price: 2, size: 3, side: 4 });
    expect(named.words).toEqual({ buy: ["buy"], sell: ["sell", "short"], unknown: [] });
    const counted = detect(rows, { time: "1", price: "2", size: "3" });
    expect(counted).toMatchObject({ header: false, columns: { time: 1, price: 2, size: 3 } });
    expect(detect(`x y\n${rows}`.replace("x y", "1,2,3,4,5,6"), { header: true, time: "2", price: "3", size: "4" }).columns).toEqual({
      time: 1,
      price: 2,
      size: 3,
    });
    expect(detect(`id,price,qty,quote_qty,time,is_buyer_maker\n1,2,3,4,1723161256322,true\n`, { size: "quote_qty" }).columns.size).toBe(3);
    expect(detect("1:2:3\n", { separator: ":", time: "0", price: "1", size: "2", timeFormat: "ns" })).toMatchObject({
      separator: ":",
      timeFormat: "ns",
    });
  });

  test.each([
    ["1577836800", "s"],
    ["1577836800.25", "s"],
    ["1577836800000", "ms"],
    ["1577836800000000", "us"],
    ["1577836800000000000", "ns"],
    ["2020-01-01 00:00:00", "iso"],
  ])("the unit of %s is %s, and it is said", (time, unit) => {
    const layout = detect(`time,price,size\n${time},1,2\n`);
    expect(layout.timeFormat).toBe(unit);
    expect(layout.notes[1]).toMatch(unit === "iso" ? /ISO 8601, taken as UTC/ : new RegExp(`time in ${unit} \\(detected\\)`));
  });

  const problems: [text: string, asked: ColumnOptions, code: string, message: RegExp, hint: RegExp][] = [
    [
      "time,price,price,size\n1,2,3,4\n",
      { price: "price" },
      "E_COLUMN_AMBIGUOUS",
      /2 columns are named 'price' \(1, 2 from 0\)/,
      /--price/,
    ],
    ["time,price,price,size\n1,2,3,4\n", {}, "E_COLUMN_AMBIGUOUS", /'price' and 'price' could both be the price/, /--price/],
    ["time,price,size,amount\n1,2,3,4\n", {}, "E_COLUMN_AMBIGUOUS", /'size' and 'amount' could both/, /--size/],
    [
      "time,price,size\n1,2,3\n",
      { price: "pricee" },
      "E_COLUMN_UNKNOWN",
      /no column is called 'pricee'; columns: time, price, size/,
      /did you mean price/,
    ],
    ["1577836800,2,3,4\n", { time: "0", price: "1", size: "9" }, "E_COLUMN_UNKNOWN", /columns are 0 to 3/, /--size/],
    ["time,price,size\n1577836800,2,3\n", { size: "price" }, "E_COLUMN_TWICE", /'price' is both price and size/, /--price or --size/],
    ["time,price,size\n7,2,3\n", {}, "E_TIME_UNIT", /'time' is no time that is known: '7'/, /pass --time with another column/],
    ["time,price,size,side\n1577836800,2,3,up\n", {}, "E_SIDE", /not clear \('up'\)/, /--buy VALUE/],
    ["time,price,size,side\n1577836800,2,3,up\n", { buy: "up" }, "E_SIDE", /only one of buy and sell/, /both/],
    ["time,price,size,side\n1577836800,2,3,up\n", { buy: "up", sell: "UP" }, "E_SIDE", /for buy and for sell/, /differ/],
    ["time,price,size\n1577836800,2,3\n", { buy: "b", sell: "s" }, "E_COLUMN_UNKNOWN", /no side column/, /--side/],
    ["time,price,size\n1,2,3\n", { separator: "::" }, "E_SEPARATOR", /not one ASCII/, /tab/],
    ["\n \r\n\n", {}, "E_FORMAT_UNKNOWN", /only empty lines/, /./],
    [
      "a,b,c\n1,2,3\n",
      {},
      "E_FORMAT_UNKNOWN",
      /no time, no price, no size column found. It begins\n {2}a,b,c\n {2}1,2,3/,
      /^pass --time COL --price COL --size COL,/,
    ],
    ["ts_recv,ts_event,action,side,price,size\n1,2,T,A,3,4\n", {}, "E_FORMAT_UNKNOWN", /no time/, /--time/],
  ];
  test.each(problems)("%j with %j: %s", (text, asked, code, message, hint) => {
    const error = errorOf(text, asked) as { code: string; message: string; hint: string; file: string };
    expect(error).toMatchObject({ code, file: "file.csv" });
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });

  test("every usual name is found", () => {
    for (const [role, names] of Object.entries(synonyms))
      for (const name of names) {
        const all = { time: "time", price: "price", size: "size", [role]: name };
        const values: Record<string, string> = { time: "1577836800", price: "1", size: "2", side: "1", symbol: "X" };
        const text = `${Object.values(all).join(",")}\n${Object.keys(all)
          .map((r) => values[r])
          .join(",")}\n`;
        expect(detect(text).columns, name).toHaveProperty(role);
      }
  });

  test("a file of one header has no rows, and is no error", () => {
    expect(detect("id,price,qty,quote_qty,time,is_buyer_maker\n").name).toBe("binance USD-M trades");
    expect(detect("time,price,size").timeFormat).toBe("ms");
  });
});
