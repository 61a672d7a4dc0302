/** What can be seen of somebody else's topics without taking part in them: two looks, and what changed between. */
import type { ServerFigures, TopicFigures } from "../../analysis/bus_validation.js";
import type { Topic } from "../../bus/bus.js";
import { RedisBus, type RedisLook } from "../../bus/redis/redis_bus.js";
import type { Attached } from "../../bus/ring/attached.js";
import { type Look, SharedBus, type SharedOptions } from "../../bus/shared/shared_bus.js";
import { BusError } from "../../core/contract/errors.js";

const nothing = {
  ...{ inUse: false, backpressure: "unknown" as const, slots: Number.NaN, published: 0, rowsPerSecond: Number.NaN, rowsABatch: Number.NaN },
  ...{ subscribers: 0, lag: Number.NaN, lost: Number.NaN, full: Number.NaN, fullMeanwhile: Number.NaN },
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const largest = (values: readonly number[]): number => Math.max(0, ...values);
const faultIn = (cause: unknown): string => {
  if (cause instanceof BusError) return cause.message;
  throw cause;
};

/** `chosen`: of the names that lie there. */
export async function lookAtRings(
  bus: string,
  place: SharedOptions,
  chosen: (names: readonly string[]) => readonly string[],
  ms: number,
): Promise<TopicFigures[]> {
  const shared = new SharedBus(place);
  try {
    const started = performance.now();
    const seen = chosen(shared.names().sort()).map((topic) => ({ topic, ...ringAt(shared, topic) }));
    if (seen.some(({ look }) => look?.inUse())) await pause(ms);
    const seconds = (performance.now() - started) / 1000;
    return seen.map(({ topic, look, before, fault }): TopicFigures => {
      if (!look) return { bus, transport: "rings", topic, ...nothing, fault };
      const now = stateOf(look);
      look.close();
      const { slots, backpressure } = look.ring.topic;
      const { published, full, subscribers } = now;
      const [rows, batches] = [published - before.published, now.batches - before.batches];
      return {
        ...{ bus, transport: "rings", topic, inUse: now.inUse, backpressure, slots, published, rowsPerSecond: rows / seconds },
        ...{ rowsABatch: batches > 0 ? rows / batches : Number.NaN, subscribers: subscribers.length },
        ...{ lag: largest(subscribers.map(({ lag }) => lag)), lost: largest(subscribers.map(({ lost }) => lost)) },
        ...{ full, fullMeanwhile: full - before.full, fault: "" },
      };
    });
  } finally {
    shared.close();
  }
}

type State = { published: number; full: number; batches: number; inUse: boolean; subscribers: Attached[] };
function stateOf({ ring, inUse }: Look): State {
  const attached = ring.attached();
  const { published, full } = ring.stats();
  const batches = attached.find(({ role }) => role === "publisher")?.cursor ?? Number.NaN;
  return { published, full, batches, inUse: inUse(), subscribers: attached.filter(({ role }) => role === "subscriber") };
}
type RingSeen = { look: Look; before: State; fault: string } | { look?: undefined; before?: undefined; fault: string };
function ringAt(bus: SharedBus, topic: string): RingSeen {
  try {
    const look = bus.look(topic);
    return { look, before: stateOf(look), fault: "" };
  } catch (cause) {
    return { fault: faultIn(cause) };
  }
}

/** A publisher on Redis is heard of twice a second. */
const silentMs = 2000;
const named = (name: string): Topic => ({ name, columns: { time: { dtype: "i64" } }, rows: 1, slots: 2, backpressure: "block" });

export async function lookAtServer(
  bus: string,
  { url, namespace }: { readonly url: string; readonly namespace?: string },
  names: readonly string[],
  ms: number,
): Promise<{ topics: TopicFigures[]; servers: ServerFigures[] }> {
  const redis = new RedisBus({ url, ...(namespace !== undefined && { namespace }) });
  try {
    await redis.answers(5000);
    const looks = () => Promise.all(names.map((name) => redis.look(named(name)).catch(faultIn)));
    const [started, before] = [performance.now(), await looks()];
    if (names.length > 0) await pause(ms);
    const seconds = (performance.now() - started) / 1000;
    const after = await looks();
    const topics = names.map((topic, i) => entryOf(bus, topic, before[i]!, after[i]!, seconds));
    return { topics, servers: [settingsOf(bus, String(await redis.command("INFO")))] };
  } finally {
    await redis.close();
  }
}

function entryOf(bus: string, topic: string, before: RedisLook | string, now: RedisLook | string, seconds: number): TopicFigures {
  const of = { bus, transport: "redis" as const, topic, ...nothing };
  if (typeof before === "string" || typeof now === "string") return { ...of, fault: String(typeof now === "string" ? now : before) };
  const { rows, batches, epoch, subscribers, publisherSilentMs } = now;
  if (epoch === 0) return { ...of, fault: "the server knows no topic of this name: check it, and the namespace" };
  const [newRows, newBatches] = [rows - before.rows, batches - before.batches];
  return {
    ...of,
    ...{ inUse: publisherSilentMs < silentMs || subscribers.length > 0, published: rows, rowsPerSecond: newRows / seconds },
    ...{ rowsABatch: newBatches > 0 ? newRows / newBatches : Number.NaN, subscribers: subscribers.length },
    ...{ lag: largest(subscribers.map(({ lag }) => lag)), fault: "" },
  };
}

function settingsOf(bus: string, info: string): ServerFigures {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "";
  return {
    ...{ bus, version: field("redis_version"), policy: field("maxmemory_policy") },
    ...{ memoryMost: Number(field("maxmemory") || Number.NaN), memoryUsed: Number(field("used_memory") || Number.NaN) },
    ...{ evicted: Number(field("evicted_keys") || 0), appendOnly: field("aof_enabled") === "1" },
  };
}
