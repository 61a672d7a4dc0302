/** What one page is told, and what it costs while it does not read. */
import { describe, expect, it } from "vitest";
import { crc32c, Frames, layoutOf } from "../../../src/bus/frame.js";
import type { Alarm } from "../../../src/page/series/alarm_log.js";
import { drawn, type Told } from "../../../src/page/series/wire.js";
import { LiveSource } from "../../../src/page/server/live_source.js";
import { Session } from "../../../src/page/server/session.js";
import { buckets, market, start, trades } from "../kit.js";

/** As `ws` has it, of a page that reads or not. */
class Socket {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  reads = true;
  closed: number | undefined;
  readonly told: Told[] = [];
  readonly frames: Uint8Array[] = [];
  private hear: (data: Buffer, binary: boolean) => void = () => {};
  on(_: string, hear: (data: Buffer, binary: boolean) => void): void {
    this.hear = hear;
  }
  send(data: string | Uint8Array): void {
    if (typeof data === "string") this.told.push(JSON.parse(data));
    else this.frames.push(data);
    if (!this.reads) this.bufferedAmount += data.length;
  }
  close(code: number): void {
    this.closed = code;
  }
  say(asked: unknown): void {
    this.hear(Buffer.from(JSON.stringify(asked)), false);
  }
  of<K extends Told["kind"]>(kind: K): Extract<Told, { kind: K }>[] {
    return this.told.filter((one): one is Extract<Told, { kind: K }> => one.kind === kind);
  }
}
function opened() {
  const { job, publishers } = market();
  const source = new LiveSource(job);
  const socket = new Socket();
  const session = new Session(socket as never, source, "server", crc32c);
  let now = 0;
  const tick = (count = 1) => {
    for (let i = 0; i < count; i++) {
      source.turn();
      session.tick((now += 25));
    }
  };
  return { ...publishers, source, socket, tick };
}
function linesOf(frame: Uint8Array) {
  const rows = new Uint32Array(frame.buffer, 0, 16)[4]!;
  const { series, x, low, high } = new Frames(layoutOf(drawn(Math.max(1, rows))), frame.buffer as ArrayBuffer, 0, 1).slots[0]!.columns;
  return Array.from({ length: rows }, (_, i) => [series[i]!, (x[i]! - start) / 1000, low[i]!, high[i]!]);
}
const all = (number: number, length = 0) => ({ kind: "view", view: { number, length, columns: 100, series: [0, 1, 2, 3] } });

describe("a session", () => {
  it("sends one frame a tick with what is new, and nothing where nothing is", () => {
    const { trades: to, socket, tick } = opened();
    to.publish(trades(0, 10));
    tick();
    socket.say(all(1, 60_000));
    tick();
    expect(socket.frames.length).toBe(1);
    expect(linesOf(socket.frames[0]!).filter(([id]) => id === 0)).toEqual(Array.from({ length: 10 }, (_, i) => [0, i, 100 + i, 100 + i]));
    tick(5);
    expect(socket.frames.length).toBe(1);
    to.publish(trades(10, 1));
    tick();
    // The last column of pixels may have grown, so it comes again.
    expect(linesOf(socket.frames[1]!).filter(([id]) => id === 0)).toEqual([
      [0, 9, 109, 109],
      [0, 10, 110, 110],
    ]);
    expect(socket.of("series").flatMap(({ series }) => series.map(({ of }) => of))).toEqual(["ALPHA", "<img src=x onerror=alert(1)>"]);
  });

  it("tells the last value behind a column that holds several, and the column again as it grows", () => {
    const { trades: to, socket, tick } = opened();
    to.publish(trades(0, 250));
    tick();
    // A column is a minute: all rows of ALPHA lie in few of them.
    socket.say(all(1, 6_000_000));
    tick();
    const first = linesOf(socket.frames[0]!).filter(([id]) => id === 0);
    expect(first.at(-1)!.slice(2)).toEqual([first.at(-1)![3], first.at(-2)![3]]);
    to.publish(trades(250, 2));
    tick();
    const again = linesOf(socket.frames[1]!).filter(([id]) => id === 0);
    expect(again[0]![1]).toBe(first.at(-2)![1]);
    expect(again[0]![3]!).toBeGreaterThan(first.at(-2)![3]!);
    expect(again.at(-1)![2]).toBe(again[0]![3]);
  });

  it("answers with the last rows up to a time, and those before them", () => {
    const { trades: to, socket, tick } = opened();
    to.publish(trades(0, 100));
    tick();
    const rows = (more: object) => {
      socket.say({ kind: "rows", rows: { id: 1, topic: "trades", count: 3, ...more } });
      return socket.of("rows").at(-1)?.numbers;
    };
    // Two trades each second.
    expect(rows({ until: start + 10_000 })).toEqual([19, 20, 21]);
    expect(rows({ until: start + 10_999, of: "ALPHA" })).toEqual([16, 18, 20]);
    expect(rows({ until: start - 1 })).toEqual([]);
    expect(rows({ until: start + 1e9 })).toEqual([197, 198, 199]);
    expect(rows({ before: 19 })).toEqual([16, 17, 18]);
  });

  it("costs no more than a bound while its page does not read, counts that, and loses no alarm", () => {
    const { trades: to, toxicity, socket, tick, source } = opened();
    to.publish(trades(0, 100));
    tick();
    socket.say(all(1));
    tick();
    socket.reads = false;
    for (let i = 0; i < 3000; i++) {
      to.publish(trades(100 + i, 1));
      if (i % 10 === 0) toxicity.publish(buckets(10 + i / 10, 1, i % 40 === 0 ? [10 + i / 10] : []));
      tick();
    }
    expect(socket.bufferedAmount).toBeGreaterThan(2 ** 18);
    expect(socket.bufferedAmount).toBeLessThan(2 ** 20);
    const before = socket.of("alarms").flatMap(({ alarms }) => alarms).length;
    expect(before).toBeLessThan(75);
    socket.reads = true;
    socket.bufferedAmount = 0;
    tick(40);
    const known = new Map<number, Alarm>();
    for (const { alarms } of socket.of("alarms")) for (const alarm of alarms) known.set(alarm.row, alarm);
    expect([...known.keys()]).toEqual(Array.from({ length: 75 }, (_, i) => 4 * i));
    expect([...known.values()].filter(({ standing }) => standing)).toEqual([]);
    expect(source.picture.alarms.all.length).toBe(75);
    expect(socket.of("status").at(-1)!.skipped).toBeGreaterThan(1000);
    expect(
      linesOf(socket.frames.at(-1)!)
        .filter(([id]) => id === 0)
        .at(-1)![3],
    ).toBe(3199);
  });

  it("goes on where the clock was set back by a day, says so, and has the page forget what was later", () => {
    const { trades: to, socket, tick } = opened();
    const day = 86_400;
    to.publish(trades(0, 60));
    tick();
    socket.say(all(1));
    tick();
    to.publish(trades(day, 20));
    tick();
    to.publish(trades(60, 20));
    tick(40);
    to.publish(trades(80, 5));
    tick(20);
    expect(socket.of("status").at(-1)).toMatchObject({ span: [start, start + 84_000], turnedBy: 1000 * (day + 19 - 67) });
    const anew = socket.frames.findLastIndex((frame) => new Uint32Array(frame.buffer, frame.byteOffset, 16)[14] === 1);
    const shown = socket.frames.slice(anew).flatMap((frame) => linesOf(frame).filter(([id]) => id === 0));
    expect([Math.max(...shown.map(([, x]) => x!)), Math.min(...shown.map(([, , low]) => low!)), shown.at(-1)![3]]).toEqual([84, 100, 184]);
  });

  it("tells more alarms than one message holds with those that follow", () => {
    const { toxicity, socket, source, tick } = opened();
    const alarms = Array.from({ length: 1300 }, (_, i) => 2 * i);
    for (let at = 0; at < 2600; at += 50) {
      toxicity.publish(buckets(at, 50, alarms));
      source.turn();
    }
    tick(4);
    expect(socket.of("alarms").map(({ alarms }) => alarms.length)).toEqual([500, 500, 300]);
    expect(new Set(socket.of("alarms").flatMap(({ alarms }) => alarms.map(({ row }) => row))).size).toBe(1300);
  });

  it("gives a page that comes back the alarms that changed since, and those of another server all", () => {
    const { toxicity, socket, tick } = opened();
    toxicity.publish(buckets(0, 9, [2, 5]));
    socket.say({ kind: "alarms", server: "server", revision: 2 });
    tick();
    expect(socket.of("alarms").map(({ anew, alarms }) => [anew, alarms.map(({ row }) => row)])).toEqual([[false, [5]]]);
    const other = opened();
    other.toxicity.publish(buckets(0, 9, [2, 5]));
    other.socket.say({ kind: "alarms", server: "another", revision: 2 });
    other.tick();
    expect(other.socket.of("alarms").map(({ anew, alarms }) => [anew, alarms.map(({ row }) => row)])).toEqual([[true, [2, 5]]]);
  });

  it("answers with raw rows: the newest, those before, of a time, of one instrument", () => {
    const { trades: to, socket, tick } = opened();
    to.publish(trades(0, 100));
    tick();
    const ask = (more: object) => {
      socket.say({ kind: "rows", rows: { id: 7, topic: "trades", count: 4, ...more } });
      return socket.of("rows").at(-1)!;
    };
    expect(ask({}).numbers).toEqual([196, 197, 198, 199]);
    expect(ask({ before: 10 }).numbers).toEqual([6, 7, 8, 9]);
    expect(ask({ from: 50, of: "ALPHA" }).numbers).toEqual([50, 52, 54, 56]);
    expect(ask({ time: [start + 20_000, start + 21_000] })).toMatchObject({ numbers: [40, 41, 42, 43], more: false, rows: 200, first: 0 });
    expect(ask({ time: [start + 20_000, start + 22_000] }).more).toBe(true);
    expect(ask({ from: 41, count: 1 }).cells).toEqual([["1768176020000000000", 120, 2, 1, "<img src=x onerror=alert(1)>"]]);
    socket.say({ kind: "rows", rows: { id: 8, topic: "none", count: 4 } });
    expect(socket.of("error").at(-1)).toMatchObject({ id: 8, message: "there is no topic 'none'" });
  });

  it.each([
    ["no JSON", "{"],
    ["no message", "7"],
    ["another kind", '{"kind":"kill"}'],
    ["series", '{"kind":"view","view":{"number":1,"length":0,"columns":9,"series":[1e99]}}'],
    ["span", '{"kind":"view","view":{"number":1,"length":0,"columns":9,"series":[],"span":[2,1]}}'],
  ])("refuses %s, and a page that goes on so", (_, text) => {
    const { socket } = opened();
    for (let i = 0; i < 16; i++) (socket as unknown as { hear(data: Buffer, binary: boolean): void }).hear(Buffer.from(text), false);
    expect(socket.of("error").length).toBe(16);
    expect(socket.closed).toBe(1008);
  });
});
