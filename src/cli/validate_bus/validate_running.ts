/**
 * The buses of a system that runs. What is published, killed and stopped are probes of this command's own, on topics of their own beside
 * those of the system, in the same folder or on the same server; the system's topics are looked at and nothing else.
 */
import { type BusCheck, faultOf, type PairLatency, type Rows, type TopologyResult } from "../../analysis/bus_validation.js";
import type { Bus, Topic } from "../../bus/bus.js";
import { RedisBus } from "../../bus/redis/redis_bus.js";
import { SharedBus } from "../../bus/shared/shared_bus.js";
import { meterOf } from "./validate_base.js";
import { publishAll, publishedOn, takenOf } from "./validate_delivery.js";
import { take } from "./validate_latency.js";
import { lookAtRings, lookAtServer } from "./validate_look.js";
import { isServer, openBus, type Place, percentileOf, start, within } from "./validate_places.js";
import { checkedTopic } from "./validate_rows.js";
import { type Common, type Found, failed, publisherTasks, sizeOf, type Task, wordsOf } from "./validate_tasks.js";

export interface RunningBus {
  readonly name: string;
  readonly place: Place;
  /** Names of the topics to look at; all that lie in a folder, and none of a server's, where left out. */
  readonly topics?: readonly string[];
}

/** Names of probes begin so; several commands may run at once. */
const probes = "tickforge_probe.";
const probe = (what: string): string => `${probes}${process.pid}.${what}`;
const probeTopic = (what: string): Topic => ({ ...checkedTopic("price_update"), name: probe(what) });
const [rowsTopic, asks, answers] = ["rows", "asks", "answers"].map(probeTopic) as [Topic, Topic, Topic];
const warmUp = 30;

export function runningTasks(buses: readonly RunningBus[], common: Common, found: Found): Task[] {
  return buses.flatMap((bus): Task[] => {
    const { name, place } = bus;
    const size = sizeOf(common);
    const silences = publisherTasks(
      `${name}: silence`,
      async () => place,
      (how) => probeTopic(`silence_${how}`),
      common,
      found,
    );
    // Pushed before anything else of this bus, so that it comes last.
    common.ends.push(() => removeProbes(place));
    const checks: BusCheck[] = [];
    const result: TopologyResult & { pairs: PairLatency[]; base?: TopologyResult["base"] } = {
      ...{ topology: "running", transport: isServer(place) ? "redis" : "rings", compared: false },
      ...{ checks, pairs: [] },
    };
    found.topologies.push(result);
    return [
      { label: `${name}: its topics`, work: () => look(bus, found) },
      {
        label: `${name}: publish and subscribe`,
        work: async () => {
          const none = (cause: unknown) => [failed("publish", name)(cause), failed("subscribe", name)(cause)];
          checks.push(...(await deliver(bus, size.rows, common).catch(none)));
        },
      },
      {
        label: `${name}: request to reply`,
        work: async () => {
          try {
            Object.assign(result, await trips(bus, size.requests, common));
          } catch (cause) {
            result.pairs.push({ pair: `probe to probe on ${name}`, requests: 0, p50: Number.NaN, p99: Number.NaN, fault: wordsOf(cause) });
          }
        },
      },
      ...silences,
    ];
  });
}

/** Long enough for rates, and no longer: nothing else happens meanwhile. */
const lookMs = 500;

async function look({ name, place, topics }: RunningBus, found: Found): Promise<void> {
  const looked = isServer(place)
    ? await lookAtServer(name, place, topics ?? [], lookMs)
    : { topics: await lookAtRings(name, place, (names) => topics ?? names.filter((one) => !one.startsWith(probes)), lookMs), servers: [] };
  found.topics.push(...looked.topics);
  found.servers.push(...looked.servers);
  if (looked.topics.length > 0) return;
  const why = isServer(place) ? "none of them was named" : "there is none";
  found.skipped.push({ what: `topics of ${name}`, why });
}

/** Numbered rows through a topic of their own, read in another process. */
async function deliver({ name, place }: RunningBus, rows: number, { ends, through, step }: Common): Promise<BusCheck[]> {
  const bus = openBus(place);
  ends.push(() => bus.close());
  const helper = await start({ role: "read", topics: [rowsTopic], place, rows }, ends);
  const started = performance.now();
  const publisher = through(bus).publisher(rowsTopic);
  await publishAll(publisher, 0, rows);
  step(rows);
  const taken = takenOf(await publishedOn(bus, rowsTopic), rows);
  await publisher.close();
  const [read] = await helper.said<[Rows]>("the subscriber's count");
  const common = { bus: name, rowsPerSecond: rows / ((performance.now() - started) / 1000), silenceMs: Number.NaN };
  await bus.close();
  return [
    { check: "publish", ...common, rows: taken, done: "a topic of its own", fault: faultOf(taken) },
    { check: "subscribe", ...common, rows: read, done: "read in another process", fault: faultOf(read) },
  ];
}

async function trips({ name, place }: RunningBus, requests: number, { base, ends, through, step }: Common) {
  const bus = openBus(place);
  ends.push(() => bus.close());
  const meter = await meterOf(place, base, ends);
  const helper = await start({ role: "echo", place, asks, answers }, ends);
  const heard = bus.subscribe(answers);
  const publisher = through(bus).publisher(asks);
  await heard.ready;
  const took: number[] = [];
  let fault = "";
  for (let i = 0; i < warmUp + requests && fault === ""; i++) {
    if (i >= warmUp) await meter.trips(1);
    const from = performance.now();
    fault = await within(ask(publisher, heard, i), `the answer to probe ${i}`, 2000).catch(wordsOf);
    if (i >= warmUp) took.push((performance.now() - from) * 1000);
    step(1);
  }
  await Promise.allSettled([publisher.close()]);
  await bus.close();
  await helper.kill();
  await meter.close();
  const pair = {
    pair: `probe to probe on ${name}`,
    requests: took.length,
    p50: percentileOf(took, 0.5),
    p99: percentileOf(took, 0.99),
    fault,
  };
  return { pairs: [pair], base: meter.base() };
}
async function ask(publisher: ReturnType<Bus["publisher"]>, heard: ReturnType<Bus["subscribe"]>, i: number): Promise<string> {
  await publishAll(publisher, i, i + 1);
  const time = await take(heard, ({ columns, from }) => (columns as unknown as { time: BigInt64Array }).time[from]);
  return time === BigInt(i) ? "" : `the answer to probe ${i} is that to ${time}`;
}

/** Of this process: whatever it ended by, nothing of it is left beside the system's topics. */
async function removeProbes(place: Place): Promise<void> {
  const bus = openBus(place);
  try {
    if (bus instanceof SharedBus) {
      // Who closes a ring last removes it.
      for (const name of bus.names().filter((one) => one.startsWith(probe("")))) bus.find(name);
    } else if (bus instanceof RedisBus) {
      await bus.answers(5000);
      const silences = ["killed", "stopped"].map((how) => probeTopic(`silence_${how}`));
      for (const topic of [rowsTopic, asks, answers, ...silences]) await bus.remove(topic);
    }
  } finally {
    await bus.close();
  }
}
