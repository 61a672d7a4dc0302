/** What this machine takes there and back between two processes without the bus, measured beside it: words that both map, or bare entries of a server. */
import * as fs from "node:fs";
import { join } from "node:path";
import type { Base } from "../../analysis/bus_validation.js";
import { RedisBus } from "../../bus/redis/redis_bus.js";
import { memoryFunctions } from "../../bus/shared/mapped.js";
import { isServer, type Pinged, type Place, percentileOf, start, within } from "./validate_places.js";

/** As many trips as asked for at a time, so that they lie between those over the bus. */
export interface BaseMeter {
  trips(count: number): Promise<void>;
  base(): Base;
  close(): Promise<void>;
}
type Keys = Extract<Pinged, { url: string }>["keys"];

/** `folder`: where the words of two processes may lie. */
export const meterOf = (place: Place, folder: string, ends: (() => unknown)[]): Promise<BaseMeter> =>
  isServer(place) ? serverMeter(place, ends) : wordsMeter(folder, ends);

/** The other process: answers until it is killed. */
export const answerPings = (of: Pinged, ready: () => Promise<unknown>): Promise<never> =>
  "file" in of ? answerWords(of.file, ready) : answerEntries(of, ready);

const metered = (what: string, trip: () => unknown, close: () => Promise<void>): BaseMeter => {
  const took: number[] = [];
  return {
    async trips(count) {
      for (let i = 0; i < count; i++) {
        const from = performance.now();
        await trip();
        took.push((performance.now() - from) * 1000);
      }
    },
    base: () => ({ what, trips: took.length, p50: percentileOf(took, 0.5), p99: percentileOf(took, 0.99) }),
    close,
  };
};

const bytes = 4096;
/** On lines of their own. */
const [asked, answered] = [0, 64];
const turnMs = 50;

function wordsIn(file: string): Int32Array {
  const opened = fs.openSync(file, "a+", 0o600);
  try {
    const { allocate, map } = memoryFunctions();
    allocate(opened, bytes);
    return new Int32Array(map(opened, bytes));
  } finally {
    fs.closeSync(opened);
  }
}
/** Sleeps until the word is another one: who asks an engine waits longer than a thread looks. */
function unlike(words: Int32Array, index: number, value: number): number {
  for (;;) {
    const seen = Atomics.load(words, index);
    if (seen !== value) return seen;
    memoryFunctions().wait(words, index, value, turnMs);
  }
}
function tell(words: Int32Array, index: number, value: number): void {
  Atomics.store(words, index, value);
  memoryFunctions().wake(words, index);
}
async function answerWords(file: string, ready: () => Promise<unknown>): Promise<never> {
  const words = wordsIn(file);
  await ready();
  for (let seen = 0; ; tell(words, answered, seen)) seen = unlike(words, asked, seen);
}
async function wordsMeter(folder: string, ends: (() => unknown)[]): Promise<BaseMeter> {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "words");
  const words = wordsIn(file);
  const helper = await start({ role: "ping", of: { file } }, ends);
  fs.rmSync(file);
  let number = 0;
  const trip = () => {
    tell(words, asked, ++number);
    unlike(words, answered, number - 1);
  };
  return metered("a word in shared memory, there and back between two processes that sleep", trip, () => helper.kill());
}

/** Well below the time after which a command counts as lost. */
const blockMs = 200;
const body = "x".repeat(1024);
/** Two connections: who waits for an entry can send nothing on the same one. */
function entries(url: string) {
  const [sends, reads] = [new RedisBus({ url }), new RedisBus({ url })];
  let last = "0-0";
  return {
    ready: () => Promise.all([sends.answers(5000), reads.answers(5000)]),
    send: (key: string) => sends.command("XADD", key, "MAXLEN", 64, "*", "r", body),
    async next(key: string) {
      for (;;) {
        const reply = (await reads.command("XREAD", "BLOCK", blockMs, "STREAMS", key, last)) as [string, [string, string[]][]][] | null;
        const found = reply?.[0]?.[1].at(-1);
        if (!found) continue;
        last = found[0];
        return;
      }
    },
    remove: (keys: Keys) => Promise.all(keys.map((key) => sends.command("DEL", key))),
    close: () => Promise.allSettled([sends.close(), reads.close()]),
  };
}
async function answerEntries({ url, keys }: { readonly url: string; readonly keys: Keys }, ready: () => Promise<unknown>): Promise<never> {
  const link = entries(url);
  await link.ready();
  await ready();
  for (;;) {
    await link.next(keys[0]);
    await link.send(keys[1]);
  }
}
async function serverMeter({ url, namespace = "tickforge" }: Extract<Place, { url: string }>, ends: (() => unknown)[]): Promise<BaseMeter> {
  const link = entries(url);
  ends.push(() => link.close());
  await link.ready();
  // Of this process alone, and gone with it.
  const key = (what: string) => `{${namespace}.validate.${process.pid}}:${what}`;
  const keys = [key("asked"), key("answered")] as const;
  ends.push(() => link.remove(keys));
  const helper = await start({ role: "ping", of: { url, keys } }, ends);
  const trip = async () => {
    const heard = link.next(keys[1]);
    await link.send(keys[0]);
    await within(heard, "a bare entry");
  };
  return metered("a bare entry there and back between two processes: XADD, XREAD, XADD, XREAD", trip, async () => {
    await helper.kill();
    await link.remove(keys);
    await link.close();
  });
}
