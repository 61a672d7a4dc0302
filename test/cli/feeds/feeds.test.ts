/** tickforge venue, record and up with live sources, as a user runs them: processes of their own, sockets between them. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { Frames, layoutOf } from "../../../src/bus/frame.js";
import { RecordingReader } from "../../../src/bus/recording/recording.js";
import { mainFile, requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

beforeAll(() => requireBuilt());
const folder = temporaryFolder();

/** Ends it when `then` has. */
async function withVenue<T>(args: readonly string[], then: (port: number) => Promise<T>): Promise<{ answer: T; said: string }> {
  const child: ChildProcess = spawn(process.execPath, [mainFile, "venue", ...args, "--quiet"], { env: { ...process.env, NO_COLOR: "1" } });
  let said = "";
  const port = await new Promise<number>((resolve, reject) => {
    child.once("exit", () => reject(new Error(`venue ended: ${said}`)));
    child.stderr!.on("data", (data) => (said += data));
    child.stdout!.on("data", (data) => {
      said += data;
      const found = /ws:\/\/127\.0\.0\.1:(\d+)/.exec(said);
      if (found) resolve(Number(found[1]));
    });
  });
  child.removeAllListeners("exit");
  const ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    return { answer: await then(port), said };
  } finally {
    child.kill("SIGINT");
    await ended;
  }
}

function read(path: string): { columns: Record<string, number[]>; rows: number } {
  const reader = new RecordingReader<any>(path);
  const frames = new Frames(reader.layout, new ArrayBuffer(layoutOf(reader.topic).stride), 0, 1);
  const columns: Record<string, number[]> = Object.fromEntries(Object.keys(reader.topic.columns).map((name) => [name, []]));
  let rows = 0;
  for (let info = reader.read(frames.slots[0]!); info; info = reader.read(frames.slots[0]!)) {
    rows += info.rows;
    for (const [name, values] of Object.entries(columns))
      values.push(...Array.from(frames.slots[0]!.columns[name].subarray(0, info.rows) as Float64Array, Number));
  }
  reader.close();
  return { columns, rows };
}

describe("tickforge record", () => {
  it("writes what a venue says, each trade once and in order, whatever happens to the messages on the way", async () => {
    const out = join(folder, "day.tfr");
    const tape = ["--simulate", "BTCUSDT,ETHUSDT", "--trades", "8000", "--speed", "2", "--chaos", "5", "--share", "0.01"];
    const { answer } = await withVenue(tape, (port) =>
      tickforge(["record", "binance:BTCUSDT,binance:ETHUSDT", "--url", `ws://127.0.0.1:${port}`, "--out", out, "--for", "9s", "--json"]),
    );
    expect(answer.code).toBe(0);
    const { files, venues } = JSON.parse(answer.stdout);
    expect(files.map(({ file }: { file: string }) => file)).toEqual([out, join(folder, "day.feed_status.tfr")]);
    expect(venues.binance.given.trades).toBe(files[0].rows);
    const { columns, rows } = read(out);
    expect(rows).toBe(files[0].rows);
    for (const of of [0, 1]) {
      const ids = columns.id!.filter((_, row) => columns.instrument![row] === of);
      expect(ids.length).toBeGreaterThan(1000);
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
      const status = read(join(folder, "day.feed_status.tfr")).columns;
      const lost = status.count!.filter((_, row) => status.state![row] === 4 && status.instrument![row] === of).reduce((a, b) => a + b, 0);
      expect(ids.at(-1)! - ids[0]! + 1 - ids.length).toBe(lost);
    }
  });

  it("begins new files after a while; refuses a source, a channel and an address that cannot be, and a file that is there", async () => {
    const into = join(folder, "rotated");
    mkdirSync(into);
    const { answer } = await withVenue(["--simulate", "BTCUSDT", "--trades", "6000"], (port) =>
      tickforge([
        "record",
        "binance:BTCUSDT",
        "--url",
        `ws://127.0.0.1:${port}`,
        "--out",
        join(into, "b.tfr"),
        "--rotate",
        "1s",
        "--for",
        "3500ms",
        "--json",
      ]),
    );
    expect(answer.code).toBe(0);
    const trades = readdirSync(into)
      .filter((name) => !name.includes("feed_status"))
      .sort();
    expect(trades.length).toBeGreaterThan(2);
    const ids = trades.flatMap((name) => read(join(into, name)).columns.id!);
    expect(ids.length).toBeGreaterThan(1500);
    expect(ids).toEqual(ids.map((_, i) => ids[0]! + i));

    const refused = async (args: string[]) => (await tickforge(["record", ...args])).stderr;
    expect(await refused(["binanc:BTCUSDT", "--out", join(folder, "x.tfr")])).toMatch(/no venue 'binanc'.*is it binance/s);
    expect(await refused(["binance:BTCUSDT", "--out", join(folder, "x.tfr"), "--channels", "trade"])).toMatch(/did you mean trades/);
    expect(await refused(["binance:BTCUSDT", "--out", join(folder, "x.tfr"), "--url", "http://x"])).toMatch(
      /url 'http:\/\/x' is no address/,
    );
    expect(await refused(["binance:BTCUSDT", "kraken:BTC/USD", "--out", join(folder, "x.tfr"), "--url", "ws://x"])).toMatch(
      /can be of one venue/,
    );
    expect(await refused(["binance:BTCUSDT", "binance:btc-usdt", "--out", join(folder, "x.tfr")])).toMatch(/named twice/);
    expect(await refused(["binance:BTCUSDT"])).toMatch(/record needs --out/);
    expect(existsSync(join(folder, "x.tfr"))).toBe(false);
    const again = await tickforge([
      "record",
      "binance:BTCUSDT",
      "--url",
      "ws://127.0.0.1:1",
      "--out",
      join(folder, "day.tfr"),
      "--for",
      "1s",
    ]);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/E_BUS_FILE/);
  });
});

const recordings = join(process.env.MARKET_DATA ?? "../shared/data", "feeds");
describe.skipIf(!existsSync(recordings))("books of a venue that says a recording", () => {
  it("are recorded: the best levels of each, and each change", async () => {
    const out = join(folder, "books.tfr");
    const tape = ["--replay", join(recordings, "KRAKEN.ws.50.0.gz"), "--as", "kraken", "--speed", "20"];
    const of = (port: number) => ["--url", `ws://127.0.0.1:${port}`, "--channels", "book,book_changes", "--out", out, "--for", "4s"];
    const { answer } = await withVenue(tape, (port) => tickforge(["record", "kraken:XMR/USD", ...of(port), "--json"]));
    expect(answer.code, answer.stderr).toBe(0);
    const book = new RecordingReader<any>(join(folder, "books.book.tfr"));
    expect(book.topic.columns.bid).toEqual({ dtype: "f64", width: 10 });
    book.close();
    expect(read(join(folder, "books.book_changes.tfr")).rows).toBeGreaterThan(800);
    expect(read(join(folder, "books.feed_status.tfr")).columns.state).toEqual([0]);
  });

  it("are taken by engines", async () => {
    const into = join(folder, "levels");
    const file = join(folder, "levels.json");
    const tape = ["--replay", join(recordings, "COINBASE.ws.28.0.gz"), "--speed", "10"];
    const { answer } = await withVenue(tape, (port) => {
      const source = "coinbase:SKL-USD,coinbase:YFI-BTC";
      const engines = {
        market: { engine: "market_data", options: { source, url: `ws://127.0.0.1:${port}`, book: 5 } },
        features: { engine: "features", options: { levels: 5, barSeconds: 0.25, window: 2 } },
        tape: { engine: "recorder", options: { folder: into } },
      };
      writeFileSync(file, JSON.stringify({ instruments: ["SKL-USD", "YFI-BTC"], engines }));
      return tickforge(["up", file, "--for", "7s", "--fresh"], { cwd: folder });
    });
    expect(answer.code, answer.stderr).toBe(0);
    const { columns, rows } = read(join(into, "features.tfr"));
    expect(rows).toBeGreaterThan(1);
    for (const name of ["books", "depthImbalance", "levelOfi1", "levelOfi5"])
      expect(
        columns[name]!.some((value) => value !== 0 && !Number.isNaN(value)),
        name,
      ).toBe(true);
    const wrong = JSON.stringify(JSON.parse(readFileSync(file, "utf8"))).replace('"levels":5', '"levels":4');
    writeFileSync(file, wrong);
    expect((await tickforge(["up", file, "--explain"], { cwd: folder })).stderr).toMatch(/f64 x 5.*f64 x 4|f64 x 4.*f64 x 5/s);
  });
});

describe("tickforge up with a live source", () => {
  const system = (port: number, more: object = {}) => {
    const file = join(folder, `live${port}.json`);
    writeFileSync(
      file,
      JSON.stringify({
        instruments: ["BTCUSDT", "ETHUSDT"],
        engines: {
          market: {
            engine: "market_data",
            options: { source: "binance:BTCUSDT,binance:ETHUSDT", url: `ws://127.0.0.1:${port}`, quotes: false, ...more },
          },
          toxicity: { engine: "toxicity", options: { bucketVolume: 20 } },
          tape: { engine: "recorder", options: { folder: join(folder, `tape${port}`) } },
        },
      }),
    );
    return file;
  };

  it("runs engines on what a venue says", async () => {
    const { answer: ran } = await withVenue(["--simulate", "BTCUSDT,ETHUSDT", "--trades", "5000", "--speed", "2"], async (port) => {
      const up = await tickforge(["up", system(port), "--for", "6s", "--fresh"], { cwd: folder });
      return { up, port };
    });
    expect(ran.up.stderr).not.toMatch(/E_ENGINE|failed/);
    expect(ran.up.code, ran.up.stderr).toBe(0);
    const tape = join(folder, `tape${ran.port}`);
    const { columns, rows } = read(join(tape, "trades.tfr"));
    expect(rows).toBe(5000);
    expect(columns.received!.every((ns) => ns > 1e18)).toBe(true);
    expect(read(join(tape, "prices.tfr")).rows).toBe(5000);
    expect(read(join(tape, "toxicity.tfr")).rows).toBeGreaterThan(20);
    expect(read(join(tape, "feed_status.tfr")).rows).toBeGreaterThan(1);
  });

  it("checks source and address before it starts", async () => {
    const said = async (more: object) => (await tickforge(["up", system(1, more), "--explain"], { cwd: folder })).stderr;
    expect(await said({ source: "binance:BTCUSDT,binance:SOLUSDT" })).toMatch(/source 'binance:SOLUSDT' is no instrument of the system/);
    expect(await said({ source: "binanc:BTCUSDT" })).toMatch(/no venue 'binanc'/);
    expect(await said({ url: "127.0.0.1" })).toMatch(/url '127.0.0.1' is no address/);
    expect(await said({ source: "simulatd" })).toMatch(/expected one of simulated, recording, file, or venues live/);
  });
});
