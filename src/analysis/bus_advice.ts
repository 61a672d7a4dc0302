/** What to change: for each goal that was missed, and each figure that stands out, one sentence, with settings that there are. */
import { latencyGoal, latencyGoals, silenceGoal } from "./bus_goals.js";
import { balancedStrategy, faultsOf } from "./bus_score.js";
import type {
  Base,
  BusValidation,
  PairLatency,
  ServerFigures,
  Silence,
  Surroundings,
  TopicFigures,
  TopologyResult,
} from "./bus_validation.js";

export interface Advice {
  /** What it is about: a goal, a topic, a server. */
  readonly about: string;
  readonly measured: string;
  readonly change: string;
}

const number = (value: number): string => value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
const ms = (us: number): string => `${number(us / 1000)} ms`;
const mebibytes = (bytes: number): string => `${number(bytes / 2 ** 20)} MiB`;

export function adviceOf(found: BusValidation): Advice[] {
  const { topologies, silences, balance, topics, servers, surroundings } = found;
  const scored = topologies.filter(({ compared }) => !compared);
  return together([
    ...spaceAdvice(surroundings),
    ...faultAdvice(found),
    ...latencyAdvice(scored, surroundings),
    ...silences.flatMap((of) => silenceAdvice(of, surroundings)),
    ...balance.flatMap(({ strategy, variation, fault }): Advice[] =>
      strategy === balancedStrategy && variation > evenEnough && fault === ""
        ? [
            {
              about: `balance of ${strategy}`,
              measured: `its shares vary by ${number(variation)}`,
              change: "Have keys thought over more often: a smaller stay of the Router (32 by default).",
            },
          ]
        : [],
    ),
    ...topics.flatMap(topicAdvice),
    ...servers.flatMap(serverAdvice),
  ]);
}

/** What is helped by the same is said once. */
function together(all: readonly Advice[]): Advice[] {
  const changes = [...new Set(all.map(({ change }) => change))];
  return changes.map((change) => {
    const own = all.filter((one) => one.change === change);
    const joined = (field: "about" | "measured") => [...new Set(own.map((one) => one[field]))].join("; ");
    return { about: joined("about"), measured: joined("measured"), change };
  });
}

/** A ring of 64 slots of 16,384 trades, and some more. */
const enoughMemory = 48 * 2 ** 20;
const spaceAdvice = ({ memoryFree }: Surroundings): Advice[] =>
  memoryFree < enoughMemory
    ? [
        {
          about: "memory for rings",
          measured: `${mebibytes(memoryFree)} free in /dev/shm`,
          change: "Make it larger, docker run --shm-size=256m or mount -o remount,size=256m /dev/shm; or declare fewer slots or rows.",
        },
      ]
    : [];

/** Faults whose cause their words tell. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/maxmemory|out of memory|OOM/i, "Raise maxmemory of the Redis server, or declare fewer slots or rows."],
  [/bytes free, the ring needs/, "Make /dev/shm larger, docker run --shm-size=256m, or declare fewer slots or rows."],
  [
    /^silence: .*(lost|twice)/,
    "Have a standby go on behind the last row that the topic has, bus.stats(topic).published, on a topic with backpressure block.",
  ],
  [/\blost\b/, "Declare the topic with backpressure block, under which a publisher waits, or with more slots."],
  [
    /nothing came for|did not say why/,
    "Run it again when less else runs; if it fails again, tickforge doctor says what this installation lacks.",
  ],
];
const otherwise = "Please report it with what tickforge doctor --json says and this answer's --json: no setting is known to help.";
function faultAdvice(found: BusValidation): Advice[] {
  const changeFor = (fault: string) => causes.find(([pattern]) => pattern.test(fault))?.[1] ?? otherwise;
  const faults = faultsOf(found);
  return [...new Set(faults.map(changeFor))].map((change) => {
    const [first, ...more] = faults.filter((fault) => changeFor(fault) === change);
    return { about: "a check that failed", measured: `${first}${more.length > 0 ? `, and ${more.length} more` : ""}`, change };
  });
}

/** One for each transport and percentile: pairs of one run suffer from the same. */
function latencyAdvice(scored: readonly TopologyResult[], surroundings: Surroundings): Advice[] {
  return (["rings", "redis"] as const).flatMap((transport) =>
    (["p50", "p99"] as const).flatMap((at): Advice[] => {
      const missed = scored
        .filter((of) => of.transport === transport)
        .flatMap(({ topology, pairs, base }) => pairs.map((pair) => ({ topology, pair, base, goal: latencyGoal(transport, base)[at] })))
        .filter(({ pair, goal }) => pair.fault === "" && pair[at] > goal);
      const worst = missed.reduce<(typeof missed)[number] | undefined>(
        (a, b) => (a && a.pair[at] / a.goal >= b.pair[at] / b.goal ? a : b),
        undefined,
      );
      if (!worst) return [];
      const measured = `${worst.pair.pair} of ${worst.topology}: ${at === "p50" ? "median" : "99th percentile"} ${ms(worst.pair[at])}, goal ${ms(worst.goal)}`;
      const others = missed.length > 1 ? `, and ${missed.length - 1} more` : "";
      return [{ about: `latency on ${transport}`, measured: measured + others, change: latencyChange(transport, at, worst, surroundings) }];
    }),
  );
}

function latencyChange(
  transport: "rings" | "redis",
  at: "p50" | "p99",
  { base }: { readonly pair: PairLatency; readonly base: Base | undefined },
  { cores, load }: Surroundings,
): string {
  // A goal is a multiple of the base, so that a bare trip as slow as this is no fault of the bus.
  const busy = load > cores || (base !== undefined && base[at] > latencyGoals[transport].quiet[at]);
  const pin = `give the processes of engines cores of their own, such as new SharedBus({ pin: [${Math.max(0, cores - 1)}], realTime: 10 })`;
  const itself = base ? `, a bare trip ${ms(base[at])}` : "";
  if (busy)
    return `The machine is busy or slow by itself (load ${number(load)} on ${cores} cores${itself}): ${pin}, and run this again when it is quiet.`;
  if (transport === "redis")
    return "Keep engines of one machine on rings (SharedBus), and reach the server by its unix socket, RedisBus({ url: '/path/redis.sock' }), where it is on this one.";
  return at === "p50" && cores < 2
    ? "Keep the engines that ask each other in one process (MemoryBus): with one core each trip waits for a change of process."
    : `Let nothing else run on their cores: ${pin}.`;
}

function silenceAdvice(of: Silence, { cores }: Surroundings): Advice[] {
  const pin = `place({ pin: [${Math.max(0, cores - 1)}] })`;
  const { transport, who, how, medianMs, worstMs, usualMs, waitsMs, needless, fault } = of;
  const about = `silence, ${who} ${how} on ${transport}`;
  const goal = silenceGoal(of);
  const advice: Advice[] = [];
  if (needless > 0)
    advice.push({
      about,
      measured: `${needless === 1 ? "once" : `${needless} times`} a standby took over from a publisher that lived, ${number(usualMs)} ms being usual between two rows`,
      change:
        "Have standbys wait longer before they take over, as overdueMs of PairPublisher (30 by default) has it for servers; or run this again when the machine is quiet.",
    });
  if (fault !== "" || (medianMs <= goal.median && worstMs <= goal.worst)) return advice;
  const measured = `median ${number(medianMs)} ms, worst ${number(worstMs)} ms, goals ${number(goal.median)} and ${number(goal.worst)} ms`;
  const change =
    who === "server"
      ? "Publish to both servers at once, PairPublisher with mode 'both', which waits for nobody."
      : transport === "redis" || waitsMs === 0
        ? `Keep standbys running and subscribed, on a core of their own with ${pin}.`
        : `Have the standby wait for less before it takes over with publisher(topic, { takeover: true }), on a core of its own with ${pin}.`;
  return [...advice, { about, measured, change }];
}

/** Of what is even, in parts of the mean. */
const evenEnough = 0.15;
/** Rows a second from which single rows cost more than their columns; and batches that are small for that. */
const [manyOnRings, manyOnRedis, fewRows] = [200_000, 10_000, 16];

function topicAdvice(of: TopicFigures): Advice[] {
  const { bus, transport, topic, backpressure, slots, lag, lost, fullMeanwhile, rowsPerSecond, rowsABatch, inUse, published, fault } = of;
  const about = `topic '${topic}' on ${bus}`;
  if (fault !== "") return [];
  const advice: Advice[] = [];
  if (fullMeanwhile > 0)
    advice.push({
      about,
      measured: `its publisher found it full ${number(fullMeanwhile)} times while it was looked at`,
      change:
        "Declare more slots; or backpressure evict, if only the newest rows matter; or have laggards lose their place with evictAfterMs. tickforge bus status shows who is behind.",
    });
  if (lost > 0)
    advice.push({
      about,
      measured: `a subscriber lost ${number(lost)} rows`,
      change:
        backpressure === "evict"
          ? "Declare more slots, or backpressure block if every row matters."
          : "A subscriber was evicted: raise evictAfterMs of its publisher, or take less work a batch.",
    });
  if (fullMeanwhile === 0 && lag >= slots / 2)
    advice.push({
      about,
      measured: `a subscriber is ${number(lag)} batches behind, of ${slots} slots`,
      change: "Declare more slots, or give that subscriber's process a core of its own with the pin of its SharedBus.",
    });
  if (rowsPerSecond > (transport === "rings" ? manyOnRings : manyOnRedis) && rowsABatch < fewRows)
    advice.push({
      about,
      measured: `${number(rowsPerSecond)} rows a second in batches of ${number(rowsABatch)}`,
      change: `Publish larger batches: new Batcher(publisher, write, { budgetUs: 200 }), with rows of the topic at ${transport === "rings" ? 256 : 1000}.`,
    });
  if (!inUse && published > 0 && transport === "rings")
    advice.push({
      about,
      measured: "nobody has it open: a process died and left it behind",
      change: "Start its publisher again, which goes on behind the last row; tickforge bus status shows where that is.",
    });
  return advice;
}

function serverAdvice({ bus, policy, memoryMost, memoryUsed, evicted }: ServerFigures): Advice[] {
  const about = `server of ${bus}`;
  const advice: Advice[] = [];
  if (memoryMost > 0 && policy !== "" && policy !== "noeviction")
    advice.push({
      about,
      measured: `maxmemory-policy is ${policy}${evicted > 0 ? `, and ${number(evicted)} keys were evicted` : ""}`,
      change: "Set maxmemory-policy noeviction: with any other the server may throw a topic away.",
    });
  if (memoryMost > 0 && memoryUsed > 0.8 * memoryMost)
    advice.push({
      about,
      measured: `${mebibytes(memoryUsed)} of ${mebibytes(memoryMost)} are used`,
      change: "Raise maxmemory, or declare fewer slots or rows.",
    });
  return advice;
}
