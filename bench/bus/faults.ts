/**
 * What users of several servers see when one of them turns slow, stops or dies: the longest silence of a pair, and the delay of each
 * strategy of the router. Redis-servers of its own on unix sockets.
 */
import { topic } from "../../src/bus/frame.js";
import { RedisBus } from "../../src/bus/redis/redis_bus.js";
import { PairPublisher, PairSubscription } from "../../src/bus/routing/pair.js";
import { Router } from "../../src/bus/routing/router.js";
import { strategies } from "../../src/bus/routing/router_strategies.js";
import { RouterSubscription } from "../../src/bus/routing/router_subscription.js";
import { installed, server } from "./redis_server.js";
import { median, percentiles, print } from "./row.js";

const stamps = topic({ name: "stamps", columns: { stamp: { dtype: "f64" } }, rows: 4, slots: 256, backpressure: "block" });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const stamp = () => ({ stamp: Float64Array.of(performance.now()) });

const open = (url: string) => new RedisBus({ url, closeMs: 50 });

/** Milliseconds of the longest silence between two rows at 500 a second. */
async function silence(
  mode: "both" | "standby",
  signal: "SIGKILL" | "SIGSTOP",
  batches: number,
): Promise<{ gap: number; usual: number; lost: number }> {
  const servers = [await server(), await server()];
  const [here, there] = [servers, servers].map((list) => list.map(({ url }) => open(url))) as [[RedisBus, RedisBus], [RedisBus, RedisBus]];
  const subscription = new PairSubscription(there, stamps);
  const publisher = new PairPublisher(here, stamps, { mode });
  await Promise.all([publisher.ready, subscription.ready]);
  const gaps: number[] = [];
  let got = 0;
  void (async () => {
    for await (const { rows, from } of subscription) {
      got += rows - from;
      gaps.push(performance.now());
    }
  })();
  let killed = 0;
  for (let i = 0; i < batches; i++) {
    if (i === batches >> 1) {
      killed = performance.now();
      servers[0]!.process.kill(signal);
    }
    while (publisher.publish(stamp()) === 0) await publisher.room();
    await pause(2);
  }
  for (let i = 0; i < 400 && got < batches; i++) await pause(5);
  const spans = gaps.slice(1).map((at, i) => ({ at, span: at - gaps[i]! }));
  const worst = (list: typeof spans) => Math.max(0, ...list.map(({ span }) => span));
  const result = {
    gap: worst(spans.filter(({ at }) => at >= killed)),
    usual: worst(spans.filter(({ at }) => at < killed).slice(20)),
    lost: batches - got,
  };
  await publisher.close().catch(() => {});
  await Promise.allSettled([...here, ...there].map((bus) => bus.close()));
  for (const one of servers) one.stop();
  return result;
}

type Situation = "balanced" | "one slow" | "one dead";

/** In which the strategies learn, and a bus that died is found dead. */
const WARM_MS = 700;

/** Microseconds from publication to hand-over of so many batches, after a warm-up. */
async function delays(
  strategy: (typeof strategies)[number],
  situation: Situation,
  batches: number,
): Promise<{ sorted: Float64Array; lost: number }> {
  const servers = [await server(), await server(), await server()];
  const names = ["a", "b", "c"];
  const [here, there] = [0, 1].map(() => Object.fromEntries(names.map((name, i) => [name, open(servers[i]!.url)]))) as [
    Record<string, RedisBus>,
    Record<string, RedisBus>,
  ];
  const subscription = new RouterSubscription(there, stamps, 3000);
  await subscription.ready;
  const router = new Router(here, stamps, { strategy, home: "a", stay: 8 });
  const slow = open(servers[0]!.url);
  const slowing =
    situation === "one slow" ? setInterval(() => void slow.command("CLIENT", "PAUSE", 8, "WRITE").catch(() => {}), 12) : undefined;
  const took: number[] = [];
  let got = 0;
  const poll = () =>
    subscription.poll(({ columns, rows }) => {
      const now = performance.now();
      got += rows;
      if (columns.stamp[0]! > warm) took.push((now - columns.stamp[0]!) * 1000);
    });
  const warm = performance.now() + WARM_MS;
  let sent = 0;
  for (let measured = 0; measured < batches; sent++) {
    if (situation === "one dead" && sent === 20) servers[0]!.process.kill("SIGSTOP");
    if (performance.now() > warm) measured++;
    while (router.publish(sent % 16, stamp()) === 0) {
      poll();
      await pause(1);
    }
    const until = performance.now() + 0.5;
    do {
      poll();
      await new Promise((resolve) => setImmediate(resolve));
    } while (performance.now() < until);
  }
  for (let i = 0; i < 2000 && got < sent; i++) {
    poll();
    await pause(1);
  }
  clearInterval(slowing);
  await router.close();
  subscription.close();
  await Promise.allSettled([...Object.values(here), ...Object.values(there), slow].map((bus) => bus.close()));
  for (const one of servers) one.stop();
  return { sorted: Float64Array.from(took).sort(), lost: sent - got };
}

interface Living {
  /** Records a second over the bus that lives, and the longest silence there in milliseconds. */
  before: { rate: number; silence: number };
  after: { rate: number; silence: number };
  lost: number;
}

/** As fast as it goes over two buses, `ms` while both live, and again when one was killed and found dead. */
async function living(ms: number): Promise<Living> {
  const servers = { a: await server(), b: await server() };
  const buses = () => ({ a: open(servers.a.url), b: open(servers.b.url) });
  const [here, there] = [buses(), buses()];
  const subscription = new RouterSubscription(there, stamps, 3000);
  await subscription.ready;
  const router = new Router(here, stamps, { strategy: "least_loaded", stay: 8 });
  let [sent, got, over, last, silence] = [0, 0, 0, 0, 0];
  const poll = () =>
    subscription.poll(({ rows, bus }) => {
      got += rows;
      if (bus !== "b") return;
      over += rows;
      const now = performance.now();
      silence = Math.max(silence, now - last);
      last = now;
    });
  const go = async (span: number) => {
    const [began, from] = [performance.now(), over];
    [last, silence] = [began, 0];
    while (performance.now() - began < span) {
      for (let i = 0; i < 16; i++) sent += router.publish(sent % 64, stamp());
      poll();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { rate: (over - from) / ((performance.now() - began) / 1000), silence };
  };
  await go(WARM_MS);
  const before = await go(ms);
  servers.a.process.kill("SIGKILL");
  const dying = await go(WARM_MS);
  const { rate, silence: later } = await go(ms);
  for (let i = 0; i < 2000 && got < sent; i++) {
    poll();
    await pause(1);
  }
  await router.close();
  subscription.close();
  await Promise.allSettled([...Object.values(here), ...Object.values(there)].map((bus) => bus.close()));
  for (const one of Object.values(servers)) one.stop();
  return { before, after: { rate, silence: Math.max(later, dying.silence) }, lost: sent - got };
}

const none = { duplicated: 0, reordered: 0, corrupt: 0 };

export async function pairRows(runs: number): Promise<void> {
  if (!installed()) return;
  for (const mode of ["both", "standby"] as const)
    for (const signal of ["SIGKILL", "SIGSTOP"] as const) {
      const seen = [];
      for (let run = 0; run < runs; run++) seen.push(await silence(mode, signal, 300));
      const [gap, usual] = [median(seen.map((one) => one.gap)), median(seen.map((one) => one.usual))];
      print(
        `redis pair, ${mode}, ${signal}: longest silence (p999), and before (p50)`,
        1,
        { p999us: Math.round(gap * 1000), p50us: Math.round(usual * 1000) },
        { ...none, lost: seen.reduce((sum, one) => sum + one.lost, 0) },
      );
    }
}

export async function routerRows(batches: number, runs: number): Promise<void> {
  if (!installed()) return;
  const seen: Living[] = [];
  for (let run = 0; run < runs; run++) seen.push(await living(1000));
  const lost = seen.reduce((sum, one) => sum + one.lost, 0);
  for (const when of ["before", "after"] as const)
    print(
      `redis router, the bus that lives, ${when} the other is killed: rate, longest silence (p999)`,
      1,
      {
        recordsPerSecondMedian: Math.round(median(seen.map((one) => one[when].rate))),
        p999us: Math.round(median(seen.map((one) => one[when].silence)) * 1000),
      },
      { ...none, lost },
    );
  for (const situation of ["balanced", "one slow", "one dead"] as const)
    for (const strategy of strategies) {
      // They wait for the one home that they know.
      if (situation === "one dead" && (strategy === "typed" || strategy === "hardware")) continue;
      const all = [];
      for (let run = 0; run < runs; run++) all.push(await delays(strategy, situation, batches));
      const middle = all.sort((a, b) => percentiles(a.sorted).p50us! - percentiles(b.sorted).p50us!)[runs >> 1]!;
      print(`redis router, ${situation}, ${strategy}`, 1, percentiles(middle.sorted), {
        ...none,
        lost: all.reduce((sum, one) => sum + one.lost, 0),
      });
    }
}
