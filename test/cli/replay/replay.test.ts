/** tickforge replay as a user runs it, on small files made here. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { tableFromIPC } from "apache-arrow";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { beforeAll, describe, expect, it } from "vitest";
import { RecordingReader } from "../../../src/bus/recording/recording.js";
import { RecordingWriter } from "../../../src/bus/recording/recording_writer.js";
import { Dictionary } from "../../../src/bus/symbols.js";
import { tradesTopic } from "../../../src/engines/trades.js";
import { vpin } from "../../../src/index.js";
import { binance, expectClose, requireBuilt, tape, temporaryFolder, tickforge } from "../../support/cli.js";

const folder = temporaryFolder();
const rows = tape(30_000, 5);
const text = binance(rows);
writeFileSync(join(folder, "trades.csv"), text);
writeFileSync(join(folder, "trades.csv.gz"), gzipSync(text));
const replay = (...args: string[]) => tickforge(["replay", ...args], { cwd: folder });
const want = vpin(
  {
    time: BigInt64Array.from(rows, (r) => BigInt(r.timeUs) * 1000n),
    price: Float64Array.from(rows, (r) => r.price),
    size: Float64Array.from(rows, (r) => r.size),
    side: Int8Array.from(rows, (r) => r.side),
  },
  { bucketVolume: 50, window: 20 },
);
const usual = ["--bucket-volume", "50", "--window", "20"];

beforeAll(requireBuilt);

describe("the screen", () => {
  it("is what a newcomer sees first", async () => {
    const { code, stdout, stderr } = await replay("trades.csv.gz");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("trades.csv.gz   binance spot trades, no header, time in us (detected)");
    expect(lines[1]).toMatch(
      /^2026-01-12 00:00:\d\d \.\. 2026-01-12 0\d:\d\d:\d\d UTC {3}30,000 trades {3}volume [\d,.]+ {3}0 rejected {3}[\d.]+ s$/,
    );
    expect(lines[2]).toMatch(/^side: isBuyerMaker .*, true = seller was aggressor; unknown side 0\.0% of volume$/);
    expect(lines[3]).toMatch(/^buckets: \d+ of [\d.,]+ \(50 typical trades each; pass --bucket-volume to compare files\), window 50$/);
    expect(lines[4]).toMatch(/^ +last +mean +p95 +max {2}when \(UTC\)$/);
    expect(stdout).toMatch(/^vpin +0\.\d{3} +0\.\d{3} +0\.\d{3} +0\.\d{3} {2}2026-01-12 \d\d:\d\d/m);
    expect(stdout).toMatch(/^cdf +\d\.\d{3} +- +- +\d\.\d{3} {2}point in time, no look-ahead$/m);
    expect(stdout).toMatch(/^alarms: /m);
    expect(stdout).toMatch(/^next: {2}tickforge replay trades\.csv\.gz --report toxicity\.html {2}charts and toxic hours$/m);
    expect(stdout).not.toMatch(/[^\x20-\x7e\n]/);
  });

  it("merges files of one tape by time, however they overlap and whatever order they are named in", async () => {
    const part = (name: string, test: (i: number) => boolean) => writeFileSync(join(folder, name), binance(rows.filter((_, i) => test(i))));
    part("late-1.csv", (i) => i >= 10_000 && rows[i]!.timeUs % 2 === 1);
    part("early-2.csv", (i) => i < 10_000 || rows[i]!.timeUs % 2 === 0);
    const { code, stdout, stderr } = await replay("late-1.csv", "early-2.csv", "--join", ...usual, "--out", "merged.csv");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("30,000 trades");
    await replay("trades.csv", ...usual, "--out", "whole.csv");
    expect(readFileSync(join(folder, "merged.csv"), "utf8")).toBe(readFileSync(join(folder, "whole.csv"), "utf8"));
  });

  it("gives no alarm before enough values are ranked, and says how many that is", async () => {
    const { stdout } = await replay("trades.csv", ...usual, "--threshold", "0.5", "--min-history", "7", "--json");
    const { alarms, vpinValues } = JSON.parse(stdout).instruments[0];
    expect(JSON.parse(stdout).options.minHistory).toBe(7);
    const first = want.vpin.findIndex((value) => !Number.isNaN(value));
    expect(BigInt(Date.parse(alarms[0].startTime)) * 1_000_000n).toBeGreaterThanOrEqual(want.endTime[first + 7]! - 1_000_000n);
    const few = (await replay("trades.csv", ...usual, "--history", "100000", "--min-history", "100000")).stdout;
    expect(few).toContain(
      `alarms: none could come: 100,000 values are ranked before the first, and there are ${vpinValues.toLocaleString("en-US")} (--min-history)`,
    );
    const lines = rows.map((r) => `${r.timeUs},${r.price},${r.size},buy\n`);
    writeFileSync(join(folder, "oneway.csv"), `time,price,size,side\n${lines.join("")}`);
    const constant = (await replay("oneway.csv", ...usual, "--min-history", "1")).stdout;
    expect(constant).toMatch(/^cdf +1\.000 +- +- +1\.000/m);
    expect(constant).toMatch(/^alarms: none, no vpin was above 99\.0% of the 1 or more ranked before it$/m);
  });

  it("says what was chosen for lack of a side, and how to choose otherwise", async () => {
    const lines = rows.map((r) => `${Math.floor(r.timeUs / 1e6)},${r.price},${r.size}\n`);
    writeFileSync(join(folder, "plain.csv"), lines.join(""));
    const { code, stdout } = await replay("plain.csv", "--bars", "10s");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^side: bvc: bars of 10 s, .* \(no side in the file\)$/m);
    const [skipped, filled] = [
      await replay("plain.csv", "--bars", "100ms", "--json"),
      await replay("plain.csv", "--bars", "100ms", "--json", "--empty", "emit"),
    ];
    expect(JSON.parse(filled.stdout).options).toEqual({ ...JSON.parse(skipped.stdout).options, empty: "emit" });
    expect(JSON.parse(filled.stdout).instruments[0].vpin).not.toEqual(JSON.parse(skipped.stdout).instruments[0].vpin);
    const emitted = await replay("plain.csv", "--bars", "1s", "--empty", "emit");
    expect(emitted.stdout).toMatch(/^side: bvc: bars of 1 s, those without trades too, sides from .* over sigma of about a day/m);
    expect((await replay("trades.csv", "--empty", "emit")).stderr).toMatch(/--empty emit changes nothing: the file has sides/);
    const brief = await replay("plain.csv", "--bars", "10ms");
    expect(brief.stdout).toMatch(/^side: bvc: bars of 0\.01 s, .* over sigma of about 2 h 47 min/m);
    const signs = await replay("plain.csv", "--classify", "tick_rule");
    expect(signs.stdout).toMatch(/^side: tick_rule: sign of the last price change$/m);
  });

  it("names prices that cannot be, repeated rows, and trades larger than a bucket", async () => {
    const price = rows.map((r, i) => ({ ...r, price: i === 9000 ? 1e7 : r.price }));
    const repeated = price.flatMap((r, i) => (i % 100 === 0 ? [r, r] : [r])).map((r) => `${r.timeUs},${r.price},${r.size}\n`);
    writeFileSync(join(folder, "odd.csv"), `time,price,size\n${repeated.join("")}`);
    const { stdout } = await replay("odd.csv", "--bucket-volume", "1");
    expect(stdout).toMatch(
      /^doubtful: 2 trades more than three times off .*, the farthest 10,000,000 after 6\d,\d+(\.\d)? at 2026-01-12 .*; left out; with them \(--outliers keep\) VPIN is /m,
    );
    expect(stdout).toMatch(/^doubtful: 300 rows \(1\.0%\) repeat the row before/m);
    expect(stdout).toMatch(/^doubtful: [\d,]+ of 30,298 trades are larger than a bucket/m);
  });

  it("has a line for each instrument, and one for all", async () => {
    const lines = rows.map(
      (r, i) => `${r.timeUs},${r.price},${r.size},${r.side > 0 ? "buy" : "sell"},${["BTC", "ETH"][i % 3 === 0 ? 1 : 0]}\n`,
    );
    writeFileSync(join(folder, "two.csv"), `time,price,size,side,symbol\n${lines.join("")}`);
    const { code, stdout } = await replay("two.csv");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^BTC +20,000 .*\nETH +10,000 .*\nall 2 instruments: /m);
    const { instruments } = JSON.parse((await replay("two.csv", "--json")).stdout);
    expect(instruments.map((i: { name: string; bucketVolumeBy: string }) => [i.name, i.bucketVolumeBy])).toEqual([
      ["BTC", "50 typical trades each"],
      ["ETH", "few: 10 to 50 typical trades each"],
    ]);
  });

  it("says what is missing where there are too few buckets", async () => {
    const { code, stdout } = await replay("trades.csv", "--bucket-volume", "1e9");
    expect(code).toBe(0);
    const advice = /^no VPIN: it needs 50 buckets and there are 0; pass --bucket-volume (\S+) or smaller, or a smaller --window$/m;
    const [, volume] = advice.exec(stdout) ?? [];
    expect((await replay("trades.csv", "--bucket-volume", volume!)).stdout).toMatch(/^vpin /m);
  });

  it("says of a tape without trades that there is none, and offers no report of it", async () => {
    const { code, stdout } = await replay("trades.csv", "--from", "2100-01-01");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^0 trades .*\n(.*\n)*no VPIN: no trade was read; .*--from, --to/m);
    expect(stdout).not.toMatch(/buckets|next:/);
  });

  it("doubts a tape most of whose volume is one print", async () => {
    const [head, ...rest] = binance(tape(2000, 9)).split("\n");
    const fields = head!.split(",");
    fields[2] = "1e9";
    writeFileSync(join(folder, "vast.csv"), [fields.join(","), ...rest].join("\n"));
    expect((await replay("vast.csv")).stderr).toMatch(
      /no bucket volume is sound: 2,000 trades, .* needs about [\d,]+ .*\[E_TOO_FEW_TRADES\]/s,
    );
    expect((await replay("vast.csv", "--bucket-volume", "1e7", "--bars", "auto")).stdout).toMatch(
      /^doubtful: 1 of 2,000 trades is larger than a bucket, 100\.0% of the volume; /m,
    );
    fields[2] = "1e300";
    writeFileSync(join(folder, "vast.csv"), [fields.join(","), ...rest].join("\n"));
    const { code, stderr } = await replay("vast.csv");
    expect(code).toBe(3);
    expect(stderr).toMatch(/sizes of the trades sum to 1e\+300.*--bucket-volume V {3}\[E_BAD_VALUE\]/s);
  });

  it("refuses a tape of too few trades, and judges a volume that is given all the same", async () => {
    writeFileSync(join(folder, "thin.csv"), binance(tape(50, 9).map((row) => ({ ...row, size: 1 }))));
    const { code, stderr } = await replay("thin.csv", "--bucket-volume", "auto");
    expect(code).toBe(3);
    expect(stderr).toMatch(/50 trades, and a VPIN over 50 buckets needs about 500 of such sizes/);
    const { stdout } = await replay("thin.csv", "--bucket-volume", "0.5");
    expect(stdout).toMatch(/^doubtful: a bucket has 0\.5 trades on average, fewer than 10;/m);
    expect(stdout).toMatch(/^doubtful: 50 of 100 buckets \(50\.0%\) begin and end within one print;/m);
  });

  it("shows a simulated tape, its truth, and that it is simulated", async () => {
    const first = await replay("--seed", "3");
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^simulated tape {3}seed 3/);
    expect(first.stdout).toMatch(/^simulated: 5 informed episodes put into the tape; mean vpin 0\.\d+ in them, 0\.\d+ elsewhere$/m);
    const { truth, simulated } = JSON.parse((await replay("--seed", "3", "--json")).stdout);
    expect(simulated).toBe(true);
    expect(truth.vpinInside).toBeGreaterThan(truth.vpinOutside);
  });
});

describe("--json", () => {
  it("is one object with stable keys, and the numbers of the kernel", async () => {
    const { code, stdout } = await replay("trades.csv", "--json", ...usual);
    expect(code).toBe(0);
    const answer = JSON.parse(stdout);
    expect(Object.keys(answer)).toEqual(
      "schema command version files format simulated rows trades volume startTime endTime rejected outsideSession passedOver duplicates sides unknownSideShare quotes tradesOverOneBucket quality outliers spikes options buckets instruments truth written passes seconds".split(
        " ",
      ),
    );
    expect(answer).toMatchObject({
      schema: 1,
      trades: rows.length,
      buckets: want.vpin.length,
      options: { bucketVolume: 50, window: 20, classify: "given" },
    });
    expect(answer.instruments[0].vpin.last).toBeCloseTo(want.vpin.at(-1)!, 9);
    expect(answer.instruments[0].vpin.max).toBeCloseTo(Math.max(...want.vpin.filter((v) => !Number.isNaN(v))), 9);
    expect(answer.startTime).toBe("2026-01-12T00:00:00.".concat(answer.startTime.slice(20)));
  });
});

const number = (cell: string) => (cell === "" ? Number.NaN : Number(cell));

describe("--out", () => {
  it("as CSV has every bucket, with times to the nanosecond", async () => {
    const { code, stdout } = await replay("trades.csv", "--out", "vpin.csv", ...usual);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^wrote vpin\.csv$/m);
    expect(stdout).not.toMatch(/--out vpin\.csv +every/);
    const [header, ...lines] = readFileSync(join(folder, "vpin.csv"), "utf8").trimEnd().split("\n");
    expect(header).toBe("start_time,end_time,end_index,buy,sell,imbalance,last_price,vpin,cdf,alarm");
    const cells = lines.map((line) => line.split(","));
    expectClose(
      cells.map((c) => number(c[7]!)),
      want.vpin,
      "vpin",
    );
    expectClose(
      cells.map((c) => number(c[2]!)),
      want.endIndex,
      "end_index",
    );
    expect(cells.map((c) => BigInt(Date.parse(c[1]!)) * 1_000_000n + BigInt(c[1]!.slice(23, 29)))).toEqual(Array.from(want.endTime));
  });

  it("as JSON the same, null where a value is not there yet", async () => {
    expect((await replay("trades.csv", "--out", "vpin.json", ...usual)).code).toBe(0);
    const { schema, kernel, options, columns } = JSON.parse(readFileSync(join(folder, "vpin.json"), "utf8"));
    expect({ schema, kernel, options }).toMatchObject({ schema: 1, kernel: "vpin", options: { bucket_volume: 50, window: 20 } });
    expectClose(
      columns.vpin.map((v: number | null) => v ?? Number.NaN),
      want.vpin,
      "vpin",
    );
    expect(columns.cdf.slice(0, 20)).toEqual(Array(20).fill(null));
  });

  it("as Parquet the same, with times in ns", async () => {
    expect((await replay("trades.csv", "--out", "vpin.parquet", ...usual)).code).toBe(0);
    const bytes = readFileSync(join(folder, "vpin.parquet"));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    const metadata = parquetMetadata(file);
    expect(JSON.parse(metadata.key_value_metadata![0]!.value!)).toMatchObject({ kernel: "vpin", options: { bucket_volume: 50 } });
    expect(metadata.schema.find(({ name }) => name === "end_time")).toMatchObject({ logical_type: { type: "TIMESTAMP", unit: "NANOS" } });
    const same = (value: unknown) => value as Date;
    const parsers = {
      timestampFromMilliseconds: same,
      timestampFromMicroseconds: same,
      timestampFromNanoseconds: same,
      dateFromDays: same,
    };
    const read = await parquetReadObjects({ file, parsers });
    expect(read.map(({ end_time: time }) => time)).toEqual(Array.from(want.endTime));
    expectClose(
      read.map(({ vpin: value }) => value ?? Number.NaN),
      want.vpin,
      "vpin",
    );
    expect(read.slice(0, 19).map(({ vpin: value, cdf }) => [value, cdf])).toEqual(Array(19).fill([null, null]));
    expect(read.map(({ end_index: at }) => at)).toEqual(Array.from(want.endIndex));
    const named = rows.map((r, i) => `${r.timeUs},${r.price},${r.size},${r.side > 0 ? "buy" : "sell"},${i % 3 ? '"A,B"' : "C"}\n`);
    writeFileSync(join(folder, "two.csv"), `time,price,size,side,symbol\n${named.join("")}`);
    expect((await replay("two.csv", "--out", "two.parquet", ...usual)).code).toBe(0);
    const two = readFileSync(join(folder, "two.parquet"));
    const names = await parquetReadObjects({ file: two.buffer.slice(two.byteOffset, two.byteOffset + two.length) });
    expect(new Set(names.map(({ instrument }) => instrument))).toEqual(new Set(["A,B", "C"]));
  });

  it("- is CSV on stdout, and the answer goes to stderr", async () => {
    const { code, stdout, stderr } = await replay("trades.csv", "--out", "-", ...usual);
    expect(code).toBe(0);
    await replay("trades.csv", "--out", "beside.csv", ...usual);
    expect(stdout).toBe(readFileSync(join(folder, "beside.csv"), "utf8"));
    expect(stderr).toMatch(/^trades\.csv .*\nvpin +0\.\d{3} /s);
    expect(stderr).not.toMatch(/wrote|--out vpin\.csv/);
    const piped = await tickforge(["replay", "-", "--out", "-", "--quiet", ...usual], { input: text });
    expect(piped).toMatchObject({ code: 0, stderr: "" });
    // A pipe comes in other pieces, which may change last digits of sums.
    const times = (csv: string) => csv.split("\n").map((line) => line.split(",").slice(0, 3).join());
    expect(times(piped.stdout)).toEqual(times(stdout));
  });

  it("as an Arrow file the same, with types", async () => {
    expect((await replay("trades.csv", "--out", "vpin.arrow", ...usual)).code).toBe(0);
    const bytes = readFileSync(join(folder, "vpin.arrow"));
    expect(bytes.subarray(0, 6).toString()).toBe("ARROW1");
    const table = tableFromIPC(bytes);
    expect(table.schema.fields.map((f) => `${f.name} ${f.type}`)).toEqual([
      "start_time Timestamp<NANOSECOND, UTC>",
      "end_time Timestamp<NANOSECOND, UTC>",
      ...["end_index", "buy", "sell", "imbalance", "last_price", "vpin", "cdf"].map((name) => `${name} Float64`),
      "alarm Uint8",
    ]);
    expect(table.numRows).toBe(want.vpin.length);
    expectClose(table.getChild("end_time")!.data[0]!.values as BigInt64Array, want.endTime, "end_time");
    expectClose(
      Array.from(table.getChild("vpin")!, (v) => v ?? Number.NaN),
      want.vpin,
      "vpin",
    );
    expect(table.getChild("vpin")!.nullCount).toBe(19);
    expect(JSON.parse(table.schema.metadata.get("tickforge")!)).toMatchObject({ schema: 1, options: { window: 20 } });
  });

  it("names instruments in each format", async () => {
    const lines = rows.map((r, i) => `${r.timeUs},${r.price},${r.size},${r.side > 0 ? "buy" : "sell"},"${i % 2 ? "A,B" : "C"}"\n`);
    writeFileSync(join(folder, "named.csv"), `time,price,size,side,symbol\n${lines.join("")}`);
    for (const ending of ["csv", "json", "arrow"]) {
      const { code } = await replay("named.csv", "--out", `named-out.${ending}`);
      expect(code).toBe(0);
    }
    expect(readFileSync(join(folder, "named-out.csv"), "utf8").split("\n")[1]).toMatch(/,("A,B"|C),/);
    expect(new Set(JSON.parse(readFileSync(join(folder, "named-out.json"), "utf8")).columns.instrument)).toEqual(new Set(["C", "A,B"]));
    const names = tableFromIPC(readFileSync(join(folder, "named-out.arrow"))).getChild("instrument")!;
    expect(new Set(names)).toEqual(new Set(["C", "A,B"]));
  });
});

describe("other ways in and out", () => {
  it("records, and replays the recording to the same buckets", async () => {
    expect((await replay("trades.csv", "--record", "trades.tfr", "--out", "one.csv", ...usual)).code).toBe(0);
    const again = await replay("trades.tfr", "--out", "again.csv", ...usual);
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/^trades\.tfr {3}recording of topic 'trades'/);
    expect(readFileSync(join(folder, "again.csv"), "utf8")).toBe(readFileSync(join(folder, "one.csv"), "utf8"));
  });

  it("says where frames are missing from a recording, or come again", async () => {
    expect((await replay("trades.csv", "--record", "gaps.tfr", ...usual)).code).toBe(0);
    const whole = readFileSync(join(folder, "gaps.tfr"));
    const { layout, offset } = new RecordingReader(join(folder, "gaps.tfr"));
    const frame = (from: number) => whole.subarray(offset + from * layout.stride, offset + (from + 1) * layout.stride);
    expect((await replay("gaps.tfr", ...usual)).stderr).not.toMatch(/missing|again/);
    writeFileSync(join(folder, "gaps.tfr"), Buffer.concat([whole.subarray(0, offset), frame(0), frame(0), frame(1)]));
    expect((await replay("gaps.tfr", ...usual)).stderr).toMatch(/gaps\.tfr: [\d,]+ rows come again/);
    const many = tradesTopic({ slots: 4, rows: 16 });
    const writer = new RecordingWriter(join(folder, "lost.tfr"), many, new Dictionary([]));
    for (const sequence of [0, 32]) {
      const columns = {
        time: new BigInt64Array(16),
        price: new Float64Array(16).fill(1),
        size: new Float64Array(16).fill(1),
        side: new Int8Array(16),
        instrument: new Uint32Array(16),
      };
      writer.append({
        rows: 16,
        sequence,
        producer: 1,
        epoch: 1,
        timeNs: 0n,
        slot: 0,
        from: 0,
        lost: 0,
        columns,
        intact: () => true,
      } as never);
    }
    writer.close();
    expect((await replay("lost.tfr", ...usual)).stderr).toMatch(/lost\.tfr: 16 rows are missing between its frames/);
  });

  it("classifies what was recorded without sides as its file", async () => {
    writeFileSync(join(folder, "sideless.csv"), rows.map((r) => `${Math.floor(r.timeUs / 1e6)},${r.price},${r.size}\n`).join(""));
    const bars = [...usual, "--bars", "10s"];
    expect((await replay("sideless.csv", "--record", "sideless.tfr", "--out", "sideless-one.csv", ...bars)).code).toBe(0);
    const again = await replay("sideless.tfr", "--out", "sideless-again.csv", ...bars);
    expect(again.stdout).toMatch(/^side: bvc: bars of 10 s, .* \(no side in the file\)$/m);
    expect(readFileSync(join(folder, "sideless-again.csv"), "utf8")).toBe(readFileSync(join(folder, "sideless-one.csv"), "utf8"));
  });

  it("reads stdin with a bucket volume", async () => {
    const { code, stdout } = await tickforge(["replay", "-", "--json", ...usual], { input: text });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ files: ["-"], trades: rows.length, buckets: want.vpin.length });
  });

  it("takes bars of a file for what they are: the VPIN of the trades that they were made of", async () => {
    const seconds = 10;
    const bars = new Map<number, { o: number; h: number; l: number; c: number; v: number }>();
    for (const { timeUs, price: p, size } of rows) {
      const at = Math.floor(timeUs / 1e6 / seconds) * seconds;
      const bar = bars.get(at) ?? { o: p, h: p, l: p, c: p, v: 0 };
      bars.set(at, { o: bar.o, h: Math.max(bar.h, p), l: Math.min(bar.l, p), c: p, v: bar.v + size });
    }
    const lines = [...bars].map(([at, { o, h, l, c, v }]) => `${new Date(1000 * at).toISOString()};${o};${h};${l};${c};${v}\n`);
    writeFileSync(join(folder, "bars.csv"), `Date;Open;High;Low;Close;Volume\n${lines.join("")}`);
    const { code, stdout } = await replay("bars.csv", ...usual, "--out", "of-bars.csv", "--report", "of-bars.html");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^bars\.csv {3}bars of 10 s, columns by name, time = 'Date', price = 'Close', size = 'Volume'/);
    expect(stdout).toContain(`${bars.size} bars of the file   volume`);
    expect(stdout).toMatch(/^side: bvc: bars of the file, 10 s, sides from their price changes over sigma of about a day$/m);
    expect(stdout.match(/bars are larger than a bucket/g), "once, with what a file of bars allows").toHaveLength(1);
    expect(stdout).not.toMatch(/shorter --bars|trades (are|on average)/);
    const page = readFileSync(join(folder, "of-bars.html"), "utf8");
    expect(page).toContain("Bars of the file");
    expect(page).not.toMatch(/>Trades<|First trade|trades? larger than one bucket/);
    await replay("trades.csv", ...usual, "--classify", "bvc", "--bars", "10s", "--out", "of-trades.csv");
    const cells = (name: string) =>
      readFileSync(join(folder, name), "utf8")
        .trimEnd()
        .split("\n")
        .slice(1)
        .map((line) => line.split(","));
    const [got, expected] = [cells("of-bars.csv"), cells("of-trades.csv")];
    expect(expected.length).toBeGreaterThan(500);
    for (const [column, name] of [
      [3, "buy"],
      [4, "sell"],
      [6, "last price"],
      [7, "vpin"],
      [8, "cdf"],
    ] as const)
      expectClose(
        got.map((row) => number(row[column]!)),
        expected.map((row) => number(row[column]!)),
        name,
      );
    const json = JSON.parse((await replay("bars.csv", "--window", "10", "--json")).stdout);
    expect(json).toMatchObject({ rows: "bars of the file", trades: bars.size, options: { classify: "bvc", barSeconds: 10 } });
    expect(json.instruments[0].bucketVolumeBy).toMatch(/ typical bars each$/);
    expect((await replay("bars.csv")).stderr).toMatch(
      /no bucket volume is sound: [\d,]+ bars, and a VPIN over 50 buckets needs about [\d,]+ of such/,
    );
  });

  it("names what cannot be had of bars", async () => {
    writeFileSync(join(folder, "few.csv"), "time,open,high,low,close,volume\n1700000000,1,2,1,2,5\n1700000060,2,2,1,1,5\n");
    for (const [flags, says] of [
      ["--classify given", /^tickforge: --classify given needs what buyers took of each bar, or trades, and the file holds bars\n/],
      ["--classify tick_rule", /--classify tick_rule needs trades/],
      ["--bars 60s", /--bars makes bars of trades/],
      ["--empty emit --classify bvc", /--empty emit makes bars of trades/],
      ["--measures kyle_lambda", /--measures kyle_lambda needs trades/],
      ["--record few.tfr", /--record keeps trades/],
    ] as const) {
      const { code, stderr } = await replay("few.csv", "--bucket-volume", "1", ...flags.split(" "));
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(says) });
      expect(stderr).toContain("[E_BARS]");
    }
    writeFileSync(join(folder, "one.csv"), "time,open,high,low,close,volume\n1700000000,1,2,1,2,5\n");
    expect((await replay("one.csv")).stderr).toMatch(/no two rows that tell how long a bar is/);
    expect((await replay("few.csv", "trades.csv", "--join")).stderr).toMatch(/it holds .*, and the file before it/);
    expect(existsSync(join(folder, "few.tfr"))).toBe(false);
  });

  it("names many files once each in what may come next, and with --quiet says nothing", async () => {
    const lines = text.split(/(?<=\n)/);
    const names = [0, 1, 2].map((i) => `part ${i}.csv`);
    names.forEach((name, i) => void writeFileSync(join(folder, name), lines.slice(10_000 * i, 10_000 * (i + 1)).join("")));
    const { stdout } = await replay(...names, "--join", ...usual);
    expect(stdout.split("\n").slice(-6)).toEqual([
      "next:  tickforge replay FILES --join --bucket-volume 50 --window 20 --report toxicity.html  charts and toxic hours",
      "       tickforge replay FILES --join --bucket-volume 50 --window 20 --out vpin.csv          every bucket, for pandas, polars or DuckDB",
      "FILES:  'part 0.csv'",
      "        'part 1.csv'",
      "        'part 2.csv'",
      "",
    ]);
    writeFileSync(join(folder, "one bad.csv"), text.replace(",", ",x"));
    expect((await replay("one bad.csv", ...usual, "--on-bad", "report")).stderr).toMatch(/^one bad\.csv, line 1: /);
    expect(await replay("one bad.csv", ...usual, "--on-bad", "report", "--quiet")).toMatchObject({ stdout: "", stderr: "", code: 0 });
    expect(JSON.parse((await replay("trades.csv", ...usual, "--quiet", "--json")).stdout).trades).toBe(rows.length);
  });

  it("keeps a pipe in a temporary file where its volume must be known first, and says so", async () => {
    const kept = join(folder, "spools");
    mkdirSync(kept);
    const env = { TMPDIR: kept };
    const { code, stdout, stderr } = await tickforge(["replay", "-", "--json"], { input: gzipSync(text), env });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^tickforge: spooled \d\.\d MB to measure volume \(--bucket-volume V reads a pipe as it comes\)\n$/),
    });
    expect(readdirSync(kept)).toEqual([]);
    const file = JSON.parse((await replay("trades.csv.gz", "--json")).stdout);
    const { instruments, options, format } = JSON.parse(stdout);
    expect({ instruments, options, format }).toEqual({ instruments: file.instruments, options: file.options, format: file.format });
    const bad = await tickforge(["replay", "-", "--quiet"], { input: text.replace(",", ",x"), env });
    expect(bad.stderr).toMatch(/^tickforge: stdin, line 1: price is/);
    expect(readdirSync(kept)).toEqual([]);
  });

  it("takes several files as one tape", async () => {
    const lines = text.split(/(?<=\n)/);
    writeFileSync(join(folder, "a.csv"), lines.slice(0, 11_111).join(""));
    writeFileSync(join(folder, "b.csv"), lines.slice(11_111).join(""));
    const { stdout } = await replay("a.csv", "b.csv", "--json", ...usual);
    expect(JSON.parse(stdout)).toMatchObject({ trades: rows.length, buckets: want.vpin.length });
  });

  it("takes trades from --from to before --to, and says what is odd about those alone", async () => {
    const [from, to] = ["2026-01-12T00:10:00", "2026-01-12T00:20:00"];
    const odd = (line: string, i: number) => (i % 100 === 0 ? `${line}\n${line}` : i % 1000 === 1 ? line.replace(",", ",x") : line);
    const lines = text.trimEnd().split("\n").map(odd);
    writeFileSync(join(folder, "odd.csv"), lines.join("\n"));
    const { stdout } = await replay("odd.csv", "--from", from, "--to", to, "--on-bad", "skip", "--json");
    const within = rows.map((r) => r.timeUs >= Date.parse(`${from}Z`) * 1000 && r.timeUs < Date.parse(`${to}Z`) * 1000);
    const count = (of: (i: number) => boolean) => within.filter((is, i) => is && of(i)).length;
    const expected = { duplicates: count((i) => i % 100 === 0), trades: count((i) => i % 1000 !== 1) + count((i) => i % 100 === 0) };
    expect(JSON.parse(stdout)).toMatchObject({ ...expected, rejected: { total: count((i) => i % 1000 === 1) } });
    expect(expected.trades).toBeGreaterThan(100);
  });

  it("reads columns by name, with sides in words of one's own", async () => {
    const lines = rows.map((r) => `${r.price};${r.side > 0 ? "lift" : "hit"};${r.timeUs};${r.size}`);
    writeFileSync(join(folder, "own.csv"), `p;s;when;n\n${lines.join("\n")}\n`);
    const { code, stdout, stderr } = await replay(
      ..."own.csv --time when --price p --size n --side s --buy lift --sell hit --json".split(" "),
      ...usual,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout).instruments[0].vpin.last).toBeCloseTo(want.vpin.at(-1)!, 9);
  });

  it("gives the same on the reference", async () => {
    const { stdout } = await replay("trades.csv", "--backend", "reference", "--json", ...usual);
    expect(JSON.parse(stdout).instruments[0].vpin.last).toBeCloseTo(want.vpin.at(-1)!, 9);
  });

  it("leaves no part of a file behind", () => {
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
    expect(existsSync(join(folder, "vpin.csv"))).toBe(true);
  });
});
