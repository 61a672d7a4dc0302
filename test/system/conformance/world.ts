/** An engine in its host, on real rings in this thread: killed at any step, another one goes on from what was written down. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { RingBus } from "../../../src/bus/ring/ring.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { begin, type Ends, placeOf } from "../../../src/system/host/begin.js";
import { Board, boardBytes, type EngineBoard } from "../../../src/system/host/board.js";
import type { EngineHost } from "../../../src/system/host/engine_host.js";
import { ORDER, orderName, orderTopic } from "../../../src/system/kit/order.js";
import type { Plan, PlannedEngine, PlannedTopic } from "../../../src/system/plan/plan.js";
import { Feed, Sinks } from "./bare.js";
import { Found, type Made, type Results, type Wired } from "./made.js";

export interface Life {
  readonly seed?: number;
  /** Chance of a kill before each step. */
  readonly kills?: number;
  /** Chances that a turn of feeds, or of sinks, does anything. */
  readonly feeds?: number;
  readonly sinks?: number;
  /** The order of several inputs is that of the case; else the host's own, which it tells. */
  readonly ordered?: boolean;
  /** Every claim of a result throws it. */
  readonly trouble?: Error;
}
export interface Lived {
  readonly results: Results;
  /** The order that the host told. */
  readonly order: Made["order"];
  readonly board: EngineBoard;
  readonly logged: readonly string[];
  readonly kills: number;
  /** Steps that did nothing, and after which it says that a step could do something: a thread would not sleep. */
  readonly restless: number;
}

const care = {
  limit: 1,
  withinSeconds: 1,
  backoffMs: 1,
  mostBackoffMs: 1,
  onTrouble: "hold",
  memoryMB: 1,
  rate: 1,
  lagSeconds: 1,
} as const;

function planOf({ definition, settings, takes, gives }: Made, folder: string, order: "followed" | "told" | undefined): Plan {
  const { name, options, instruments } = settings;
  const wires = (all: readonly { port: string; topic: { name: string } }[]) => all.map(({ port, topic }) => ({ port, topic: topic.name }));
  const journal = { port: ORDER, topic: orderName(name) };
  const planned: PlannedEngine = {
    ...{ name, engine: definition.name, options, runner: 0, hashed: true, spin: 0, care },
    takes: [...wires(takes), ...(order === "followed" ? [journal] : [])],
    gives: [...wires(gives), ...(order === "told" ? [journal] : [])],
    stateBytes: definition.stateBytes(settings),
  };
  const topicOf = (topic: unknown): PlannedTopic => ({ topic: topic as never, giver: "", takers: [], bus: "main", ringBytes: 0 });
  return {
    ...{ name: "test", folder, instruments, topology: "single", engines: [planned], host: "here", bridges: [], cores: 1 },
    topics: [...takes, ...gives, ...(order ? [{ topic: orderTopic(name) }] : [])].map(({ topic }) => topicOf(topic)),
    runners: [{ name: "one", place: "thread", loop: "blocking", engines: [name] }],
  };
}

export async function live(made: Made, folder: string, how: Life = {}): Promise<Lived> {
  const { seed = 1, kills = 0, feeds = 1, sinks = 1, ordered = true, trouble } = how;
  const random = seeded(seed);
  const { takes, settings } = made;
  const order = takes.length < 2 ? undefined : ordered ? "followed" : "told";
  const plan = planOf(made, folder, order);
  mkdirSync(join(folder, "state"), { recursive: true });
  const [planned] = plan.engines as [PlannedEngine];
  const bus = new RingBus({ subscribers: 4 });
  for (const { port, topic } of planned.takes)
    bus.durable(plan.topics.find((one) => one.topic.name === topic)!.topic, placeOf(planned.name, port), { from: 0 }).close();
  const ends: Ends = {
    reader: (topic, name, from) => bus.durable(topic, name, from === undefined ? {} : { from }),
    observer: (topic) => bus.ring(topic).observe(),
    publisher: (topic) => {
      const publisher = bus.publisher(topic, { takeover: true });
      if (trouble)
        publisher.claim = () => {
          throw trouble;
        };
      return publisher as never;
    },
  };
  const out = new Sinks(made, bus);
  const told =
    order === "told" ? { found: new Found(orderTopic(settings.name) as never), of: bus.subscribe(orderTopic(settings.name)) } : undefined;
  const ins = [...takes, ...(order === "followed" ? [orderRows(made)] : [])].map(
    (of) => new Feed(of, bus, () => Math.ceil(64 * random() ** 3)),
  );
  const board = new Board(new ArrayBuffer(boardBytes(1)), 1).of(0);
  const logged: string[] = [];
  const again = () =>
    begin(
      plan,
      planned,
      ends,
      board,
      (line) => logged.push(line),
      () => [],
      () => {},
    );
  let host: EngineHost = await again();
  let [now, killed, restless] = [0, 0, 0];
  while (!host.over || !out.ended || told?.of.ended === false) {
    let did = false;
    for (const feed of ins) if (random() < feeds) did = (await feed.step()) || did;
    if (!host.over) {
      if (random() < kills) {
        // Nothing of it is closed: so it is with a process that was killed.
        host = await again();
        killed++;
      }
      now += 200 * random() ** 6;
      const moved = host.step(now, false) === 0;
      if (!moved && host.ready) restless++;
      did = moved || did;
    }
    if (random() < sinks) {
      did = out.step(sinks === 1 ? undefined : 1) || did;
      told?.of.poll((batch) => told.found.take(batch as never));
    }
    if (!did) await new Promise(setImmediate);
  }
  await host.close();
  const { port = [], upTo = [] } = (told?.found.columns ?? {}) as { port?: number[]; upTo?: number[] };
  bus.close();
  return {
    ...{ results: out.results, board, logged, kills: killed, restless },
    order: port.map((which, i) => ({ port: which, upTo: upTo[i]! })),
  };
}

/** The order of the case as rows of its topic. */
export function orderRows({ settings, order }: Made): Wired {
  const numbers = (value: (one: Made["order"][number]) => number) => Float64Array.from(order, value);
  return {
    ...{ port: ORDER, topic: orderTopic(settings.name) as never, taken: undefined as never, rows: order.length },
    columns: {
      time: new BigInt64Array(order.length) as never,
      port: Uint32Array.from(order, ({ port }) => port) as never,
      upTo: numbers(({ upTo }) => upTo),
    },
  };
}
