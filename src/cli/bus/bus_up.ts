/** tickforge bus up: topics from a declaration, made and held until Ctrl-C. */
import { readFileSync } from "node:fs";
import type { Column, Topic } from "../../bus/bus.js";
import { layoutOf } from "../../bus/frame.js";
import { pathOf } from "../../bus/shared/mapped.js";
import type { SharedBus } from "../../bus/shared/shared_bus.js";
import { BusError, DataError, didYouMean } from "../../core/contract/errors.js";
import { cannotRead } from "../../files/bytes/source.js";
import { UsageError } from "../kit/exit.js";
import { columns, count, plural } from "../kit/format.js";
import { interruptible } from "../kit/interrupt.js";
import { type BusJob, line } from "./bus_job.js";
import { upTopology } from "./bus_topology.js";

export async function up(job: BusJob): Promise<number> {
  const { words, values, terminal, open } = job;
  if (values.topology !== undefined) return upTopology(job);
  if (values.redis !== undefined) throw new UsageError("--redis goes with --topology", "tickforge bus up --topology dual --redis start");
  const [path, ...more] = words;
  if (path === undefined || more.length > 0)
    throw new UsageError("bus up takes one file", "tickforge bus up topics.json; see tickforge bus --help");
  const topics = declared(path);
  const bus = open();
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const interrupt = interruptible(stop, () => bus.close());
  // Nothing else keeps the process alive while it only holds topics.
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    const made = topics.map((topic) => ({ topic, found: hold(bus, topic) }));
    for (const { topic, found } of made) if (found) terminal.note(`tickforge: ${topic.name}: ${found}\n`);
    if (values.json === true) for (const { topic } of made) terminal.answer(line({ ...facts(bus, topic), columns: topic.columns }));
    else terminal.answer(`${columns([heads, ...made.map(({ topic }) => cells(facts(bus, topic)))], [1, 2, 3, 4])}\n`);
    terminal.note(`holding ${plural(topics.length, "topic")} in ${bus.folder} until Ctrl-C\n`);
    await stopped;
  } finally {
    clearInterval(alive);
    bus.close();
    interrupt.end();
  }
  const left = topics.filter(({ name }) => bus.names().includes(name)).map(({ name }) => name);
  terminal.note(left.length > 0 ? `still in use, and left to who uses them: ${left.join(", ")}\n` : "removed\n");
  return interrupt.code;
}

const heads = ["topic", "columns", "rows a slot", "slots", "bytes", "when full"];
const facts = (bus: SharedBus, topic: Topic) => ({
  topic: topic.name,
  fields: Object.keys(topic.columns).length,
  rows: topic.rows,
  slots: topic.slots,
  bytes: bus.ring(topic).memory.byteLength,
  backpressure: topic.backpressure,
  file: pathOf(bus.folder, topic.name),
});
const cells = ({ topic, fields, rows, slots, bytes, backpressure }: ReturnType<typeof facts>) => [
  topic,
  count(fields),
  count(rows),
  count(slots),
  count(bytes),
  backpressure,
];

/** Makes or opens a ring; what was there before, where somebody should know. */
function hold(bus: SharedBus, topic: Topic): string | undefined {
  const was = bus.names().includes(topic.name) ? lookedAt(bus, topic.name) : undefined;
  const { published } = bus.ring(topic).stats();
  if (was === undefined) return undefined;
  if (was === "in use") return `in use already, now held by this process too; row ${count(published)} is next`;
  return published > 0
    ? `left behind by a process that died, and used on from row ${count(published)}`
    : `a file that was left behind was made anew (${was})`;
}

function lookedAt(bus: SharedBus, name: string): string | undefined {
  try {
    const look = bus.look(name);
    const answer = look.inUse() ? "in use" : "nobody had it open";
    look.close();
    return answer;
  } catch (error) {
    return error instanceof BusError ? error.code : undefined;
  }
}

const wrong = (path: string, what: string, hint: string, cause?: unknown) =>
  new DataError("E_BUS_DECLARATION", `${path}: ${what}`, { file: path, hint, cause });

function declared(path: string): Topic[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    cannotRead(path, cause);
  }
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw wrong(path, `is not JSON: ${(cause as Error).message}`, "see tickforge bus --help for an example", cause);
  }
  const list = isObject(given) ? given.topics : given;
  if (!Array.isArray(list) || list.length === 0)
    throw wrong(path, "declares no topics", 'it needs { "topics": [{ "name": ..., "columns": ... }] }');
  const topics = list.map((one, i) => topicOf(path, one, `topic ${i + 1}`));
  const twice = topics.find(({ name }, i) => topics.findIndex((other) => other.name === name) !== i);
  if (twice) throw wrong(path, `topic '${twice.name}' is declared twice`, "declare it once");
  return topics;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const fields = ["name", "columns", "rows", "slots", "backpressure", "symbols"];

function topicOf(path: string, given: unknown, which: string): Topic {
  if (!isObject(given) || !isObject(given.columns))
    throw wrong(path, `${which} is no object with columns`, "see tickforge bus --help for an example");
  const unknown = Object.keys(given).find((field) => !fields.includes(field));
  if (unknown !== undefined) {
    const near = didYouMean(unknown, fields);
    throw wrong(path, `${which} has an unknown field '${unknown}'`, near ? `did you mean ${near}?` : `known are ${fields.join(", ")}`);
  }
  const short = ([name, column]: [string, unknown]) => [name, typeof column === "string" ? { dtype: column } : column];
  const columns = Object.fromEntries(Object.entries(given.columns).map(short)) as Record<string, Column>;
  const odd = Object.entries(columns).find(([, column]) => !isObject(column));
  if (odd)
    throw wrong(path, `${which}: column '${odd[0]}' is ${JSON.stringify(odd[1])}`, 'write "f64", or { "dtype": "f64", "width": 10 }');
  if (given.symbols !== undefined && !(Array.isArray(given.symbols) && given.symbols.every((symbol) => typeof symbol === "string")))
    throw wrong(path, `${which}: symbols is no list of texts`, 'such as ["BTCUSDT", "ETHUSDT"]');
  const topic = { rows: 256, slots: 64, backpressure: "block", ...given, columns } as unknown as Topic;
  try {
    layoutOf(topic);
  } catch (cause) {
    if (cause instanceof BusError) throw wrong(path, cause.message, cause.hint ?? "", cause);
    throw cause;
  }
  return topic;
}
