/** Every single mistake that a system file can hold; `»` stands before the place that the error must name. */
import { own, system, toxicity } from "./files.js";

export interface Mistake {
  readonly name: string;
  readonly text: string;
  readonly code: string;
  readonly says: string;
  readonly hint: string;
  /** The schema refuses it too. */
  readonly schema: boolean;
}

const rows: Mistake[] = [];
const wrong = (schema: boolean) => (name: string, text: string, code: string, says: string, hint: string) =>
  rows.push({ name, text, code: `E_SYSTEM_${code}`, says, hint, schema });
/** What a schema refuses too, and what it cannot know. */
const both = wrong(true);
const ours = wrong(false);

const feed = own("feed");
const fine = [feed, toxicity()];
const top = (text: string) => system(fine, `"instruments": ["A"], ${text},`);
const entry = (text: string) => system([own("feed", text)]);
const options = (text: string) => system([feed, toxicity(`"options": { "bucketVolume": 5, ${text} }`)]);
const care = (text: string) => entry(`"care": { ${text} }`);

const trading = (text: string) => system([`"market_data": {}`, `"execution": {}`, `"strategy": { "options": ${text} }`]);

// The text.
ours("no JSON", `{ "engines": »] }`, "JSON", "expected a value", "comments");
ours("a missing comma", `{\n  "instruments": ["A"]\n  »"engines": {} }`, "JSON", "expected a comma", "comments");
ours("a missing colon", `{ "instruments" »["A"] }`, "JSON", "expected a colon", "comments");
ours("a key without quotes", `{ »engines: {} }`, "JSON", "this is no value", "comments");
ours("an open text", `{ "name": »"a }`, "JSON", "text does not end", "comments");
ours("an empty file", "»", "JSON", "expected a value", "comments");
both("a list", "»[]", "VALUE", "is a list, expected an object", "Engines, their wires");
both("null", "»null", "VALUE", "is null, expected an object", "Engines, their wires");
ours(
  "a key twice",
  `{ "instruments": ["A"],\n  »"instruments": ["B"], "engines": {} }`,
  "KEY",
  "instruments: this key is here twice",
  "remove one",
);
ours("an engine twice", system([feed, `»${feed}`]), "KEY", "engines.feed: this key is here twice", "remove one");

// Keys at the top.
both("an unknown key", top(`»"topologie": "dual"`), "KEY", "topologie: there is no such key", "did you mean topology?");
both("a key like no other", top(`»"zzzzzzzz": 1`), "KEY", "zzzzzzzz: there is no such key", "keys are $schema, name");
both("__proto__", top(`»"__proto__": {}`), "KEY", "__proto__: there is no such key", "keys are");
both("$schema is no text", top(`"$schema": »1`), "VALUE", "$schema: is 1, expected a text", "editor");
both("name is no text", top(`"name": »true`), "VALUE", "name: is true, expected letters", "name of the system");
both("name with a slash", top(`"name": »"a/b"`), "VALUE", "name: is 'a/b', expected letters", "name of the system");
both("name too long", top(`"name": »"${"a".repeat(61)}"`), "VALUE", "at most 60 characters", "name of the system");
both("page with a word", top(`"page": »"on"`), "VALUE", "page: is 'on', expected false; or an object with port, host", "page in a browser");
both("a page's unknown key", top(`"page": { »"token": "s" }`), "KEY", "page.token: there is no such key", "keys are port, host, tokenFrom");
both(
  "a page's port",
  top(`"page": { "port": »65536 }`),
  "VALUE",
  "page.port: is 65536, expected a whole number from 0 to 65535",
  "left out",
);
both("a token in the file", top(`"page": { "tokenFrom": »"3f-9" }`), "VALUE", "expected the name of an environment variable", "no file");
both("a page's address", top(`"page": { "host": »"http://a/" }`), "VALUE", "page.host: is 'http://a/', expected an address", "tokenFrom");
both("control a text", top(`"page": { "control": »"yes" }`), "VALUE", "page.control: is 'yes', expected true or false", "acknowledge");
ours("a page for others without a token", top(`"page": { "host": »"0.0.0.0" }`), "VALUE", "a page on 0.0.0.0 needs a token", "tokenFrom");
ours(
  "control without a token",
  top(`"page": { "control": »true }`),
  "VALUE",
  "page.control: a page that changes something needs a token",
  "tokenFrom",
);
both("no instruments", `»{ "engines": { ${feed} } }`, "MISSING", "instruments: the key is missing", "give it as a list of texts");
both("instruments empty", system(fine, `"instruments": »[],`), "VALUE", "instruments: is empty", "names of the instruments");
both(
  "instruments a text",
  system(fine, `"instruments": »"A",`),
  "VALUE",
  "instruments: is 'A', expected a list",
  "names of the instruments",
);
both("an instrument no text", system(fine, `"instruments": ["A", »7],`), "VALUE", "instruments[1]: is 7, expected a text", "an instrument");
both("an instrument with a space at its end", system(fine, `"instruments": [»"A "],`), "VALUE", "instruments[0]: is 'A '", "an instrument");
both(
  "an instrument twice",
  system(fine, `"instruments": ["A", "B", »"A"],`),
  "VALUE",
  "instruments[2]: 'A' is listed twice, first as number 0",
  "remove one",
);
both("topology unknown", top(`"topology": »"tripel"`), "VALUE", "expected one of single, dual, triple", "did you mean triple?");
both("folder empty", top(`"folder": »""`), "VALUE", "folder: is an empty text, expected a path", "state, log and control");
both("host with a dot", top(`"host": »"a.b"`), "VALUE", "host: is 'a.b'", "host that engines live on");
both("redis no address", top(`"redis": »"localhost:6379"`), "VALUE", "expected an address such as redis://", "cross from host to host");
both("no engines", `»{ "instruments": ["A"] }`, "MISSING", "engines: the key is missing", "at least one NAME");
both("engines empty", `{ "instruments": ["A"], "engines": »{} }`, "VALUE", "engines: is empty", "engines by their names");
both(
  "engines a list",
  `{ "instruments": ["A"], "engines": »[] }`,
  "VALUE",
  "engines: is a list, expected an object",
  "engines by their names",
);

// Keys of an engine.
both("an engine's name with a dot", system([`»${own("feed", "", "a.b")}`]), "NAME", "'a.b' is no name of an engine", "names are letters");
both("an engine's name too long", system([`»${own("feed", "", "a".repeat(61))}`]), "NAME", "is no name of an engine", "at most 60");
ours(
  "engines that differ in capitals",
  system([feed, `»${own("other", "", "Feed")}`]),
  "NAME",
  "'feed' and 'Feed' differ in their capitals",
  "rename",
);
both("an engine that is a text", system([`"toxicity": »"yes"`]), "VALUE", "engines.toxicity: is 'yes', expected an object", "an engine");
both("an unknown key of an engine", entry(`»"plaec": "thread"`), "KEY", "engines.feed.plaec: there is no such key", "did you mean place?");
both("no such engine", system([`»"toxicty": {}`]), "ENGINE", "no engine is called 'toxicty'", "did you mean toxicity?");
both(
  "an engine of no table and module",
  system([`»"myself": {}`]),
  "ENGINE",
  "no engine is called 'myself'",
  `name one with "engine" or "module"; engines are`,
);
both("engine unknown", system([`"a": { "engine": »"toxicitty" }`]), "ENGINE", "there is no engine 'toxicitty'", "did you mean toxicity?");
both("engine a number", system([`"a": { "engine": »3 }`]), "VALUE", "engines.a.engine: is 3, expected a text", "table of engines");
both("engine and module", system([`"a": { "engine": "toxicity", »"module": "./engines/feed.mjs" }`]), "ENGINE", "both given", "remove one");
both("module a number", system([`"a": { "module": »3 }`]), "VALUE", "engines.a.module: is 3, expected a path", "instead of `engine`");
ours("module missing", system([`"a": { "module": »"./engines/fed.mjs" }`]), "MODULE", "fed.mjs is not there", "relative to the folder");
ours(
  "module throws",
  system([`"a": { "module": »"./engines/broken.mjs" }`]),
  "MODULE",
  "cannot be loaded: the venue is closed",
  "run it with node",
);
ours(
  "module is no JavaScript",
  system([`"a": { "module": »"./engines/garbled.mjs" }`]),
  "MODULE",
  "cannot be loaded: ",
  "run it with node",
);
ours(
  "module without engine",
  system([`"a": { "module": »"./engines/empty.mjs" }`]),
  "MODULE",
  "no engine as its default export",
  "export default defineEngine",
);
ours(
  "module with half an engine",
  system([`"a": { "module": »"./engines/lacking.mjs" }`]),
  "MODULE",
  "an engine without begin",
  "export default defineEngine",
);
for (const [module, says] of [
  ["half", "stateBytes is 0.5"],
  ["portless", "takes returns no object of ports"],
  ["topicless", "port 'trades' has no topic"],
  ["cut", "port 'trades' has no topic or no columns"],
  ["odd", "has no columns"],
] as const)
  ours(`definition ${module}`, system([`»${own(module)}`]), "ENGINE", says, "see defineEngine");
both("group with a space", entry(`"group": »"a b"`), "VALUE", "engines.feed.group: is 'a b'", "share a thread");
both("spin negative", entry(`"spin": »-1`), "VALUE", "engines.feed.spin: is -1, expected a whole number from 0", "looks for more");
both("spin broken", entry(`"spin": »0.5`), "VALUE", "engines.feed.spin: is 0.5", "looks for more");
both("spin a text", entry(`"spin": »"10"`), "VALUE", "engines.feed.spin: is '10'", "looks for more");
both("place unknown", entry(`"place": »"proces"`), "VALUE", "is 'proces', expected one of thread, process", "did you mean process?");
both("place a number", entry(`"place": »2`), "VALUE", "is 2, expected one of thread, process; or an object with host", "`thread` of the");
both("place without host", entry(`»"place": {}`), "MISSING", "engines.feed.place.host: the key is missing", "give it as letters");
both(
  "place with another key",
  entry(`"place": { »"hots": "B" }`),
  "KEY",
  "engines.feed.place.hots: there is no such key",
  "did you mean host?",
);
both("host of a place a number", entry(`"place": { "host": »1 }`), "VALUE", "engines.feed.place.host: is 1", "name of the host");
ours("host without redis", entry(`"place": »{ "host": "B" }`), "HOST", "lives on host 'B', and the file has no key redis", `add "redis"`);

// Care.
both("care a number", entry(`"care": »1`), "VALUE", "engines.feed.care: is 1, expected an object with limit", "held up");
both("an unknown key of care", care(`»"backofMs": 1`), "KEY", "engines.feed.care.backofMs", "did you mean backoffMs?");
both("care.limit", care(`"limit": »-1`), "VALUE", "care.limit: is -1, expected a whole number from 0", "restarts allowed");
both("care.withinSeconds", care(`"withinSeconds": »0`), "VALUE", "care.withinSeconds: is 0, expected a number above 0", "counted");
both("care.backoffMs", care(`"backoffMs": »-5`), "VALUE", "care.backoffMs: is -5", "first restart");
both("care.mostBackoffMs", care(`"mostBackoffMs": »null`), "VALUE", "care.mostBackoffMs: is null", "longest wait");
both("care.onTrouble", care(`"onTrouble": »"restrat"`), "VALUE", "care.onTrouble: is 'restrat'", "did you mean restart?");
both("care.memoryMB", care(`"memoryMB": »8`), "VALUE", "care.memoryMB: is 8, expected a whole number from 16", "heap and buffers");
both("care.rate", care(`"rate": »0`), "VALUE", "care.rate: is 0, expected a number above 0", "rows that the engine may give");
both("care.lagSeconds", care(`"lagSeconds": »"10s"`), "VALUE", "care.lagSeconds: is '10s'", "one call");

// Options.
both("options a list", entry(`"options": »[]`), "VALUE", "engines.feed.options: is a list, expected an object", "own options");
both("no options", system([feed, `»"toxicity": {}`]), "OPTION", "option 'bucketVolume' is missing", "give it as a number > 0");
both(
  "an option missing",
  system([feed, toxicity(`»"options": { "window": 5 }`)]),
  "OPTION",
  "option 'bucketVolume' is missing",
  "give it as a number > 0",
);
both(
  "an unknown option",
  options(`»"windw": 5`),
  "OPTION",
  "engines.toxicity.options.windw: engine 'toxicity': it has no option 'windw'",
  "did you mean window?",
);
ours(
  "an option of another source",
  system([`"market_data": { "options": { "source": "file", "file": "t.csv", »"seed": 3 } }`]),
  "OPTION",
  "engines.market_data.options.seed: engine 'market_data': option 'seed' says nothing where source is 'file'",
  "leave it out: it is of source simulated",
);
ours(
  "an option of files, live",
  system([`"market_data": { "options": { "source": "binance:BTCUSDT", »"onBad": "skip" } }`]),
  "OPTION",
  "option 'onBad' says nothing where source is 'binance:BTCUSDT'",
  "leave it out: it is of source file",
);
both("window too small", options(`"window": »0`), "OPTION", "option 'window' is 0, expected a whole number >= 1", "buckets averaged");
both("window broken", options(`"window": »1.5`), "OPTION", "option 'window' is 1.5", "buckets averaged");
both("history too large", options(`"history": »1000001`), "OPTION", "option 'history' is 1000001", "ranked among");
both(
  "threshold above 1",
  options(`"threshold": »1.01`),
  "OPTION",
  "option 'threshold' is 1.01, expected a number > 0 and <= 1",
  "alarm stands",
);
both("classify unknown", options(`"classify": »"tick-rle"`), "OPTION", "expected one of given, tick_rule", "did you mean tick_rule?");
both("minHistory null", options(`"minHistory": »null`), "OPTION", "option 'minHistory' is null", "before the first alarm");
both("barSeconds a text", options(`"barSeconds": »"60"`), "OPTION", "option 'barSeconds' is string 60", "time bars");
both(
  "a volume of nothing",
  system([feed, toxicity(`"options": { "bucketVolume": »0 }`)]),
  "OPTION",
  "option 'bucketVolume' is 0",
  "volume of a bucket",
);
both(
  "a volume of one instrument",
  system([feed, toxicity(`"options": { "bucketVolume": { "A": 5, "BTC.X": »-1 } }`)]),
  "OPTION",
  "bucketVolume.BTC.X",
  "volume of a bucket",
);
ours(
  "a volume of no instrument",
  system([feed, toxicity(`"options": { "bucketVolume": { "A": 5, "BTCX": »1 } }`)]),
  "OPTION",
  "bucketVolume.BTCX",
  "did you mean BTC.X?",
);
ours(
  "an option that the engine refuses",
  options(`"measures": »"kyle_lamda"`),
  "OPTION",
  "engines.toxicity.options.measures: engine 'toxicity' refuses its options",
  "kyle_lambda",
);
ours("a flag", system([own("optioned", `"options": { "on": »1 }`)]), "OPTION", "option 'on' is 1, expected true or false", "on");
ours(
  "a list",
  system([own("optioned", `"options": { "list": »"a" }`)]),
  "OPTION",
  "option 'list' is string a, expected a list of texts",
  "list",
);
ours(
  "a file",
  system([own("optioned", `"options": { "path": »7 }`)]),
  "OPTION",
  "option 'path' is 7, expected the path of a file",
  "a file",
);
ours(
  "what a module refuses",
  system([own("refuses", `"options": { "level": »6 }`)]),
  "OPTION",
  "refuses its options: level is too high for this",
  "at most 5",
);

// Ports and topics.
both("takes a list", entry(`"takes": »[]`), "VALUE", "engines.feed.takes: is a list", "topics that it takes");
both("gives a text", entry(`"gives": »"trades"`), "VALUE", "engines.feed.gives: is 'trades'", "topics that it gives");
both(
  "a wire that is true",
  system([feed, own("reader", `"takes": { "trades": »true }`)]),
  "VALUE",
  "engines.reader.takes.trades: is true, expected",
  "the topic;",
);
both(
  "a wire that is empty",
  system([feed, own("reader", `"takes": { "trades": »[] }`)]),
  "VALUE",
  "engines.reader.takes.trades: is empty",
  "names of topics",
);
both(
  "a topic with a blank",
  system([feed, own("reader", `"takes": { "trades": »"my trades" }`)]),
  "VALUE",
  "is 'my trades', expected letters",
  "name of a topic",
);
both(
  "a topic listed twice",
  system([feed, own("all", `"takes": { "any": ["trades", »"trades"] }`)]),
  "VALUE",
  "'trades' is listed twice",
  "remove one",
);
both(
  "a given topic with a blank",
  entry(`"gives": { "trades": »"my trades" }`),
  "VALUE",
  "is 'my trades', expected letters",
  "name of the topic",
);
both("a given topic too long", entry(`"gives": { "trades": »"${"t".repeat(81)}" }`), "VALUE", "at most 80 characters", "name of the topic");
both(
  "an unknown key of a topic",
  entry(`"gives": { "trades": { »"row": 5 } }`),
  "KEY",
  "engines.feed.gives.trades.row",
  "did you mean rows?",
);
both(
  "topic of a topic",
  entry(`"gives": { "trades": { "topic": »5 } }`),
  "VALUE",
  "engines.feed.gives.trades.topic: is 5",
  "name of the topic",
);
both(
  "rows of a topic",
  entry(`"gives": { "trades": { "rows": »0 } }`),
  "VALUE",
  "engines.feed.gives.trades.rows: is 0",
  "one slot can hold",
);
both(
  "slots of a topic",
  entry(`"gives": { "trades": { "slots": »48 } }`),
  "VALUE",
  "is 48, expected a power of two from 2",
  "slots in flight",
);
both(
  "backpressure of a topic",
  entry(`"gives": { "trades": { "backpressure": »"evic" } }`),
  "VALUE",
  "expected one of block, evict",
  "did you mean evict?",
);
ours(
  "an unknown port taken",
  system([feed, own("reader", `"takes": { »"trade": "trades" }`)]),
  "PORT",
  "engine 'reader' takes no port 'trade'",
  "did you mean trades?",
);
ours(
  "a port of an engine that takes nothing",
  entry(`"takes": { »"trades": "trades" }`),
  "PORT",
  "engine 'feed' takes no port 'trades'",
  "it takes nothing",
);
ours("an unknown port given", entry(`"gives": { »"trade": "t" }`), "PORT", "engine 'feed' gives no port 'trade'", "did you mean trades?");
ours(
  "a topic given twice",
  system([feed, `»${own("feed", "", "again")}`]),
  "TOPIC",
  "topic 'trades' is given by 'feed' already",
  `"gives": { "trades": "another_name" } in 'again'`,
);
ours(
  "a topic given twice by name",
  system([feed, own("other", `"gives": { "other_trades": »"trades" }`)]),
  "TOPIC",
  "is given by 'feed' already",
  "rename one",
);
ours(
  "topics that differ in capitals",
  system([feed, own("other", `"gives": { "other_trades": »"Trades" }`)]),
  "TOPIC",
  "as 'trades', the same but for its capitals",
  "rename one",
);
ours(
  "a topic taken that nobody gives",
  system([feed, own("reader", `"takes": { "trades": »"trads" }`)]),
  "WIRE",
  "takes topic 'trads', which no engine gives",
  "did you mean trades?",
);
ours(
  "a topic like no other",
  system([feed, own("reader", `"takes": { "trades": »"zzzzzzzz" }`)]),
  "WIRE",
  "which no engine gives",
  "given are trades (feed), seen (reader)",
);
ours(
  "one of many that nobody gives",
  system([feed, own("all", `"takes": { "any": [»"bars"] }`)]),
  "WIRE",
  "takes topic 'bars'",
  "given are trades (feed)",
);
ours(
  "a needed topic without giver",
  system([own("other"), `»${own("reader")}`]),
  "WIRE",
  "takes topic 'trades', which no engine gives: what trades is for",
  "given are other_trades (other), seen (reader)",
);
ours(
  "nobody gives anything",
  system([`»${own("sockets")}`]),
  "WIRE",
  "takes topic 'trades', which no engine gives",
  "no engine gives a topic: add one",
);
ours("a crowd of none", system([`»${own("crowd")}`]), "WIRE", "takes any topic, and there is none", "no engine gives a topic");
ours(
  "a needed port off",
  system([feed, own("reader", `"takes": { "trades": »false }`)]),
  "WIRE",
  "does not run without it: what trades is for",
  "given are trades (feed)",
);
ours(
  "several for one",
  system([feed, own("other"), own("reader", `"takes": { "trades": »["trades", "other_trades"] }`)]),
  "WIRE",
  "takes one topic, not 2",
  `name one: "trades"`,
);
ours("its own topic", system([feed, own("reader", `"takes": { "trades": »"seen" }`)]), "WIRE", "which it gives itself", "name another");
ours(
  "a topic of another port again",
  system([feed, own("all", `"takes": { "any": [»"trades"] }`)]),
  "WIRE",
  "'trades' is that of port 'trades' already",
  "remove it here",
);
ours(
  "a given port off that is needed",
  entry(`"gives": { "trades": »false }`),
  "VALUE",
  "engine 'feed' always gives this topic",
  "leave the port out",
);
ours(
  "columns that differ",
  system([own("thin"), own("reader", `"takes": { "trades": »"trades" }`)]),
  "COLUMNS",
  "topic 'trades' from 'thin' to 'reader' does not fit: price: 'reader' needs f64, 'thin' gives f32",
  "it has time i64, price f32, sizes f64 x 4",
);
ours(
  "columns that are missing",
  system([own("thin"), `»${toxicity()}`]),
  "COLUMNS",
  "size: 'toxicity' needs f64, 'thin' gives none; side: 'toxicity' needs i8, 'thin' gives none",
  "is sizes what is meant?",
);
ours(
  "columns of a port that may be off",
  system([feed, own("thin", `"gives": { "trades": "extra" }`), `»${own("reader")}`]),
  "COLUMNS",
  "topic 'extra' from 'thin' to 'reader'",
  `or "extra": false to run without it`,
);

// Runners and room.
const grouped = (a: string, b: string, group = "g") =>
  system([own("feed", `${a}"group": "${group}"`), own("reader", `${b}"group": »"${group}"`)]);
ours(
  "a group of two places",
  grouped("", `"place": "process", `),
  "GROUP",
  "'feed' runs in a thread, 'reader' in a process",
  "one place, or two groups",
);
ours(
  "a group of two kinds of loop",
  system([own("feed", `"group": "g"`), own("sockets", `"group": »"g"`)]),
  "GROUP",
  "'sockets' lives on an event loop, which 'feed' would block",
  "two groups",
);
ours(
  "a group named as an engine",
  system([own("feed", `"group": »"reader"`), own("reader")]),
  "GROUP",
  "has the name of an engine that is not in it",
  "another name",
);
const many = Array.from({ length: 31 }, (_, i) => own("feed", `"place": "process", "gives": { "trades": "t${i}" }`, `e${i}`));
ours(
  "too many runners",
  system(many).replace(`"engines"`, `»"engines"`),
  "RUNNERS",
  "31 threads and processes would run, at most 30",
  `"group"`,
);
const takers = Array.from({ length: 33 }, (_, i) => `${i === 32 ? "»" : ""}${own("reader", `"gives": { "seen": false }`, `r${i}`)}`);
ours("too many takers", system([feed, ...takers]), "TOPIC", "topic 'trades' has 33 takers, a ring has places for 32", "leave some out");
ours(
  "rings without room",
  system([`»${own("feed", `"gives": { "trades": { "rows": 65536, "slots": 16777216 } }`)}`]),
  "SPACE",
  "the rings of the topics take",
  `fewer "rows" or "slots"`,
);
// Modules that options name.
both("no strategy", trading("{}").replace('"options"', '»"options"'), "OPTION", "option 'strategy' is missing", "give it as do_nothing, ");
ours(
  "a strategy misspelt",
  trading(`{ "strategy": »"market_makr" }`),
  "OPTION",
  "is string market_makr, expected do_nothing,",
  "did you mean market_maker?",
);
ours("a strategy that is nowhere", trading(`{ "strategy": »"./mine.js" }`), "OPTION", "mine.js: there is no such file", "check the path");
ours(
  "an engine as strategy",
  trading(`{ "strategy": »"./engines/feed.mjs" }`),
  "OPTION",
  "feed.mjs: the strategy 'feed' declares no params",
  "defineStrategy",
);
ours(
  "a strategy's parameter misspelt",
  trading(`{ "strategy": "market_maker", "params": »{ "spred": 2 } }`),
  "OPTION",
  "market_maker: no parameter is called 'spred'",
  "did you mean spread?",
);
ours(
  "a strategy's parameter out of its range",
  trading(`{ "strategy": "market_maker", "params": »{ "spread": -2 } }`),
  "OPTION",
  "market_maker: parameter 'spread' is -2, expected > 0",
  "between its bid and its ask",
);
both(
  "a strategy's parameter of no kind",
  trading(`{ "strategy": "market_maker", "params": »{ "spread": [2] } }`),
  "OPTION",
  "option 'params' is Object, expected an object of numbers and texts",
  "parameters of the strategy by name",
);
ours("a state without room", system([`»${own("huge")}`]), "SPACE", "the states of the engines take 4.0 PiB", "options that keep less");

export const mistakes: readonly Mistake[] = rows;
