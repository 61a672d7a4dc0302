/** The other processes of a validation: one subscribes, publishes until it is killed, holds a place, or answers with an engine. */
import { install } from "../../backends/index.js";
import type { Columns, Views } from "../../bus/bus.js";
import { RedisBus } from "../../bus/redis/redis_bus.js";
import { type MessageType, types } from "../../bus/routing/message_types.js";
import type { BusError } from "../../core/contract/errors.js";
import { pairs } from "./validate_pairs.js";
import { openBus, openTopology, type Role, type RoleOf } from "./validate_places.js";
import { checkedTopic, rowsOf, Tally } from "./validate_rows.js";

const say = (said: unknown) => new Promise((resolve) => process.send!(said, resolve));
/** Whoever hears nothing for so long says what it has. */
const idleMs = 3000;

async function subscribe(role: RoleOf<"subscribe">): Promise<void> {
  const bus = openTopology(role.topology, role.places);
  const tallies = types.map((type) => new Tally(checkedTopic(type), role.rows));
  const subscriptions = types.map((type) => bus.subscribe(checkedTopic(type)));
  await Promise.all(subscriptions.map(({ ready }) => ready));
  await say("ready");
  let heard = performance.now();
  const read = async (i: number) => {
    for await (const { columns, from, rows } of subscriptions[i]!) {
      tallies[i]!.take(columns, from, rows);
      heard = performance.now();
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const idle = new Promise<void>((resolve) => {
    timer = setInterval(() => performance.now() - heard > idleMs && resolve(), 100);
  });
  await Promise.race([Promise.all(types.map((_, i) => read(i))), idle]);
  clearInterval(timer);
  await say(Object.fromEntries(types.map((type, i) => [type, tallies[i]!.rows])));
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
  }
}

process.on("disconnect", () => process.exit(1));
await run(JSON.parse(process.argv[2]!) as Role).catch((error: Error) => say({ failed: error.message }));
process.disconnect();
