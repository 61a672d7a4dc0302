/**
 * The same records through Redis: two processes and a redis-server of their own on a unix socket; every number and checksum is
 * verified. Skipped where there is no redis-server. Alone: `node dist/bench/bus/redis.js [seconds] [runs] [records of the long run]`.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { topic } from "../../src/bus/frame.js";
import { RedisBus } from "../../src/index.js";
import { depth, publishBare, readBare } from "./redis_bare.js";
import { installed, server } from "./redis_server.js";
import { median, percentiles, print } from "./row.js";
import { checkOf, counts, RECORD_BYTES, trades, verify } from "./stream.js";

interface Job {
  kind: "publish" | "stamp" | "bare";
  url: string;
  batch: number;
}
const stamps = topic({ name: "stamps", columns: { stamp: { dtype: "f64" } }, rows: 1, slots: 64, backpressure: "block" });
const clock = () => Number(process.hrtime.bigint()) / 1000;
const flow = (batch: number) => topic({ ...trades(batch), name: `flow.${batch}`, slots: depth(batch) });

/** Fills a claimed slot as the ring's producer does, and gives the loop back so that answers are heard. */
async function publish({ url, batch }: Job): Promise<void> {
  const bus = new RedisBus({ url });
  const publisher = bus.publisher(flow(batch));
  await publisher.ready;
  const prices = Float64Array.from({ length: batch }, (_, i) => 100 + i / 8);
  for (let next = 0; ; ) {
    const slot = publisher.claim();
    if (!slot) {
      await publisher.room();
      continue;
    }
    const { sequence, price, size, bid, ask, depth, check } = slot.columns;
    for (const column of [price, size, bid, ask, depth]) column.set(prices);
    for (let i = 0; i < batch; i++) {
      sequence[i] = next + i;
      check[i] = checkOf(next + i);
    }
    next += batch;
    publisher.commit(batch);
  }
}

/** A single record every millisecond or so, with the time at which it was committed. */
async function stamp({ url }: Job): Promise<void> {
  const publisher = new RedisBus({ url }).publisher(stamps);
  await publisher.ready;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const slot = publisher.claim();
    if (!slot) continue;
    slot.columns.stamp[0] = clock();
    publisher.commit(1);
  }
}

async function beside<T>(job: Omit<Job, "url">, run: (bus: RedisBus, start: () => void, url: string) => Promise<T>): Promise<T> {
  const { url, stop } = await server();
  const bus = new RedisBus({ url });
  let other: ChildProcess | undefined;
  const start = () => {
    other = fork(fileURLToPath(import.meta.url), [JSON.stringify({ ...job, url } satisfies Job)]);
  };
  try {
    await bus.answers(10_000);
    return await run(bus, start, url);
  } finally {
    other?.kill("SIGKILL");
    await bus.close().catch(() => {});
    stop();
  }
}

const throughput = (batch: number, done: (seen: number, ms: number) => boolean, total: ReturnType<typeof counts>) =>
  beside({ kind: "publish", batch }, async (bus, start) => {
    const subscription = bus.subscribe(flow(batch));
    await subscription.ready;
    start();
    const seen = counts();
    let [began, from] = [0, 0];
    for await (const { columns, rows } of subscription) {
      verify(seen, columns.sequence, columns.check, rows, 1, 0);
      if (began === 0 && seen.records >= 200 * batch) [began, from] = [performance.now(), seen.records];
      else if (began > 0 && done(seen.records, performance.now() - began)) break;
    }
    for (const key of Object.keys(seen) as (keyof typeof seen)[]) total[key] += seen[key];
    return (seen.records - from) / ((performance.now() - began) / 1000);
  });

const bare = (batch: number, ms: number, total: ReturnType<typeof counts>) =>
  beside({ kind: "bare", batch }, async (_, start, url) => {
    start();
    return readBare(url, batch, 200, ms, total);
  });

const oneWay = (trips: number) =>
  beside({ kind: "stamp", batch: 1 }, async (bus, start) => {
    const subscription = bus.subscribe(stamps);
    await subscription.ready;
    start();
    const took = new Float64Array(trips);
    let i = -Math.ceil(trips / 10);
    for await (const { columns } of subscription) {
      if (i >= 0) took[i] = clock() - columns.stamp[0]!;
      if (++i === trips) break;
    }
    return took.sort();
  });

/** One command a record, and many under way at once, by the client alone: what batches are for. */
const plain = (ms: number, pipelined: number) =>
  beside({ kind: "publish", batch: 1 }, async (bus) => {
    const record = Buffer.alloc(RECORD_BYTES, 1).toString("latin1");
    const started = performance.now();
    let sent = 0;
    for (; performance.now() - started < ms; sent += pipelined)
      await Promise.all(Array.from({ length: pipelined }, () => bus.command("XADD", "plain", "MAXLEN", "~", 10_000, "*", "r", record)));
    return sent / ((performance.now() - started) / 1000);
  });

/** Runs take turns with those of the client alone, which is what the machine can do. */
export async function redisRows(seconds: number, runs: number, memcpy: number, long = 0): Promise<void> {
  if (!installed()) return;
  print("ioredis, one by one", 1, { recordsPerSecondMedian: Math.round(await plain(seconds * 1000, 1)) });
  print("ioredis, pipelined", 1, { recordsPerSecondMedian: Math.round(await plain(seconds * 1000, 200)) });
  const latency = percentiles(await oneWay(2000));
  const ms = seconds * 1000;
  for (const batch of [256, 1000]) {
    const paths = [
      { name: "ioredis, streams without the bus", rates: [] as number[], total: counts(), run: bare },
      {
        name: "redis",
        rates: [] as number[],
        total: counts(),
        run: (...[size, , into]: Parameters<typeof bare>) => throughput(size, (_, took) => took > ms, into),
      },
    ];
    for (let run = 0; run < runs; run++) for (const path of paths) path.rates.push(await path.run(batch, ms, path.total));
    for (const { name, rates, total } of paths) {
      const rate = median(rates);
      print(name, batch, { recordsPerSecondMedian: Math.round(rate), memcpyFraction: memcpy > 0 ? rate / memcpy : null }, total);
    }
  }
  print("redis, one way", 1, latency);
  if (long === 0) return;
  const total = counts();
  const rate = await throughput(1000, (seen) => seen >= long, total);
  print(`redis, ${total.records} records`, 1000, { recordsPerSecondMedian: Math.round(rate) }, total);
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  if (process.send) {
    process.on("disconnect", () => process.exit(1));
    const job = JSON.parse(process.argv[2]!) as Job;
    if (job.kind === "bare") await publishBare(job.url, job.batch);
    else await (job.kind === "publish" ? publish(job) : stamp(job));
  } else await redisRows(Number(process.argv[2] ?? 1), Number(process.argv[3] ?? 5), 0, Number(process.argv[4] ?? 0));
}
