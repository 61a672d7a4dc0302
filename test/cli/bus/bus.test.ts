/** tickforge bus as a stranger uses it: one holds topics, one plays a recording, one looks, one reads rows. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import { RecordingWriter } from "../../../src/bus/recording/recording_writer.js";
import { RingBus } from "../../../src/bus/ring/ring.js";
import { pathOf } from "../../../src/bus/shared/mapped.js";
import { SharedBus } from "../../../src/bus/shared/shared_bus.js";
import { mainFile, requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

const folder = temporaryFolder();
const rings = join(folder, "rings");
const declaration = join(folder, "topics.json");
const recording = join(folder, "ticks.tfr");
const ticks = topic({
  name: "ticks",
  columns: { time: { dtype: "i64" }, price: { dtype: "f64", width: 2 }, symbol: { dtype: "u32" } },
  rows: 4,
  slots: 16,
  backpressure: "block",
  symbols: ["BTCUSDT", "ETHUSDT"],
});
const frame = (first: number, rows = 4) => ({
  time: BigInt64Array.from({ length: rows }, (_, i) => BigInt(first + i) * 1_000_000n),
  price: Float64Array.from({ length: 2 * rows }, (_, i) => first + i / 2),
  symbol: Uint32Array.from({ length: rows }, (_, i) => i % 2),
});

const running: { child: ChildProcess; ended: Promise<unknown> }[] = [];
const buses: SharedBus[] = [];
function shared(): SharedBus {
  const made = new SharedBus({ folder: rings });
  buses.push(made);
  return made;
}
/** A command that goes on, and what it has said so far. */
function start(...args: string[]): { child: ChildProcess; said(text: RegExp): Promise<string>; ended: Promise<number | null> } {
  const child = spawn(process.execPath, [mainFile, "bus", ...args, "--folder", rings], { env: { ...process.env, NO_COLOR: "1" } });
  let text = "";
  const listeners = new Set<() => void>();
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  running.push({ child, ended });
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data) => {
      text += data;
      for (const listener of listeners) listener();
    });
  const said = (what: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => what.test(text) && resolve(text);
      listeners.add(look);
      ended.then(() => what.test(text) || reject(new Error(`ended before it said ${what}: ${text}`)));
      look();
    });
  return { child, said, ended };
}
const bus = (...args: string[]) => tickforge(["bus", ...args, "--folder", rings]);

beforeAll(() => {
  requireBuilt();
  mkdirSync(rings, { mode: 0o700 });
  writeFileSync(
    declaration,
    JSON.stringify({ topics: [{ ...ticks, columns: { time: "i64", price: { dtype: "f64", width: 2 }, symbol: "u32" } }] }),
  );
  const memory = new RingBus();
  const [publisher, subscription] = [memory.publisher(ticks), memory.subscribe(ticks)];
  const writer = new RecordingWriter(recording, ticks, publisher.symbols);
  for (let i = 0; i < 5; i++) {
    publisher.publish(frame(4 * i), BigInt(i));
    subscription.poll((batch) => void writer.append(batch));
  }
  writer.close();
  memory.close();
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill("SIGKILL");
    await ended;
  }
  for (const one of buses.splice(0)) one.close();
});

describe("bus up", () => {
  it("makes the topics, holds them, and removes them on Ctrl-C", async () => {
    const { child, said, ended } = start("up", declaration);
    const screen = await said(/until Ctrl-C/);
    expect(screen).toMatch(/^ticks +3 +4 +16 +[\d,]+ {2}block$/m);
    expect(readdirSync(rings)).toEqual(["ticks.ring"]);
    expect((await bus("status")).stdout).toContain("held, and nobody publishes or subscribes");
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(readdirSync(rings)).toEqual([]);
  });

  it("leaves a topic that somebody else uses, and says so", async () => {
    const { child, said, ended } = start("up", declaration);
    await said(/until Ctrl-C/);
    const other = shared();
    other.subscribe(ticks);
    child.kill("SIGTERM");
    expect(await ended).toBe(143);
    await said(/left to who uses them: ticks/);
    other.close();
    expect(readdirSync(rings)).toEqual([]);
  });

  it("knows what a process that was killed left behind, and goes on from there", async () => {
    const first = start("up", declaration);
    await first.said(/until Ctrl-C/);
    expect((await bus("play", recording)).code).toBe(0);
    first.child.kill("SIGKILL");
    await first.ended;
    expect((await bus("status")).stdout).toMatch(/left behind: nobody has it open; who opens it next goes on from row 20/);
    const second = start("up", declaration);
    await second.said(/ticks: left behind by a process that died, and used on from row 20/);
    second.child.kill("SIGINT");
    await second.ended;
    writeFileSync(pathOf(rings, "ticks"), Buffer.alloc(4096), { mode: 0o600 });
    const { stdout, code } = await bus("status");
    expect(code).toBe(0);
    expect(stdout).toMatch(/ticks .*not with a ring's magic {3}\[E_BUS_MAGIC\]/);
    const third = start("up", declaration);
    await third.said(/ticks: a file that was left behind was made anew \(E_BUS_MAGIC\)/);
    third.child.kill("SIGINT");
    await third.ended;
  });
});

describe("bus play, tail and status", () => {
  it("rows of a recording come through, as text and as NDJSON; what is full and who is dead is seen", async () => {
    const holder = start("up", declaration);
    await holder.said(/until Ctrl-C/);
    const follower = start("tail", "ticks", "--follow", "--json", "--limit", "20");
    await follower.said(/waiting for a publisher/);
    const played = await bus("play", recording, "--pin", "0");
    expect(played).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ticks {3}20 rows in 5 batches, .* rows\/s {3}hash [0-9a-f]{8}\n$/),
    });
    expect(await follower.ended).toBe(0);
    const lines = (await follower.said(/"row":19/)).split("\n").filter((line) => line.startsWith("{"));
    const rows = lines.map((line) => JSON.parse(line));
    expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(rows[5]).toEqual({
      schema: 1,
      topic: "ticks",
      row: 5,
      time: "1970-01-01T00:00:00.000000001Z",
      columns: { time: "5000000", price: [5, 5.5], symbol: "ETHUSDT" },
    });
    const last = await bus("tail", "ticks", "--limit", "2");
    expect(last).toMatchObject({
      code: 0,
      stdout: "row\ttime\tprice\tsymbol\n18\t18000000\t18,18.5\tBTCUSDT\n19\t19000000\t19,19.5\tETHUSDT\n",
    });
    const from = await bus("tail", "ticks", "--from", "17");
    expect(from.stdout.split("\n").map((line) => line.split("\t")[0])).toEqual(["row", "17", "18", "19", ""]);
    expect((await bus("tail", "ticks")).stdout.trim().split("\n")).toHaveLength(11);
  });

  it("a subscriber that does not read is seen by name, with its lag, and a playing process can be stopped", async () => {
    const reader = shared();
    reader.subscribe({ ...ticks, slots: 2 });
    const player = start("play", recording, "--quiet");
    const full = async () => JSON.parse((await bus("status", "ticks", "--json", "--over", "1ms")).stdout);
    let seen = await full();
    while (seen.published < 8 || seen.attached[0]?.state !== "full" || seen.attached[1]?.state !== "behind") seen = await full();
    expect(seen).toMatchObject({ schema: 1, topic: "ticks", inUse: true, published: 8, rows: 4, slots: 2, backpressure: "block" });
    expect(seen.attached).toMatchObject([
      { role: "publisher", pid: player.child.pid, state: "full", cursor: 2, rows: 8 },
      { role: "subscriber", pid: process.pid, state: "behind", cursor: 0, lag: 2, lost: 0 },
    ]);
    const { stdout } = await bus("status", "--over", "1ms");
    expect(stdout).toMatch(new RegExp(`^ {2}publisher +${player.child.pid} +full +2 +- +8 +- +0 +[\\d,]+ ms +-$`, "m"));
    player.child.kill("SIGINT");
    expect(await player.ended).toBe(130);
  });

  it("a killed producer is told to who follows, and shown as dead", async () => {
    const holder = start("up", declaration);
    await holder.said(/until Ctrl-C/);
    const follower = start("tail", "ticks", "--follow");
    await follower.said(/waiting for a publisher/);
    const player = start("play", recording, "--pace", "0.000001");
    await follower.said(/^0\t0\t/m);
    player.child.kill("SIGKILL");
    await player.ended;
    await follower.said(new RegExp(`the publisher, process ${player.child.pid}, died`));
    expect((await bus("status")).stdout).toMatch(/publisher +\d+ +dead/);
    holder.child.kill("SIGINT");
    await holder.ended;
    await follower.said(/topic 'ticks' was removed/);
    expect(await follower.ended).toBe(0);
  });

  it("tail tells what it missed, and ends on Ctrl-C", async () => {
    const mine = shared();
    const publisher = mine.publisher(ticks);
    publisher.publish(frame(0));
    const follower = start("tail", "ticks", "--follow", "--json");
    await follower.said(/"row":3/);
    follower.child.kill("SIGSTOP");
    for (let i = 1; i < 40; i++) publisher.publish(frame(4 * i));
    follower.child.kill("SIGCONT");
    await follower.said(/"missed":\d+/);
    await follower.said(/"row":159/);
    follower.child.kill("SIGINT");
    expect(await follower.ended).toBe(130);
  });
});

describe("wrong words", () => {
  const bad = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const one = (more: object) => JSON.stringify({ topics: [{ name: "a", columns: { x: "f64" }, ...more }] });
  const cases: [string[], number, string][] = [
    [[], 2, "E_USAGE"],
    [["stat"], 2, "E_USAGE"],
    [["up"], 2, "E_USAGE"],
    [["up", "none.json"], 1, "E_FILE_MISSING"],
    [["up", bad("text.json", "topics: a")], 3, "E_BUS_DECLARATION"],
    [["up", bad("empty.json", "{}")], 3, "E_BUS_DECLARATION"],
    [["up", bad("field.json", one({ colums: 1 }))], 3, "E_BUS_DECLARATION"],
    [["up", bad("column.json", one({ columns: { x: 5 } }))], 3, "E_BUS_DECLARATION"],
    [["up", bad("dtype.json", one({ columns: { x: "f16" } }))], 3, "E_BUS_DECLARATION"],
    [["up", bad("slots.json", one({ slots: 3 }))], 3, "E_BUS_DECLARATION"],
    [["up", bad("symbols.json", one({ symbols: [1] }))], 3, "E_BUS_DECLARATION"],
    [["up", bad("nothing.json", '[{ "name": "a" }]')], 3, "E_BUS_DECLARATION"],
    [["up", bad("twice.json", '[{"name":"a","columns":{"x":"f64"}},{"name":"a","columns":{"x":"f64"}}]')], 3, "E_BUS_DECLARATION"],
    [["tail"], 2, "E_USAGE"],
    [["tail", "a", "--limit", "0"], 2, "E_USAGE"],
    [["tail", "a", "--pace", "1"], 2, "E_USAGE"],
    [["tail", "nothing"], 1, "E_BUS_NAME"],
    [["status", "nothing"], 1, "E_BUS_NAME"],
    [["play"], 2, "E_USAGE"],
    [["play", "none.tfr"], 1, "E_BUS_FILE"],
    [["play", declaration], 3, "E_BUS_MAGIC"],
    [["play", recording, "--pace", "-1"], 2, "E_USAGE"],
    [["play", recording, "--pin", "first"], 2, "E_USAGE"],
    [["play", recording, "--real-time", "100"], 2, "E_BUS_OPTION"],
  ];
  for (const [args, code, name] of cases)
    it(`${args.join(" ").replaceAll(`${folder}/`, "")}: ${name}`, async () => {
      const ran = await bus(...args);
      expect(ran).toMatchObject({ code, stdout: "" });
      expect(ran.stderr).toMatch(new RegExp(`^tickforge: .*\\[${name}\\]\\n$`, "s"));
    });

  it("play spliced.tfr: a frame was taken out, and its hash tells", async () => {
    const bytes = readFileSync(recording);
    const start = bytes.readUInt32LE(8);
    const stride = (bytes.length - start - 128) / 5;
    const spliced = join(folder, "spliced.tfr");
    writeFileSync(spliced, Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + stride)]));
    const ran = await bus("play", spliced);
    expect(ran).toMatchObject({ code: 3, stdout: "" });
    expect(ran.stderr).toMatch(
      /16 rows, 20 when it was closed, hash \w{8}, stored \w{8}: column time, price, symbol differs.*\[E_BUS_HASH\]/s,
    );
    // One that has none is played, and says that.
    writeFileSync(spliced, bytes.subarray(0, bytes.length - 128));
    const [plain, json] = [await bus("play", spliced), await bus("play", recording, "--json")];
    expect(plain.stdout).toMatch(/hash \w{8} \(the recording has none\)\n$/);
    const { hash, recordedHash } = JSON.parse(json.stdout);
    expect([recordedHash, plain.stdout.includes(hash)]).toEqual([hash, true]);
  });

  it("a folder that is another's is refused", async () => {
    const open = join(folder, "open");
    mkdirSync(open, { mode: 0o755 });
    expect(await tickforge(["bus", "status", "--folder", open])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("[E_BUS_PERMISSION]"),
    });
  });
});
