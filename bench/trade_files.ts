/** Seeded trades as each exchange and vendor writes them: what the importers are timed on, and tested on where there are no real files. */

export interface WrittenTrade {
  /** Ms since 1970, then what is left of it in ns. */
  ms: number;
  ns: number;
  /** Hundredths. */
  cents: number;
  /** Whole, or thousandths where the format has decimals. */
  units: number;
  buy: boolean;
  symbol: string;
}
export interface TradeFile {
  /** As the importer calls it. */
  name: string;
  /** Name of the file; it counts for one format alone. */
  file: string;
  header?: string;
  /** What comes before and after the lines, and between them. */
  document?: readonly [open: string, between: string, close: string];
  line(trade: WrittenTrade, row: number): string;
  /** Ns of the smallest step that its times have. */
  step: number;
  whole: boolean;
  sides: boolean;
  symbols: boolean;
  /** Rows of other kinds that its lines come with. */
  passed?: number;
}

/** 2024-01-02 09:30 in New York. */
const start = Date.UTC(2024, 0, 2, 14, 30);
const newYorkMs = 5 * 3_600_000;

export const writtenTrade = (row: number): WrittenTrade => ({
  ms: start + 3 * row,
  ns: (row * 7_919_003) % 1_000_000,
  cents: 10_000 + ((row * 37) % 5_003),
  units: 1 + ((row * 11) % 997),
  buy: row % 5 < 3,
  symbol: row % 7 === 3 ? "MSFT" : "AAPL",
});

const pad = (value: number, digits: number) => String(value).padStart(digits, "0");
const price = ({ cents }: WrittenTrade, digits = 2) => `${Math.floor(cents / 100)}.${pad(cents % 100, 2)}${"0".repeat(digits - 2)}`;
const decimal = ({ units }: WrittenTrade) => `${Math.floor(units / 1000)}.${pad(units % 1000, 3)}00000`;
const ns = (t: WrittenTrade) => `${t.ms}${pad(t.ns, 6)}`;
const us = (t: WrittenTrade) => `${t.ms}${pad(Math.floor(t.ns / 1000), 3)}`;
const seconds = (t: WrittenTrade) => `${Math.floor(t.ms / 1000)}.${pad(t.ms % 1000, 3)}${pad(t.ns, 6)}`;
const iso = (t: WrittenTrade) => new Date(t.ms).toISOString().slice(0, -1) + pad(t.ns, 6);
const maker = (t: WrittenTrade, [no, yes]: readonly [string, string]) => (t.buy ? no : yes);
const word = (t: WrittenTrade, [buy, sell]: readonly [string, string]) => (t.buy ? buy : sell);
const local = (t: WrittenTrade) => new Date(t.ms - newYorkMs).toISOString();

const crypto = { step: 1_000_000, whole: false, sides: true, symbols: false } as const;
const stocks = { step: 1, whole: true, sides: false, symbols: true } as const;

export const delimitedFiles: readonly TradeFile[] = [
  {
    ...crypto,
    name: "binance spot trades",
    file: "BTCUSDT-trades.csv",
    line: (t, i) => `${3735683259 + i},${price(t, 8)},${decimal(t)},1236.75260000,${t.ms},${maker(t, ["False", "True"])},True`,
  },
  {
    ...crypto,
    name: "binance futures aggTrades",
    file: "BTCUSDT-aggTrades.csv",
    header: "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker",
    line: (t, i) => `${i},${price(t)},${decimal(t)},${2 * i},${2 * i + 1},${t.ms},${maker(t, ["false", "true"])}`,
  },
  {
    ...stocks,
    sides: true,
    name: "databento trades",
    file: "xnas-itch.trades.csv",
    header: "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,ts_in_delta,sequence,symbol",
    line: (t, i) => `${ns(t)},${ns(t)},0,2,38,T,${word(t, ["B", "A"])},0,${price(t, 9)},${t.units},130,165200,${1_170_352 + i},${t.symbol}`,
  },
  {
    ...stocks,
    sides: true,
    symbols: false,
    name: "lobster messages",
    file: "AAPL_2024-01-02_34200000_57600000_message_10.csv",
    line: (t, i) => {
      const s = (t.ms - start) / 1000 + 34_200;
      const sec = Math.floor(s);
      return `${sec}.${pad(t.ms % 1000, 3)}${pad(t.ns, 6)},${i % 4 === 0 ? 5 : 4},${16_113_575 + i},${t.units},${t.cents * 100},${word(t, ["-1", "1"])}`;
    },
  },
  {
    ...stocks,
    sides: true,
    symbols: false,
    name: "lobster messages with names",
    file: "AAPL_2024-01-02_34200000_57600000_message_R.csv",
    header: "Secs,Type,OrderID,Size,Price,TradeDirection",
    line: (t, i) => {
      const s = (t.ms - start) / 1000 + 34_200;
      const sec = Math.floor(s);
      return `${sec}.${pad(t.ms % 1000, 3)}${pad(t.ns, 6)},${i % 4 === 0 ? 5 : 4},${16_113_575 + i},${t.units},${t.cents * 100},${word(t, ["-1", "1"])}`;
    },
  },
  {
    ...crypto,
    step: 1000,
    symbols: true,
    name: "tardis trades",
    file: "binance_trades.csv",
    header: "exchange,symbol,timestamp,local_timestamp,id,side,price,amount",
    line: (t, i) => `binance,${t.symbol},${us(t)},${us(t)},${i},${word(t, ["buy", "sell"])},${price(t)},${decimal(t)}`,
  },
  {
    ...stocks,
    name: "polygon trades",
    file: "2024-01-02.csv",
    header:
      "ticker,conditions,correction,exchange,id,participant_timestamp,price,sequence_number,sip_timestamp,size,tape,trf_id,trf_timestamp",
    line: (t, i) =>
      `${t.symbol},${i % 3 ? '"12,37"' : "14"},0,11,${52_983_525_000_000 + i},${ns(t)},${price(t)},${4_000 + i},${ns(t)},${t.units},1,0,0`,
  },
  {
    ...stocks,
    name: "alpaca trades",
    file: "alpaca.csv",
    header: "symbol,timestamp,exchange,price,size,id,conditions,tape",
    line: (t, i) => `${t.symbol},${iso(t)}Z,V,${price(t)},${t.units},${i},"['@', 'I']",C`,
  },
  {
    ...crypto,
    step: 100_000,
    symbols: true,
    name: "bybit trades",
    file: "BTCUSDT2024-01-02.csv",
    header: "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional",
    line: (t) =>
      `${Math.floor(t.ms / 1000)}.${pad(t.ms % 1000, 3)}${Math.floor(t.ns / 100_000)},${t.symbol},${word(t, ["Buy", "Sell"])},${decimal(t)},${price(t)},PlusTick,6e5b5ebc-24ac-5a83-8a3c-2c9b3bb0a1d4,3.4485e+10,0.006,344.85`,
  },
  {
    ...crypto,
    step: 1,
    symbols: true,
    name: "bitmex trades",
    file: "20240102.csv",
    header: "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional",
    line: (t) =>
      `${iso(t).replace("T", "D")},${t.symbol},${word(t, ["Buy", "Sell"])},${decimal(t)},${price(t)},ZeroPlusTick,00000000-006d-1000-0000-000c3a1f3b5c,235800,0.002358,100`,
  },
  {
    ...crypto,
    step: 1,
    sides: false,
    name: "columns by name, time = 'timestamp', price = 'price', size = 'volume'",
    file: "kraken.csv",
    header: "timestamp,price,volume",
    line: (t) => `${seconds(t)},${price(t, 5)},${decimal(t)}`,
  },
  {
    ...crypto,
    step: 1_000_000_000,
    sides: false,
    name: "bitcoincharts or kraken trades",
    file: "krakenUSD.csv",
    line: (t) => `${Math.floor(t.ms / 1000)},${price(t, 12)},${decimal(t)}0000`,
  },
  {
    ...crypto,
    name: "bitfinex trades",
    file: "bitfinex.csv",
    header: "ID,Time,Amount,Price",
    line: (t, i) => `${i},${t.ms},${t.buy ? "" : "-"}${decimal(t)},${price(t)}`,
  },
  {
    ...crypto,
    step: 1_000_000_000,
    name: "bitstamp trades",
    file: "bitstamp.csv",
    header: "ID,Time,Amount,Price,Type",
    line: (t, i) => `${i},${Math.floor(t.ms / 1000)},${decimal(t)},${price(t)},${word(t, ["0", "1"])}`,
  },
  {
    ...crypto,
    step: 1000,
    name: "coinbase trades",
    file: "coinbase.csv",
    header: "trade_id,time,side,size,price",
    line: (t, i) => `${i},${iso(t).slice(0, -3)}Z,${word(t, ["sell", "buy"])},${decimal(t)},${price(t, 8)}`,
  },
  {
    ...stocks,
    step: 1000,
    name: "TAQ trades",
    file: "taq.csv",
    header: "DT,EX,SYMBOL,COND,SIZE,PRICE,CORR",
    line: (t) =>
      `${local(t).replace("T", " ").slice(0, -1)}${pad(Math.floor(t.ns / 1000), 3)},N,${t.symbol},@F I,${t.units},${price(t)},00`,
  },
  {
    ...stocks,
    name: "TAQ trades of WRDS",
    file: "wrds.csv",
    header: "DATE,TIME_M,EX,SYM_ROOT,SYM_SUFFIX,TR_SCOND,SIZE,PRICE,TR_CORR",
    line: (t) =>
      `${local(t).slice(0, 10).replaceAll("-", "")},${local(t).slice(11, -1)}${pad(t.ns, 6)},Q,${t.symbol},,@ TI,${t.units},${price(t)},00`,
  },
  {
    ...crypto,
    symbols: true,
    name: "kaiko trades",
    file: "kaiko.csv",
    header: "id,exchange,symbol,date,price,amount,sell",
    line: (t, i) => `${i},krkn,${t.symbol},${t.ms},${price(t)},${decimal(t)},${word(t, ["false", "true"])}`,
  },
  {
    ...crypto,
    symbols: true,
    name: "upbit trades",
    file: "upbit.csv",
    header: "market,timestamp,trade_price,trade_volume,ask_bid,sequential_id",
    line: (t, i) => `${t.symbol},${t.ms},${price(t)},${decimal(t)},${word(t, ["BID", "ASK"])},${i}`,
  },
  {
    ...stocks,
    step: 1_000_000_000,
    symbols: false,
    name: "kibot ticks with bid and ask",
    file: "AAPL.txt",
    line: (t) => {
      const at = local(t);
      const date = `${at.slice(5, 7)}/${at.slice(8, 10)}/${at.slice(0, 4)}`;
      return `${date},${at.slice(11, 19)},${price(t)},${price(t)},${price(t)},${t.units}`;
    },
  },
  {
    ...crypto,
    whole: true,
    name: "sierra chart ticks",
    file: "tbt.txt",
    header: `Date;Time;Sequence;DepthSequence;Price;Volume;TradeType;AskPrice;BidPrice;AskSize;BidSize;${Array.from({ length: 80 }, (_, i) => `DOM_${i}`).join(";")}`,
    line: (t, i) => {
      const at = new Date(t.ms).toISOString();
      const clock = `${at.slice(11, 19)}.${(t.ms % 1000) * 1000}`;
      return `${at.slice(0, 10)};${clock};${i};${i};${price(t)};${t.units};${word(t, ["2", "1"])};${price(t)};${price(t)};12;34${";331".repeat(80)}`;
    },
  },
];

const list = ["[", ",", "]\n"] as const;

export const jsonFiles: readonly TradeFile[] = [
  {
    ...crypto,
    symbols: true,
    name: "binance stream messages",
    file: "feed.log",
    passed: 1,
    line: (t, i) => {
      const at = `${ns(t)} {"stream":"x@`;
      const depth = `${at}depth","data":{"e":"depthUpdate","E":${t.ms},"s":"${t.symbol}","U":1,"u":2,"b":[["61737.63","0.0"]],"a":[]}}\n`;
      const trade = `${at}trade","data":{"e":"trade","E":${t.ms},"s":"${t.symbol}","t":${i},"p":"${price(t, 8)}","q":"${decimal(t)}","T":${t.ms},"m":${!t.buy},"M":true}}`;
      return depth + trade;
    },
  },
  {
    ...crypto,
    symbols: true,
    name: "binance stream messages, one stream",
    file: "feed.log",
    line: (t, i) =>
      `{"e":"aggTrade","E":${t.ms},"s":"${t.symbol}","a":${i},"p":"${price(t, 8)}","q":"${decimal(t)}","f":1,"l":2,"T":${t.ms},"m":${!t.buy},"M":true}`,
  },
  {
    ...stocks,
    symbols: false,
    name: "alpaca trades",
    file: "alpaca.json",
    document: ['{"trades":[', ",", '],"symbol":"AAPL","next_page_token":null}\n'],
    line: (t, i) => `{"t":"${iso(t)}Z","x":"V","p":${price(t)},"s":${t.units},"c":["@","I"],"i":${i},"z":"C"}`,
  },
  {
    ...stocks,
    name: "alpaca trades",
    file: "alpaca.jsonl",
    passed: 1,
    line: (t, i) =>
      `{"T":"q","S":"${t.symbol}","bp":1,"ap":2,"t":"x"}\n{"T":"t","S":"${t.symbol}","i":${i},"x":"V","p":${price(t)},"s":${t.units},"c":["@"],"z":"C","t":"${iso(t)}Z"}`,
  },
  {
    ...crypto,
    step: 1,
    name: "kraken REST trades",
    file: "kraken.json",
    document: ['{"error":[],"result":{"XXBTZUSD":[\n', ",\n", '],"last":"1688671969993150842"}}\n'],
    line: (t, i) => `["${price(t, 5)}","${decimal(t)}",${seconds(t)},"${word(t, ["b", "s"])}","m","",${i}]`,
  },
  {
    ...crypto,
    step: 1,
    name: "kraken REST trades",
    file: "kraken.jsonl",
    line: (t) => `["${price(t, 5)}","${decimal(t)}",${seconds(t)},"${word(t, ["b", "s"])}","l",""]`,
  },
  {
    ...crypto,
    step: 1000,
    symbols: true,
    name: "coinbase trades",
    file: "coinbase.jsonl",
    passed: 1,
    line: (t, i) =>
      `{"type":"heartbeat","sequence":90}\n{"type":"match","trade_id":${i},"maker_order_id":"ac9","time":"${iso(t).slice(0, -3)}Z","product_id":"${t.symbol}","size":"${decimal(t)}","price":"${price(t)}","side":"${word(t, ["sell", "buy"])}"}`,
  },
  {
    ...crypto,
    symbols: true,
    name: "ccxt trades",
    file: "ccxt.jsonl",
    line: (t, i) => ccxt(t, i),
  },
  {
    ...crypto,
    symbols: true,
    name: "ccxt trades",
    file: "ccxt.json",
    document: list,
    line: (t, i) => JSON.stringify(JSON.parse(ccxt(t, i)), undefined, 2),
  },
];

function ccxt(t: WrittenTrade, i: number): string {
  const info = `{"id":"${i}","price":"0.5","time":"1","side":"up"}`;
  return `{"info":${info},"timestamp":${t.ms},"datetime":"${new Date(t.ms).toISOString()}","symbol":"${t.symbol}","id":"${i}","order":null,"type":null,"takerOrMaker":null,"side":"${word(t, ["buy", "sell"])}","price":${price(t)},"amount":${t.units / 1000},"cost":1.5,"fee":null,"fees":[]}`;
}

/** The text of `rows` trades. */
export function fileText({ header, document, line }: TradeFile, rows: number): string {
  const lines = Array.from({ length: rows }, (_, i) => line(writtenTrade(i), i));
  const [open, between, close] = document ?? [header === undefined ? "" : `${header}\n`, "\n", "\n"];
  return open + lines.join(between) + close;
}
