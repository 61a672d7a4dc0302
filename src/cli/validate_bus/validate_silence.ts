/** How long subscribers hear nothing when whoever publishes is killed or stands still and a standby takes over; several times. */
import { faultOf, type Silence } from "../../analysis/bus_validation.js";
import type { Columns, Topic, Views } from "../../bus/bus.js";
import { RedisBus } from "../../bus/redis/redis_bus.js";
import { PairPublisher, PairSubscription } from "../../bus/routing/pair.js";
import { FailedError } from "../kit/exit.js";
import { publishedOn } from "./validate_delivery.js";
import { type Helper, isServer, openBus, type Place, percentileOf, start, within } from "./validate_places.js";
import { rowsOf, Tally } from "./validate_rows.js";

export interface SilenceOptions {
  readonly topic: Topic;
  readonly failovers: number;
  readonly ends: (() => unknown)[];
  readonly step: (rows: number) => void;
}
type How = Silence["how"];
const signals = { killed: "SIGKILL", stopped: "SIGSTOP" } as const;

/** Rows, one a millisecond, that are heard before each failover. */
const rowsBefore = 60;
const mostRows = 2 ** 16;
/** A standby that has heard nothing for so long takes over; one that is told of a death by the system, or the link, after as good as none. */
export const overdueMs = 30;
const brokenMs = 5;
/** Standbys that take over from a publisher that lives: on a machine so busy that it is not heard. */
const mostNeedless = 10;
/** Longer than any failover should take. */
const mostMs = 8000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What a subscriber hears, and when. */
class Ear {
  readonly tally: Tally;
  epoch = 0;
  /** Why nothing can be heard any more. */
  private deaf: Error | undefined;
  private at: number[] = [];
  private readonly usual: number[] = [];

  constructor(
    topic: Topic,
    private readonly step: (rows: number) => void,
  ) {
    this.tally = new Tally(topic, mostRows);
  }
  hear(columns: Views<Columns>, from: number, rows: number, epoch = 0): void {
    this.at.push(performance.now());
    this.epoch = epoch;
    this.tally.take(columns, from, rows);
    this.step(rows - from);
  }
  /** Reads along until the subscription ends. */
  async listen(read: () => Promise<void>): Promise<void> {
    await read().catch((error: Error) => {
      this.deaf = error;
    });
  }
  async until(holds: () => boolean, what: string, why = () => ""): Promise<void> {
    for (const end = performance.now() + mostMs; !holds(); await pause(1)) {
      if (this.deaf) throw this.deaf;
      if (performance.now() > end) throw new FailedError("E_VALIDATE_TIME", `${what}: nothing came for ${mostMs / 1000} s${why()}`);
    }
  }
  /** A failover begins: what was heard before is what is usual. */
  quietUntil(): void {
    this.usual.push(...this.at.slice(1).map((at, i) => at - this.at[i]!));
    this.at = this.at.slice(-1);
  }
  /** The longest time without a row since `quietUntil`. */
  silence(): number {
    const spans = this.at.slice(1).map((at, i) => at - this.at[i]!);
    this.at = this.at.slice(-1);
    return Math.max(...spans);
  }
  /** What is heard next is another stretch. */
  pause(): void {
    this.deaf = undefined;
    this.at = [];
  }
  /** Milliseconds, which one in a hundred of the times between two rows is longer than. */
  get usualMs(): number {
    return percentileOf(this.usual, 0.99);
  }
}

/** The process that publishes is killed or stopped; another one, which reads along, goes on behind its last row. */
export async function silenceOfPublishers(place: Place, how: How, options: SilenceOptions): Promise<Silence> {
  const { topic, failovers, ends, step } = options;
  const bus = openBus(place);
  ends.push(() => bus.close());
  const subscription = bus.subscribe(topic);
  await within(subscription.ready, `topic '${topic.name}'`);
  const ear = new Ear(topic, step);
  const reading = ear.listen(async () => {
    for await (const { columns, from, rows, epoch } of subscription) ear.hear(columns, from, rows, epoch);
  });
  const standbys: Helper[] = [];
  const standby = async () => {
    const one = await start({ role: "standby", topic, place, overdueMs }, ends);
    standbys.push(one);
    return one;
  };
  const ended = () =>
    standbys.map(({ failure }) => (failure === undefined ? "" : `; a process that published or stood by ended: ${failure}`)).join("");
  const heard = async (rows: number) => {
    // Each by itself: on a busy machine all of them may take longer than silence may.
    for (let left = rows; left > 0; ) {
      const { got } = ear.tally;
      await ear.until(() => ear.tally.got > got, `topic '${topic.name}', from the process that publishes`, ended);
      left -= ear.tally.got - got;
    }
  };
  const took: number[] = [];
  // Nobody publishes yet, so that it takes over at once.
  let active = await standby();
  await heard(1);
  let needless = 0;
  while (took.length < failovers) {
    const { epoch } = ear;
    const next = await standby();
    await heard(rowsBefore);
    ear.quietUntil();
    if (ear.epoch === epoch) {
      active.process.kill(signals[how]);
      await ear.until(() => ear.epoch !== epoch, `topic '${topic.name}', from the standby`, ended);
      took.push(ear.silence());
    } else if (++needless > mostNeedless)
      throw new FailedError("E_VALIDATE_TIME", `${needless} times nothing was heard for ${overdueMs} ms of a publisher that lives`);
    await active.kill();
    active = next;
  }
  await active.kill();
  const published = await publishedOn(bus, topic);
  await ear.until(() => ear.tally.got >= published, "").catch(() => {});
  await bus.close();
  await reading;
  const waitsMs = how === "killed" && !isServer(place) ? 0 : overdueMs;
  return found({ transport: isServer(place) ? "redis" : "rings", who: "publisher", how, waitsMs, needless }, ear, took, published);
}

function found(
  of: Pick<Silence, "transport" | "who" | "how" | "waitsMs" | "needless">,
  ear: Ear,
  took: readonly number[],
  published: number,
): Silence {
  // The number of a row is its place in what was to be published: one that a standby left out is missing, however many there are.
  const rows = { ...ear.tally.rows, expected: Math.max(published, ear.tally.reached) };
  const figures = { failovers: took.length, medianMs: percentileOf(took, 0.5), worstMs: Math.max(...took), usualMs: ear.usualMs };
  return { ...of, ...figures, rows, fault: faultOf(rows) };
}

/** The server is killed or stopped; the publisher turns to another one, and the subscriber reads both. */
export async function silenceOfServers(
  two: () => Promise<{ readonly urls: readonly [string, string]; end(signal: NodeJS.Signals): void }>,
  how: How,
  { topic, failovers, ends, step }: SilenceOptions,
): Promise<Silence> {
  const ear = new Ear(topic, step);
  const took: number[] = [];
  let published = 0;
  while (took.length < failovers) {
    const { urls, end } = await two();
    const open = () => urls.map((url) => new RedisBus({ url, closeMs: 50 })) as [RedisBus, RedisBus];
    const [here, there] = [open(), open()];
    const close = () => Promise.allSettled([...here, ...there].map((bus) => bus.close()));
    ends.push(close);
    const subscription = new PairSubscription(there, topic);
    const publisher = new PairPublisher(here, topic, { mode: "standby", overdueMs });
    await within(Promise.all([subscription.ready, publisher.ready]), "both servers");
    let side = 0;
    const reading = ear.listen(async () => {
      for await (const batch of subscription) {
        side = batch.side;
        ear.hear(batch.columns, batch.from, batch.rows);
      }
    });
    const from = published;
    const go = async (until: () => boolean) => {
      for (const enough = performance.now() + mostMs; !until() && performance.now() < enough; await pause(1))
        published += publisher.publish(rowsOf(topic, published, 1));
    };
    await go(() => ear.tally.got >= from + rowsBefore);
    ear.quietUntil();
    end(signals[how]);
    await go(() => side === 1);
    await ear.until(() => ear.tally.got >= published, `topic '${topic.name}', from the other server`).catch(() => {});
    took.push(ear.silence());
    end("SIGKILL");
    await Promise.allSettled([publisher.close()]);
    await close();
    await reading;
    ear.pause();
  }
  const waitsMs = how === "killed" ? brokenMs : overdueMs;
  return found({ transport: "redis", who: "server", how, waitsMs, needless: 0 }, ear, took, published);
}
