/**
 * Entries of a topic on a Redis server of its own, altered field by field, and entries that are none: a subscription, a group and a
 * publisher meet them. Each of them settles in time; a row that comes out is the one that was published, and each that does not is
 * counted as lost or damaged.
 */
import { once } from "node:events";
import { topic } from "../../../src/bus/frame.js";
import { RedisBus } from "../../../src/bus/redis/redis_bus.js";
import type { RedisSubscription } from "../../../src/bus/redis/redis_subscription.js";
import { seeded } from "../../../src/bus/routing/router.js";
import { redisServer, type Server, startRedis, whyNoRedis } from "../../bus/kit/redis_server.js";
import { type Attempt, Broken, type MakeAttack } from "./harness.js";

const BATCHES = 6;
const BOUND_MS = 6000;
const declared = (name: string) =>
  topic({ name, columns: { id: { dtype: "f64" }, symbol: { dtype: "u32" } }, rows: 2, slots: 16, backpressure: "block" });
type Flow = ReturnType<typeof declared>;
const texts = [
  "",
  "0",
  "-1",
  "NaN",
  "1e999",
  "c2",
  "k2",
  "c",
  "r",
  "l",
  "m",
  "o",
  "e",
  "s",
  "y",
  "[]",
  '[0,"X"]',
  "[-1,{}]",
  "\u0000",
  "x".repeat(300),
];

async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Broken(`${what} has not settled in ${BOUND_MS} ms`)), BOUND_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

interface Seen {
  readonly ids: number[];
  readonly end: Promise<void>;
}
function read(subscription: RedisSubscription<Flow["columns"]>): Seen {
  const ids: number[] = [];
  const end = (async () => {
    for await (const { columns, rows, lost } of subscription) {
      if (!Number.isSafeInteger(lost) || lost < 0) throw new Broken(`${lost} rows were lost`);
      for (let i = 0; i < rows; i++) {
        if (columns.symbol[i] !== columns.id[i]! % 3) throw new Broken(`row ${columns.id[i]} came with symbol ${columns.symbol[i]}`);
        ids.push(columns.id[i]!);
      }
    }
  })();
  end.catch(() => {});
  return { ids, end };
}

/** An entry is written again with its id, and those behind it; as nothing else can be between. */
const rewrite = `local all = redis.call('XRANGE', KEYS[1], '-', '+')
redis.call('XTRIM', KEYS[1], 'MAXLEN', 0) redis.call('XSETID', KEYS[1], '0-0')
for n, e in ipairs(all) do
  local f = e[2]
  if n == tonumber(ARGV[1]) then
    local field = tonumber(ARGV[2])
    if ARGV[3] == 'put' then f[field] = ARGV[4]
    elseif ARGV[3] == 'drop' then table.remove(f) table.remove(f)
    elseif ARGV[3] == 'add' then f[#f + 1] = ARGV[4] f[#f + 1] = ARGV[4]
    elseif #f[field] > 0 then
      local at = tonumber(ARGV[4]) % #f[field] + 1
      f[field] = string.sub(f[field], 1, at - 1) .. string.char(bit.bxor(string.byte(f[field], at), 2 ^ (tonumber(ARGV[4]) % 8))) .. string.sub(f[field], at + 1)
    end
    if #f == 0 then f = {'gone', ''} end
  end
  redis.call('XADD', KEYS[1], e[1], unpack(f))
end
return #all`;

async function attempt(
  server: Server,
  name: string,
  change: (bus: RedisBus, stream: string) => Promise<unknown>,
  between: boolean,
): Promise<void> {
  const buses = Array.from(
    { length: 2 },
    () => new RedisBus({ url: server.socket, closeMs: 2000, readyMs: 1000, codec: between ? "raw" : "lz4" }),
  );
  const [writes, reads] = buses as [RedisBus, RedisBus];
  const flow = declared(name);
  const stream = `{tickforge.${name}}:${name}:stream`;
  try {
    const publisher = writes.publisher(flow);
    await inTime("publisher.ready", publisher.ready);
    for (const symbol of ["A", "B", "C"]) publisher.symbols.add(symbol);
    const say = async (from: number, to: number) => {
      for (let id = from; id < to; id += 2)
        while (publisher.publish({ id: Float64Array.of(id, id + 1), symbol: Uint32Array.of(id % 3, (id + 1) % 3) }) === 0)
          await publisher.room();
      await inTime("publisher.flushed", publisher.flushed());
    };
    await reads.hold(flow, "keeps", 0);
    await say(0, 2 * BATCHES);
    await change(writes, stream);
    const subscription = reads.subscribe(flow, { from: { id: "0-0", sequence: 0 } });
    await inTime("subscription.ready", subscription.ready);
    const seen = read(subscription);
    await reads.dropGroup(flow, "keeps").catch(() => {});
    await say(2 * BATCHES, 4 * BATCHES);
    await inTime("publisher.close", publisher.close());
    await inTime("the end of the subscription", seen.end);
    judge(seen, subscription);
  } finally {
    await inTime("bus.close", Promise.allSettled(buses.map((bus) => bus.close())));
    server.cli("del", ...["stream", "facts", "places", "beats", "symbols"].map((what) => `{tickforge.${name}}:${name}:${what}`));
  }
}

/** Rows in their order and once; those that are missing were counted, or lay in entries that were told. */
function judge({ ids }: Seen, subscription: RedisSubscription<Flow["columns"]>): void {
  if (ids.some((id, i) => i > 0 && id <= ids[i - 1]!)) throw new Broken(`rows came out of order: ${ids}`);
  const missing = 4 * BATCHES - ids.length;
  const { lost } = subscription.stats();
  if (missing !== lost || (missing > 0 && subscription.damaged + subscription.foreign === 0))
    throw new Broken(
      `${missing} rows are missing, ${lost} were told as lost; entries: ${subscription.damaged} damaged, ${subscription.foreign} foreign`,
    );
  const symbols = [0, 1, 2].map((id) => subscription.symbols.at(id)).join("");
  if (symbols !== "ABC") throw new Broken(`symbols came as ${symbols}`);
}

const attack: MakeAttack = async (seed) => {
  if (!redisServer) throw new Error(whyNoRedis);
  const server = await startRedis();
  const one = (index: number): Attempt => {
    const random = seeded(seed * 1_000_003 + index);
    const pick = (n: number) => Math.floor(random() * n);
    const text = texts[pick(texts.length)]!;
    // The first entry opens the topic, the last ones are batches; the fields of the second are those with symbols.
    const [entry, field, how] = [1 + pick(BATCHES + 1), 1 + pick(6), (["put", "flip", "flip", "drop", "add"] as const)[pick(5)]!];
    const value = how === "flip" ? String(pick(4000)) : text;
    const foreign = index % 4 === 3;
    const id = ["*", "1-7", "1-8", "1-20", "2-1", "1-18446744073709551615"][pick(6)]!;
    const words = Array.from({ length: 2 * (1 + pick(3)) }, () => texts[pick(texts.length)]!);
    const change = (bus: RedisBus, stream: string) =>
      foreign
        ? bus.command("XADD", stream, id, ...words)
        : bus.command("EVAL", rewrite, 1, stream, entry, Math.min(field, entry === 2 ? 6 : 4), how, value);
    const what = foreign
      ? `XADD ${id} ${words.map((word) => word.slice(0, 20)).join(" ")}`
      : `entry ${entry} field ${field} ${how} ${value.slice(0, 40)}`;
    return { what, run: () => attempt(server, `t${index}`, change, index % 2 === 0) };
  };
  const close = async () => {
    const gone = once(server.process, "exit");
    await server.stop();
    await gone;
  };
  return { total: 1_000_000, attempt: one, close };
};
export default attack;
