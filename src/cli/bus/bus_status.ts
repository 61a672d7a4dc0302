/** tickforge bus status: every topic that has a ring here, who is attached, how far each one is, rates. */
import type { Attached } from "../../bus/ring/attached.js";
import type { Look, SharedBus } from "../../bus/shared/shared_bus.js";
import { BusError, didYouMean } from "../../core/contract/errors.js";
import { exit, FailedError } from "../kit/exit.js";
import { columns, count, none, plural, short } from "../kit/format.js";
import { type BusJob, line } from "./bus_job.js";

const usualMs = 500;

type Seen =
  | { readonly name: string; readonly error: BusError }
  | { readonly name: string; readonly look: Look; readonly before: readonly Attached[] };

export async function status({ words, values, terminal, open }: BusJob): Promise<number> {
  const bus = open();
  try {
    const names = chosen(bus.names().sort(), words, bus.folder);
    const seen = names.map((name): Seen => first(bus, name));
    const started = performance.now();
    const over = values.over === undefined ? usualMs : Number(values.over as bigint) / 1e6;
    // Rates need two looks; what nobody uses has none.
    if (seen.some((one) => "look" in one && one.look.inUse())) await new Promise((resolve) => setTimeout(resolve, over));
    const seconds = (performance.now() - started) / 1000;
    const facts = seen.map((one) =>
      "look" in one ? second(one.name, one.look, one.before, seconds) : { topic: one.name, error: one.error },
    );
    if (values.json === true)
      for (const one of facts)
        terminal.answer(line("error" in one ? { topic: one.topic, error: one.error.code, message: one.error.message } : one));
    else terminal.answer(`${[`${bus.folder}   ${plural(facts.length, "topic")}`, ...facts.map(text)].join("\n")}\n`);
    return exit.ok;
  } finally {
    bus.close();
  }
}

function chosen(names: string[], words: readonly string[], folder: string): string[] {
  const missing = words.find((word) => !names.includes(word));
  if (missing === undefined) return words.length > 0 ? [...words] : names;
  const near = didYouMean(missing, names);
  const hint = near
    ? `did you mean ${near}?`
    : names.length > 0
      ? `there are ${names.join(", ")}`
      : "start what publishes it, or check --folder and --namespace";
  throw new FailedError("E_BUS_NAME", `topic '${missing}': there is no ring of that name in ${folder}`, { hint });
}

function first(bus: SharedBus, name: string): Seen {
  try {
    const look = bus.look(name);
    return { name, look, before: look.ring.attached() };
  } catch (error) {
    if (error instanceof BusError) return { name, error };
    throw error;
  }
}

const key = ({ role, pid, placement }: Attached) => `${role} ${pid} ${placement}`;

function second(topic: string, look: Look, before: readonly Attached[], seconds: number) {
  try {
    const { ring } = look;
    const inUse = look.inUse();
    const { published, full } = ring.stats();
    const rateOf = (one: Attached, index: number) => {
      const earlier = before[index] && key(before[index]) === key(one) ? before[index] : undefined;
      return inUse && earlier ? (one.rows - earlier.rows) / seconds : null;
    };
    const attached = ring.attached().map((one, i) => ({ ...one, rowsPerSecond: rateOf(one, i) }));
    const { columns: fields, rows, slots, backpressure } = ring.topic;
    return { topic, inUse, published, full, rows, slots, backpressure, bytes: ring.memory.byteLength, columns: fields, attached };
  } finally {
    look.close();
  }
}

type Facts = ReturnType<typeof second>;

function text(one: Facts | { readonly topic: string; readonly error: BusError }): string {
  if ("error" in one) return `${one.topic}   ${one.error.message.replace(/^ring: /, "")}   [${one.error.code}]`;
  const { topic, inUse, published, full, rows, slots, backpressure, columns: fields, attached } = one;
  const about = `${topic}   ${plural(Object.keys(fields).length, "column")}, ${count(rows)} rows x ${slots} slots, ${backpressure}   published ${count(published)}   full ${count(full)}`;
  if (!inUse) return `${about}\n  left behind: nobody has it open; who opens it next goes on from row ${count(published)}`;
  if (attached.length === 0) return `${about}\n  held, and nobody publishes or subscribes`;
  return `${about}\n${columns([heads, ...attached.map(cells)], [1, 3, 4, 5, 6, 7, 8], "  ")}`;
}

const heads = ["role", "pid", "state", "cursor", "lag", "rows", "lost", "rows/s", "heartbeat", "placement"];
const cells = ({ role, pid, state, cursor, lag, rows, lost, rowsPerSecond, heartbeatMs, placement }: Facts["attached"][number]) => [
  role,
  String(pid),
  state,
  String(cursor),
  role === "publisher" ? none : count(lag),
  count(rows),
  role === "publisher" ? none : count(lost),
  rowsPerSecond === null ? none : short(rowsPerSecond),
  `${count(heartbeatMs)} ms`,
  placement || none,
];
