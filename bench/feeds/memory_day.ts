/**
 * A day of a venue over one socket: a recording of Binance's messages said again and again with ids that go on, until so many rows came (50 M
 * where no number is given), and the memory of the process every tenth of them. Ids must go on without a hole: a row that is lost, doubled or
 * refused ends it. The venue's REST answers nothing, so that a book is waited for all day. `node dist/bench/feeds/memory_day.js RECORDING.gz [rows]`
 */
import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { WebSocketServer } from "ws";
import { install } from "../../src/backends/index.js";
import { topic } from "../../src/bus/frame.js";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { logLine } from "../../src/feeds/audit/feed_log.js";
import { binance } from "../../src/feeds/binance/spot.js";
import { LiveFeed } from "../../src/feeds/connect/live_feed.js";
import { liveColumns } from "../../src/feeds/kit/rows.js";

const [file, given = "5e7", role] = process.argv.slice(2);
if (file === undefined) throw new Error("memory_day needs a recording of Binance's messages, such as binance.ws.gz");
const rows = Number(given);

/** Texts between the ids of a message, and those ids: of trades (t) and of updates (u, U). */
interface Message {
  readonly texts: readonly string[];
  readonly ids: readonly { readonly of: "t" | "u"; readonly id: number }[];
}
function messages(): Message[] {
  return gunzipSync(readFileSync(file!))
    .toString("latin1")
    .split("\n")
    .flatMap((line) => {
      const found = logLine(Buffer.from(line, "latin1"));
      const text = found && Buffer.from(found.frame).toString("latin1");
      if (!text || !/"e":"(trade|depthUpdate)"|"B":/.test(text) || /aggTrade/.test(text)) return [];
      const parts = text.split(/("(?:t|u|U)":)(\d+)/);
      const [texts, ids]: [string[], Message["ids"][number][]] = [[parts[0]!], []];
      for (let i = 1; i < parts.length; i += 3) {
        texts[texts.length - 1] += parts[i];
        ids.push({ of: parts[i] === '"t":' ? "t" : "u", id: Number(parts[i + 1]) });
        texts.push(parts[i + 2]!);
      }
      return [{ texts, ids }];
    });
}

function venue(): void {
  const all = messages();
  const span = (of: "t" | "u") => {
    const ids = all.flatMap((message) => message.ids.filter((one) => one.of === of).map(({ id }) => id));
    return ids.reduce((most, id) => Math.max(most, id), 0) - ids.reduce((least, id) => Math.min(least, id), Infinity) + 1;
  };
  const step = { t: span("t"), u: span("u") };
  const frameOf = (text: string) => {
    const head = text.length < 126 ? [0x81, text.length] : [0x81, 126, text.length >> 8, text.length & 255];
    if (text.length < 65_536) return Buffer.concat([Buffer.from(head), Buffer.from(text, "latin1")]);
    const long = Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
    long.writeUInt32BE(text.length, 6);
    return Buffer.concat([long, Buffer.from(text, "latin1")]);
  };
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  server.on("listening", () => process.send!((server.address() as AddressInfo).port));
  server.on("connection", (_, { socket }) => {
    let [cycle, at] = [0, 0];
    const say = (): void => {
      for (;;) {
        const now = `":${Date.now()}`;
        const some: Buffer[] = [];
        for (let i = 0; i < 64; i++) {
          const { texts, ids } = all[at]!;
          let text = texts[0]!;
          for (const [place, { of, id }] of ids.entries()) text += String(id + cycle * step[of]) + texts[place + 1];
          some.push(frameOf(text.replace(/":1[67]\d{11}(?=[,}])/g, now)));
          if (++at === all.length) [cycle, at] = [cycle + 1, 0];
        }
        if (!socket.write(Buffer.concat(some))) return void socket.once("drain", say);
      }
    };
    say();
  });
}

const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;

async function measure(): Promise<void> {
  install();
  const symbols = ["BTCUSDT"];
  const child = fork(fileURLToPath(import.meta.url), [file!, given, "venue"]);
  const port = await new Promise((resolve) => child.once("message", resolve));
  const bus = new MemoryBus();
  const names = ["trades", "quotes", "depth"] as const;
  const ends = names.map((name) => {
    const of = topic({ name, columns: liveColumns[name] as any, rows: 1024, slots: 64, backpressure: "block", symbols });
    return { name, publisher: bus.publisher(of), subscription: bus.subscribe(of) };
  });
  const feed = new LiveFeed({
    ...{ venue: binance, symbols, instruments: [0], url: `ws://127.0.0.1:${port}`, rest: `http://127.0.0.1:${port}` },
    topics: Object.fromEntries(ends.map(({ name, publisher }) => [name, publisher])),
    log: () => {},
  });
  const seen = { trades: 0, quotes: 0, depth: 0 };
  let [before, told, last] = [performance.now(), 0, -1n];
  const used = process.cpuUsage();
  const check = (id: BigInt64Array, count: number) => {
    for (let row = 0; row < count; row++) {
      if (last >= 0n && id[row] !== last + 1n) throw new Error(`trade ${id[row]} came after ${last}`);
      last = id[row]!;
    }
  };
  for (let all = 0; all < rows; ) {
    for (const { name, subscription } of ends)
      subscription.poll(({ columns, rows: count }) => {
        if (name === "trades") check((columns as any).id, count);
        seen[name] += count;
        all += count;
      });
    if (all >= (rows / 10) * (told + 1)) {
      told++;
      const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
      const { user, system } = process.cpuUsage(used);
      const row = {
        ...{
          path: "feeds/memory of a day",
          rows: all,
          ...seen,
          rssMB: megabytes(rss),
          heapMB: megabytes(heapUsed),
          buffersMB: megabytes(arrayBuffers),
        },
        ...{
          seconds: Math.round((performance.now() - before) / 1000),
          processorSeconds: Math.round((user + system) / 1e6),
          load: loadavg()[0],
        },
      };
      process.stdout.write(`${JSON.stringify(row)}\n`);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { left, status } = feed.stats();
  process.stdout.write(`${JSON.stringify({ path: "feeds/memory of a day", left, status })}\n`);
  feed.close(true);
  child.kill();
}

if (role === "venue") venue();
else await measure();
