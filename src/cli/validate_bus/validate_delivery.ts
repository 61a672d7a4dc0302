/** Whether what is published on the buses of a topology reaches another process, and what a kill does to it. */
import { type BusCheck, faultOf, type Rows } from "../../analysis/bus_validation.js";
import type { Bus, Columns, Publisher, Subscription, Topic } from "../../bus/bus.js";
import { RedisBus } from "../../bus/redis/redis_bus.js";
import { type MessageType, types } from "../../bus/routing/message_types.js";
import { PairPublisher, PairSubscription } from "../../bus/routing/pair.js";
import { busesOf, topologyOf } from "../../bus/routing/topology.js";
import type { StartedServer } from "../bus/bus_servers.js";
import { openBus, openTopology, type Place, type Places, start, within } from "./validate_places.js";
import { checkedTopic, rowsOf, sumOf, Tally, typeOn } from "./validate_rows.js";

export interface Delivery {
  readonly topology: string;
  readonly places: Places;
  readonly rows: number;
  /** Whatever has to be ended, whatever happens. */
  readonly ends: (() => unknown)[];
  /** What messages are published on: the bus itself. */
  readonly through: (bus: Bus) => Bus;
  readonly step: (rows: number) => void;
}
const chunk = 250;
/** For the rows of a failover: it takes a second, several on a busy machine. */
const mostMs = 10_000;

/** Every type of message on the bus of the table, read by another process. */
export async function deliver(of: Delivery): Promise<BusCheck[]> {
  const { topology, places, rows, ends, through, step } = of;
  const helper = await start({ role: "subscribe", topology, places, rows }, ends);
  const bus = openTopology(topology, places);
  ends.push(() => bus.close());
  const started = performance.now();
  const publishers = types.map((type) => through(bus).publisher(checkedTopic(type)));
  for (let first = 0; first < rows; first += chunk)
    for (const publisher of publishers) {
      await publishAll(publisher, first, Math.min(rows, first + chunk));
      step(Math.min(chunk, rows - first));
    }
  const counted = await Promise.all(types.map((type) => publishedOn(bus.busOf(type), checkedTopic(type))));
  await Promise.all(publishers.map((publisher) => publisher.close()));
  const got = await helper.said<Record<MessageType, Rows>>("the subscriber's count");
  const seconds = (performance.now() - started) / 1000;
  await bus.close();
  const table = topologyOf(topology);
  return busesOf(topology).flatMap((name): BusCheck[] => {
    const own = types.filter((type) => table[type] === name);
    const all = rows * own.length;
    const taken = sumOf(own.map((type) => takenOf(counted[types.indexOf(type)]!, rows)));
    const read = sumOf(own.map((type) => got[type]));
    const common = { bus: name, rowsPerSecond: all / seconds, silenceMs: Number.NaN };
    return [
      { check: "publish", ...common, rows: taken, done: `${own.length} types of message`, fault: faultOf(taken) },
      { check: "subscribe", ...common, rows: read, done: "read in another process", fault: faultOf(read) },
    ];
  });
}

export const takenOf = (rows: number, expected: number): Rows => ({
  ...{ expected, got: Math.min(rows, expected), duplicates: Math.max(0, rows - expected) },
  ...{ disordered: 0, wrong: 0 },
});
export async function publishAll(publisher: Publisher<Columns>, from: number, to: number): Promise<void> {
  const { topic } = publisher;
  for (let next = from; next < to; ) {
    next += publisher.publish(rowsOf(topic, next, to - next));
    if (next < to) await within(publisher.room(), `topic '${topic.name}', which is full`);
  }
}
export async function publishedOn(bus: Bus, topic: Topic): Promise<number> {
  if (!(bus instanceof RedisBus)) return bus.stats(topic).published;
  await bus.answers();
  for (const end = performance.now() + 3000; ; ) {
    const { rows } = await bus.look(topic);
    if (rows >= bus.stats(topic).published || performance.now() > end) return rows;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** On rings: a subscriber that holds the publisher up is killed, then the publisher; another one goes on where it stopped. */
export async function failoverOnRings(of: Delivery, name: string): Promise<BusCheck> {
  const { topology, places, rows: total, ends, through, step } = of;
  const [type, place] = [typeOn(topology, name), places[name]!];
  const topic = checkedTopic(type, "failover");
  const bus = openBus(place);
  ends.push(() => bus.close());
  const tally = new Tally(topic, total);
  const subscription = bus.subscribe(topic);
  const holder = await start({ role: "hold", type, place }, ends);
  const helper = await start({ role: "publish", type, place }, ends);
  const epochs = new Set<number>();
  let [killedAt, silenceMs] = [0, Number.NaN];
  const read = () =>
    subscription.poll(({ columns, from, rows, epoch }) => {
      epochs.add(epoch);
      if (epochs.size === 2 && Number.isNaN(silenceMs)) silenceMs = performance.now() - killedAt;
      tally.take(columns, from, rows);
      step(rows - from);
    });
  await within(
    readUntil(subscription, read, () => tally.got > 0),
    `topic '${topic.name}', from the process that publishes`,
  );
  await holder.kill();
  await within(
    readUntil(subscription, read, () => tally.got >= total / 4),
    `topic '${topic.name}', after its other subscriber was killed`,
  );
  killedAt = performance.now();
  await helper.kill();
  const publisher = through(bus).publisher(topic);
  for (let next = bus.stats(topic).published; next < total; ) {
    const taken = publisher.publish(rowsOf(topic, next, Math.min(chunk, total - next)));
    next += taken;
    if (read() === 0 && taken === 0) await within(publisher.room(), `topic '${topic.name}', which is full`);
  }
  read();
  void publisher.close();
  void bus.close();
  const rows = tally.rows;
  const fault = faultOf(rows) || (epochs.size === 2 ? "" : "the second publisher has the epoch of the first");
  return {
    check: "failover",
    bus: name,
    rows,
    rowsPerSecond: Number.NaN,
    silenceMs,
    done: "a subscriber and the publisher killed, another publisher went on",
    fault,
  };
}
async function readUntil(subscription: Subscription, read: () => number, enough: () => boolean): Promise<void> {
  while (!enough()) if (read() === 0) await subscription.arrival();
}

/** On Redis: the bus and a spare server have every row; the first is killed half-way. */
export async function failoverOnRedis(
  of: Delivery,
  name: string,
  server: StartedServer,
  spare: Place & { url: string },
): Promise<BusCheck> {
  const { topology, rows: total, ends, through, step } = of;
  const topic = checkedTopic(typeOn(topology, name), `failover_${name}`);
  const open = () => [server.url, spare.url].map((url) => new RedisBus({ url, closeMs: 300 })) as [RedisBus, RedisBus];
  const [here, there] = [open(), open()];
  const close = () => Promise.allSettled([...here, ...there].map((bus) => bus.close()));
  ends.push(close);
  const tally = new Tally(topic, total);
  const subscription = new PairSubscription(there, topic);
  const publisher = new PairPublisher(here.map(through) as [RedisBus, RedisBus], topic);
  await within(Promise.all([subscription.ready, publisher.ready]), "both servers");
  let [last, silenceMs] = [performance.now(), 0];
  const reading = (async () => {
    for await (const { columns, from, rows } of subscription) {
      const now = performance.now();
      [last, silenceMs] = [now, tally.got === 0 ? 0 : Math.max(silenceMs, now - last)];
      tally.take(columns, from, rows);
      step(rows - from);
      if (tally.got === total) return;
    }
  })();
  const batch = 50;
  const end = performance.now() + mostMs;
  for (let [next, killed] = [0, false]; next < total && performance.now() < end; ) {
    if (next >= total / 2 && !killed) killed = server.process.kill("SIGKILL");
    const taken = publisher.publish(rowsOf(topic, next, Math.min(batch, total - next)));
    next += taken;
    await (taken === 0 ? publisher.room() : new Promise((resolve) => setTimeout(resolve, 1)));
  }
  const done = "its server killed, rows read from the other";
  const late = await within(
    reading.then(() => ""),
    "the rest of the rows",
    3000,
  ).catch(({ message }: Error) => message);
  await Promise.allSettled([publisher.close()]);
  await close();
  return { check: "failover", bus: name, rows: tally.rows, rowsPerSecond: Number.NaN, silenceMs, done, fault: faultOf(tally.rows) || late };
}
