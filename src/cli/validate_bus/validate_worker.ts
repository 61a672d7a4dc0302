/** The other processes of a validation: one subscribes, publishes until it is killed, holds a place, or answers with an engine. */
import type { Rows } from "../../analysis/bus_validation.js";
import type { Batch, Bus, Columns, Topic, Views } from "../../bus/bus.js";
import { RedisBus } from "../../bus/redis/redis_bus.js";
import { RedisPublisher } from "../../bus/redis/redis_publisher.js";
import { type MessageType, types } from "../../bus/routing/message_types.js";
import { SharedBus } from "../../bus/shared/shared_bus.js";
import type { BusError } from "../../core/contract/errors.js";
import { answerPings } from "./validate_base.js";
import { openBus, openTopology, type Role, type RoleOf } from "./validate_places.js";
import { checkedTopic, rowsOf, Tally } from "./validate_rows.js";

const say = (said: unknown) => new Promise((resolve) => process.send!(said, resolve));
/** Whoever hears nothing for so long says what it has. */
const idleMs = 3000;

/** Reads what comes until it ends, or nothing came for long; the count of each topic. */
async function countOf(bus: Bus, topics: readonly Topic[], rows: number): Promise<Rows[]> {
  const tallies = topics.map((topic) => new Tally(topic, rows));
  const subscriptions = topics.map((topic) => bus.subscribe(topic));
  await Promise.all(subscriptions.map(({ ready }) => ready));
  await say("ready");
  let heard = performance.now();
  const read = async (i: number) => {
    for await (const { columns, from, rows: to } of subscriptions[i]!) {
      tallies[i]!.take(columns, from, to);
      heard = performance.now();
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const idle = new Promise<void>((resolve) => {
    timer = setInterval(() => performance.now() - heard > idleMs && resolve(), 100);
  });
  await Promise.race([Promise.all(topics.map((_, i) => read(i))), idle]);
  clearInterval(timer);
  return tallies.map((tally) => tally.rows);
}
async function subscribe({ topology, places, rows }: RoleOf<"subscribe">): Promise<void> {
  const bus = openTopology(topology, places);
  const counted = await countOf(
    bus,
    types.map((type) => checkedTopic(type)),
    rows,
  );
  await say(Object.fromEntries(types.map((type, i) => [type, counted[i]])));
  await bus.close();
}
async function read({ topics, place, rows }: RoleOf<"read">): Promise<void> {
  const bus = openBus(place);
  await say(await countOf(bus, topics, rows));
  await bus.close();
}

/** Until it is killed; frames of all sizes, so that it dies in the middle of one. */
async function publish({ type, place }: RoleOf<"publish" | "hold">): Promise<void> {
  const topic = checkedTopic(type as MessageType, "failover");
  const publisher = openBus(place).publisher(topic);
  await say("ready");
  for (let next = 0; ; ) {
    const taken = publisher.publish(rowsOf(topic, next, 1 + (next % 97)));
    next += taken;
    if (taken === 0) publisher.wait(1000);
  }
}

async function hold({ type, place }: RoleOf<"publish" | "hold">): Promise<void> {
  openBus(place).subscribe(checkedTopic(type as MessageType, "failover"));
  await say("ready");
  await new Promise(() => setInterval(() => {}, 2 ** 30));
}

/** The other engines of the pairs, one after the other: each until its requests end. */
async function answer({ topology, places }: RoleOf<"answer">): Promise<void> {
  // Kernels and engines are for this role alone: the others are to begin at once.
  const [{ install }, { pairs }] = [await import("../../backends/index.js"), await import("./validate_pairs.js")];
  install();
  const bus = openTopology(topology, places);
  const answering = pairs.map((pair) => pair.answer(bus));
  await Promise.all(answering.map(({ requests }) => requests.ready));
  await say("ready");
  for (const { requests, results, take } of answering) {
    while (!requests.ended) {
      await results.room();
      if (requests.poll(take, 1) === 0 && !requests.wait(100)) await requests.arrival();
    }
    await say("ended");
  }
  await bus.close();
}

/** Sends back what comes, until it is killed. */
async function echo({ place, asks, answers }: RoleOf<"echo">): Promise<void> {
  const bus = openBus(place);
  const [requests, results] = [bus.subscribe(asks), bus.publisher(answers)];
  await requests.ready;
  await say("ready");
  const take = ({ columns, from, rows }: Batch) =>
    void results.publish(Object.fromEntries(Object.entries(columns).map(([name, view]) => [name, view.slice(from, rows)])));
  while (!requests.ended) {
    await results.room();
    if (requests.poll(take, 1) === 0 && !requests.wait(100)) await requests.arrival();
  }
}

/** As programs did it before: a list on Redis, one message at a time, as JSON. */
async function pop({ url, rows }: RoleOf<"pop">): Promise<void> {
  const topic = checkedTopic("market_data");
  const tally = new Tally(topic, rows);
  const bus = new RedisBus({ url });
  await bus.answers(5000);
  await say("ready");
  let [heard, silence] = [performance.now(), 0];
  for (let ended = false; !ended && performance.now() - heard < idleMs; ) {
    const reply = (await bus.command("BLPOP", "legacy", "0.2").catch((_: BusError) => undefined)) as [string, string] | null | undefined;
    if (reply === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    if (!reply) continue;
    const now = performance.now();
    silence = Math.max(silence, now - heard);
    heard = now;
    const message = JSON.parse(reply[1]) as Record<string, number>;
    ended = message.time === rows;
    if (!ended) tally.take(asColumns(message), 0, 1);
  }
  await say({ rows: tally.rows, silence });
  await bus.close();
}

function asColumns(message: Readonly<Record<string, number>>): Views<Columns> {
  const columns = rowsOf<Columns>(checkedTopic("market_data"), 0, 1);
  for (const [name, view] of Object.entries(columns)) view[0] = view instanceof BigInt64Array ? BigInt(message[name]!) : message[name]!;
  return columns;
}

/** Reads along until it is told of the publisher's death, or has heard nothing for too long; then publishes a row a millisecond until it is killed. */
async function standby({ topic, place, overdueMs }: RoleOf<"standby">): Promise<void> {
  const bus = openBus(place);
  const subscription = bus.subscribe(topic);
  await subscription.ready;
  await say("ready");
  const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
  const dead = () =>
    bus instanceof SharedBus &&
    bus
      .ring(topic)
      .attached()
      .some(({ role, state }) => role === "publisher" && state === "dead");
  for (let heard = performance.now(); ; await turn())
    if (subscription.poll(() => {}) > 0) heard = performance.now();
    else if (performance.now() - heard > overdueMs || dead()) break;
  subscription.close();
  const publisher = bus.publisher(topic, { takeover: true });
  if (publisher instanceof RedisPublisher) await publisher.ready;
  for (let next = bus.stats(topic).published; ; await turn()) next += publisher.publish(rowsOf(topic, next, 1));
}

async function run(role: Role): Promise<void> {
  switch (role.role) {
    case "subscribe":
      return subscribe(role);
    case "publish":
      return publish(role);
    case "hold":
      return hold(role);
    case "answer":
      return answer(role);
    case "pop":
      return pop(role);
    case "read":
      return read(role);
    case "echo":
      return echo(role);
    case "ping":
      return answerPings(role.of, () => say("ready"));
    case "standby":
      return standby(role);
  }
}

process.on("disconnect", () => process.exit(1));
await run(JSON.parse(process.argv[2]!) as Role).catch((error: Error) => say({ failed: error.message }));
process.disconnect();
