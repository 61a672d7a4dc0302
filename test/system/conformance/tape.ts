/** Engines on recordings of their topics, without a system: what a run of one must give again. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Bus } from "../../../src/bus/bus.js";
import { layoutOf } from "../../../src/bus/frame.js";
import { MappedRecording } from "../../../src/bus/recording/mapped_recording.js";
import { checkEngineOptions } from "../../../src/system/kit/options.js";
import { orderName } from "../../../src/system/kit/order.js";
import { engines } from "../../../src/system/table/engines.js";
import { runBare } from "./bare.js";
import type { Made, Wired } from "./made.js";

/** What the proof runs on: three instruments whose sizes are lots of 1/1024, so that sums of them are exact. */
export const instruments = ["AAA", "BBB", "CCC"];
export const engineOptions = {
  toxicity: { bucketVolume: 64, window: 10, history: 50 },
  features: { window: 10 },
  risk: { window: 20, confidence: 0.9 },
} as const;
export type Proved = keyof typeof engineOptions;

function read(folder: string, name: string): Pick<Wired, "topic" | "columns" | "rows"> | undefined {
  const path = join(folder, `${name}.tfr`);
  if (!existsSync(path)) return undefined;
  const recording = new MappedRecording(path);
  const batches = [...recording];
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  if (rows === 0) return undefined;
  const columns = layoutOf(recording.topic).columns.map(({ name, width }) => {
    const parts = batches.map((batch) => (batch.columns[name] as Float64Array).subarray(0, batch.rows * width));
    const whole = new (parts[0]!.constructor as Float64ArrayConstructor)(rows * width);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return [name, whole];
  });
  return { topic: { ...recording.topic, symbols: instruments }, rows, columns: Object.fromEntries(columns) };
}

export function onTape(engine: Proved, folder: string): Made {
  const definition = engines[engine]!;
  const options = checkEngineOptions(definition.options, engineOptions[engine], { engine, instruments, resolve: (path) => path });
  const settings = { name: engine, options, instruments };
  const takes = Object.entries(definition.takes(settings)).flatMap(([port, taken]): Wired[] => {
    const found = read(folder, taken.topic);
    return found ? [{ port, taken, ...found }] : [];
  });
  const order = read(folder, orderName(engine))?.columns as { port: Float64Array; upTo: Float64Array } | undefined;
  return {
    ...{ definition, settings, takes },
    gives: Object.entries(definition.gives(settings)).map(([port, { topic }]) => ({ port, topic: { ...topic, symbols: instruments } })),
    order: order ? Array.from(order.port, (port, i) => ({ port, upTo: order.upTo[i]! })) : [{ port: 0, upTo: takes[0]!.rows }],
  };
}

/** Rows and hash of each topic that has any; `open` gives each engine a bus of its own. */
export async function provedOn(open: () => Bus, folder: string): Promise<Record<string, string>> {
  const proved: Record<string, string> = {};
  for (const engine of Object.keys(engineOptions) as Proved[]) {
    const bus = open();
    const results = await runBare(onTape(engine, folder), bus);
    for (const { topic, digest } of Object.values(results)) if (!digest.startsWith("0 ")) proved[topic.name] = digest;
    await bus.close();
  }
  return proved;
}
