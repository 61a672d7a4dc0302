/** tickforge bus play: a recording, mapped and published at full speed or at the pace at which it came. */
import { install } from "../../backends/index.js";
import type { Batch, Topic } from "../../bus/bus.js";
import { MappedRecording } from "../../bus/recording/mapped_recording.js";
import { play as playInto } from "../../bus/recording/pace.js";
import type { Granted } from "../../bus/ring/granted.js";
import type { SharedBus, SharedOptions } from "../../bus/shared/shared_bus.js";
import { TopicHash } from "../../bus/topic_hash.js";
import { BusError } from "../../core/contract/errors.js";
import { checksum } from "../../engines/checksum.js";
import { exit, UsageError } from "../kit/exit.js";
import { count, plural, seconds, short } from "../kit/format.js";
import { interruptible } from "../kit/interrupt.js";
import type { Terminal } from "../kit/terminal.js";
import { type BusJob, line } from "./bus_job.js";

/** A ring of its own need not be as deep as that of the run that was recorded. */
const slots = 16;

export async function play({ words, values, terminal, open }: BusJob): Promise<number> {
  const [path, ...more] = words;
  if (path === undefined || more.length > 0) throw new UsageError("bus play takes one recording", "tickforge bus play trades.tfr");
  const pace = (values.pace as number | undefined) ?? Number.POSITIVE_INFINITY;
  if (!(pace > 0)) throw new UsageError(`--pace is ${pace}, expected a number above 0`, "1 is as fast as it was recorded");
  install(); // for a fast checksum
  const crc32c = checksum();
  const recording = new MappedRecording(path, { crc32c });
  const topic: Topic = {
    ...recording.topic,
    slots: Math.min(slots, recording.topic.slots),
    name: (values.topic as string | undefined) ?? recording.topic.name,
  };
  const bus = open(placement(values));
  report(bus.placement, terminal);
  const stop = new AbortController();
  const interrupt = interruptible(
    () => stop.abort(),
    () => bus.close(),
  );
  const started = performance.now();
  try {
    const publisher = publisherOf(bus, topic);
    terminal.note(
      `publishing ${path} as '${topic.name}', ${pace === Number.POSITIVE_INFINITY ? "at full speed" : `at ${pace} x the recorded pace`}\n`,
    );
    const clock = ["time", "time_ns"].find((name) => topic.columns[name]?.dtype === "i64");
    const hash = new TopicHash(topic, { crc32c });
    const onBatch = ({ columns, from, rows }: Batch) => hash.take(columns, from, rows);
    const { rows, batches } = await playInto(recording, publisher, {
      ...{ pace, signal: stop.signal, onBatch },
      ...(clock !== undefined && { clock }),
    });
    publisher.close();
    if (!stop.signal.aborted) recording.held(hash);
    const took = (performance.now() - started) / 1000;
    const facts = {
      ...{ file: path, topic: topic.name, rows, batches, hash: hash.digest, recordedHash: recording.hash?.digest ?? null },
      ...{ seconds: took, stopped: stop.signal.aborted, placement: bus.placement },
    };
    if (values.json === true) terminal.answer(line(facts));
    else
      terminal.answer(
        `${topic.name}   ${count(rows)} rows in ${plural(batches, "batch", "batches")}, ${seconds(took)}, ${short(rows / took)} rows/s   hash ${hash.digest}${recording.hash ? "" : " (the recording has none)"}\n`,
      );
    return stop.signal.aborted ? interrupt.code : exit.ok;
  } finally {
    interrupt.end();
    bus.close();
    recording.close();
  }
}

/** A ring that is there already keeps its depth; where it has other rows or columns, another name is the way out. */
function publisherOf(bus: SharedBus, topic: Topic) {
  if (!bus.names().includes(topic.name)) return bus.publisher(topic);
  try {
    return bus.publisher({ ...topic, slots: bus.find(topic.name).topic.slots });
  } catch (cause) {
    if (!(cause instanceof BusError && cause.code === "E_BUS_LAYOUT")) throw cause;
    const hint =
      "a topic of this name is held with another layout: --topic NAME plays into one of its own, and bus up is not needed for it";
    throw new BusError(cause.code, cause.message, { cause, hint });
  }
}

function placement({ pin, realTime }: BusJob["values"]): SharedOptions {
  const cores = pin === undefined ? undefined : String(pin).split(",").map(Number);
  if (cores?.some((core) => !Number.isInteger(core)))
    throw new UsageError(`--pin is '${pin}', expected numbers of cores`, "such as 2 or 2,3");
  return { ...(cores && { pin: cores }), ...(realTime !== undefined && { realTime: realTime as number }) };
}

function report({ pin, realTime }: Granted, terminal: Terminal): void {
  if (pin)
    terminal.note(
      pin.granted ? `pinned to ${pin.cores.join(", ")}${pin.reason ? ` (${pin.reason})` : ""}\n` : `not pinned: ${pin.reason}\n`,
    );
  if (realTime) terminal.note(realTime.granted ? `real time: SCHED_FIFO ${realTime.priority}\n` : `not in real time: ${realTime.reason}\n`);
}
