/** Request and reply between two engines in two processes, and how evenly the router's strategies use three buses. */
import { balancedStrategy } from "../../analysis/bus_score.js";
import { type Balance, type Base, faultOf, type PairLatency } from "../../analysis/bus_validation.js";
import type { Batch, Bus, Subscription } from "../../bus/bus.js";
import { Router } from "../../bus/routing/router.js";
import { type Strategy, strategies } from "../../bus/routing/router_strategies.js";
import { type BaseMeter, meterOf } from "./validate_base.js";
import type { Delivery } from "./validate_delivery.js";
import type { Reading } from "./validate_order.js";
import { type Pair, pairs } from "./validate_pairs.js";
import { openBuses, openTopology, type Places, percentileOf, start, within } from "./validate_places.js";
import { checkedTopic, rowsOf, Tally } from "./validate_rows.js";

/** Requests before any is timed: engines need returns to look back on, and code runs slowly at first. */
const warmUp = 30;

/** Every pair in turn, and bare trips between them; the other engines of all pairs are in one process. */
export async function latenciesOf(
  of: Delivery & { readonly scratch: string },
  requests: number,
): Promise<{ pairs: PairLatency[]; base: Base }> {
  const { topology, places, ends, scratch } = of;
  const meter = await meterOf(Object.values(places)[0]!, scratch, ends);
  const helper = await start({ role: "answer", topology, places }, ends);
  const found: PairLatency[] = [];
  for (const pair of pairs) {
    const bus = openTopology(topology, places);
    ends.push(() => bus.close());
    found.push(await latencyOf(pair, bus, of, requests, meter));
    await bus.close().catch(() => {});
    // The other process goes on to the next pair when this one's topic has ended.
    const stuck = await helper.said("the end of the other engine", 3000).then(
      () => "",
      ({ message }: Error) => message,
    );
    if (stuck === "") continue;
    const rest = pairs.slice(found.length).map(({ name }) => ({ pair: name, requests: 0, p50: Number.NaN, p99: Number.NaN, fault: stuck }));
    found.push(...rest);
    break;
  }
  await meter.close();
  return { pairs: found, base: meter.base() };
}

async function latencyOf(pair: Pair, bus: Bus, { through, step }: Delivery, requests: number, meter: BaseMeter): Promise<PairLatency> {
  const [input, answers] = [bus.subscribe(pair.input), bus.subscribe(pair.answered)];
  const [publisher, told] = [through(bus).publisher(pair.input), bus.publisher(pair.told)];
  const engine = pair.first(told);
  await Promise.all([input.ready, answers.ready]);
  const ask = async (i: number) => {
    publisher.publish(pair.columns(i));
    await told.room();
    await take(input, (batch) => void engine.take(batch));
    return take(answers, (batch) => wrongIn(batch, i, pair.finite));
  };
  const took: number[] = [];
  let fault = "";
  for (let i = 0; i < warmUp + requests && fault === ""; i++) {
    // Between the requests, so that whatever else the machine does falls on both alike.
    if (i % pairs.length === 0) await meter.trips(1);
    const from = performance.now();
    fault = await within(ask(i), `${pair.name}, request ${i}`, 2000).catch(({ message }: Error) => message);
    if (i >= warmUp) took.push((performance.now() - from) * 1000);
    step(1);
  }
  await Promise.allSettled([publisher.close(), told.close()]);
  return { pair: pair.name, requests: took.length, p50: percentileOf(took, 0.5), p99: percentileOf(took, 0.99), fault };
}

/** The next batch of a subscription, as soon as it is there; a ring is waited for where this thread stands. */
export async function take<T>(subscription: Subscription, handler: (batch: Batch) => T): Promise<T> {
  let [found, answer] = [0, undefined as T | undefined];
  const once = (batch: Batch) => {
    answer = handler(batch);
  };
  while ((found = subscription.poll(once, 1)) === 0 && !subscription.ended) if (!subscription.wait(50)) await subscription.arrival();
  return found > 0 ? answer! : (undefined as T);
}
function wrongIn({ columns, from, rows }: Batch, i: number, finite: string): string {
  const time = (columns as unknown as { time: BigInt64Array }).time[rows - 1];
  if (time !== BigInt(i)) return `the answer to request ${i} is that to ${time}`;
  const value = (columns as unknown as Record<string, Float64Array>)[finite]![from]!;
  return i < warmUp || Number.isFinite(value) ? "" : `the answer to request ${i} has ${finite} ${value}`;
}

const keys = 48;
const rowsABatch = 4;
/** Batches between two looks of the subscriber: something waits, which strategies can go by. */
const burst = 12;
/** Shares of three buses, drawn two at a time, vary by a fraction of this. */
const mostVariation = 0.25;

type Routing = Pick<Delivery, "ends" | "through" | "step"> & { readonly reading: Reading };

export async function balanceOf(places: Places, batches: number, of: Routing): Promise<Balance[]> {
  const found: Balance[] = [];
  for (const strategy of strategies) found.push(await balanceWith(strategy, places, batches, of));
  return found;
}

async function balanceWith(
  strategy: Strategy,
  places: Places,
  batches: number,
  { ends, through, step, reading }: Routing,
): Promise<Balance> {
  const buses = openBuses(places);
  const close = () => Promise.all(Object.values(buses).map((bus) => bus.close()));
  ends.push(close);
  const names = Object.keys(buses);
  const topic = checkedTopic("analytics_result", strategy);
  const subscription = reading(buses, topic);
  const sending = Object.fromEntries(Object.entries(buses).map(([name, bus]): [string, Bus] => [name, through(bus)]));
  const router = new Router(sending, topic, { strategy, home: names[0]!, stay: 4, seed: 7 });
  const perKey = Math.ceil(batches / keys);
  const tallies = Array.from({ length: keys }, () => new Tally(topic, perKey * rowsABatch));
  const used: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  const read = () =>
    subscription.poll(({ key, columns, rows, bus }) => {
      used[bus]!++;
      tallies[key]!.take(columns, 0, rows);
      step(rows);
    });
  for (let i = 0; i < perKey * keys; i++) {
    const columns = rowsOf(topic, Math.floor(i / keys) * rowsABatch, rowsABatch);
    while (router.publish(i % keys, columns) === 0) if (read() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    if (i % burst === 0) read();
  }
  for (const end = performance.now() + 1500; tallies.some(({ got, expected }) => got < expected) && performance.now() < end; )
    if (read() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await router.close();
  await close();
  const total = perKey * keys;
  const shares = Object.fromEntries(names.map((name) => [name, used[name]! / total]));
  const mean = 1 / names.length;
  const variation = Math.sqrt(names.reduce((sum, name) => sum + (shares[name]! - mean) ** 2, 0) / names.length) / mean;
  const wrong = tallies.map(({ rows }) => faultOf(rows)).find((fault) => fault !== "");
  const uneven =
    strategy === balancedStrategy && variation > mostVariation
      ? `the shares vary by ${variation.toFixed(2)}, expected at most ${mostVariation}`
      : "";
  return { strategy, batches: total, shares, variation, fault: wrong ?? uneven };
}
