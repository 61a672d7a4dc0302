/** Runs an engine's definition in memory, without a system: rows in, rows out, for the tests of whoever writes one. */
import type { Batch, Columns, Publisher, Subscription, Views } from "../../bus/bus.js";
import { topic as declare, layoutOf } from "../../bus/frame.js";
import { MemoryBus } from "../../bus/memory_bus.js";
import { needArray, needMethods, needObject } from "../../core/contract/arguments.js";
import { TickforgeError } from "../../core/contract/errors.js";
import type { AnyEngine, Engine, Settings, TakenTopic } from "./engine.js";
import { checkEngineOptions } from "./options.js";

/** Values of one row by column; an array where the column holds a vector. Integers of 64 bits, such as times, are bigint. */
export type DrivenRow = Readonly<Record<string, number | bigint | ArrayLike<number>>>;

export interface DriveOptions {
  /** As the system file would give them. */
  readonly options?: object;
  /** Of the system; ["A"] where left out. */
  readonly instruments?: readonly string[];
  /** Rows in a batch at most, from 1 to 64; 64. An engine gives the same rows whatever it is. */
  readonly batchRows?: number;
  /** Begins the engine anew after every batch, from a copy of its state. It gives the same rows as without. */
  readonly restart?: boolean;
}

const MOST_ROWS = 64;

/**
 * `rows` are taken one after the other, each by the port that it names; what the engine gives is answered by port, row for row.
 * An optional port without rows is not wired. Nothing is checked of the values of rows: that is the host's to do in a system.
 */
export async function driveEngine(
  definition: AnyEngine,
  rows: readonly (readonly [port: string, row: DrivenRow])[],
  how: DriveOptions = {},
): Promise<Readonly<Record<string, readonly DrivenRow[]>>> {
  needObject("driveEngine: options", how);
  const { options, instruments = ["A"], batchRows = MOST_ROWS, restart = false } = how;
  needMethods("driveEngine: definition", definition, "what defineEngine returns", "takes", "gives", "stateBytes", "begin");
  needObject("driveEngine: definition.options", definition.options as unknown);
  needArray("driveEngine: rows", rows);
  needArray("driveEngine: instruments", instruments);
  if (!Number.isInteger(batchRows) || batchRows < 1 || batchRows > MOST_ROWS)
    throw new TickforgeError(
      "E_ARGUMENT",
      `driveEngine: batchRows is ${String(batchRows)}, expected a whole number from 1 to ${MOST_ROWS}`,
    );
  const around = { engine: definition.name, instruments, resolve: (path: string) => path };
  const settings = { name: definition.name, options: checkEngineOptions(definition.options, options, around), instruments };
  await definition.load?.(settings);
  const bus = new MemoryBus();
  const taken = takenOf(definition, rows, settings, bus);
  const given = new Map(
    Object.entries(definition.gives(settings)).map(([port, { topic }]) => {
      const own = { ...topic, name: `given ${port}`, slots: 2 };
      return [port, { subscription: bus.subscribe(own), publisher: bus.publisher(own), rows: [] as DrivenRow[] }];
    }),
  );
  const drain = () => {
    for (const { subscription, rows: found } of given.values())
      subscription.poll((batch: Batch) => {
        for (let i = batch.from; i < batch.rows; i++) found.push(rowOf(subscription.topic.columns, batch.columns, i));
      });
  };
  let state = new ArrayBuffer(definition.stateBytes(settings));
  const begin = async (): Promise<Engine> =>
    definition.begin({
      ...{ ...settings, state, log: () => {}, health: () => [] },
      gives: Object.fromEntries([...given].map(([port, { publisher }]) => [port, publisher])),
      takes: Object.fromEntries([...taken].map(([port, { publisher }]) => [port, { topic: publisher.topic, symbols: publisher.symbols }])),
    });
  let engine = await begin();
  /** Answers in a row that took nothing. */
  let stuck = 0;
  for (let from = 0; from < rows.length; ) {
    const port = rows[from]![0];
    let to = from;
    while (to < rows.length && to - from < batchRows && rows[to]![0] === port) to++;
    const { publisher, subscription } = taken.get(port)!;
    write(publisher, rows.slice(from, to));
    subscription.poll((batch) => {
      for (let at = 0; at < batch.rows; drain()) {
        const next = engine.take?.(port, batch, at) ?? at;
        if (!(next >= at && next <= batch.rows) || (next === at && ++stuck > 2)) throw notTaken(definition.name, port, at, next);
        if (next > at) stuck = 0;
        at = next;
      }
    });
    if (restart) {
      state = state.slice(0);
      engine = await begin();
    }
    from = to;
  }
  await engine.close?.();
  drain();
  return Object.fromEntries([...given].map(([port, { rows }]) => [port, rows]));
}

function notTaken(engine: string, port: string, at: number, next: unknown): TickforgeError {
  return new TickforgeError("E_ENGINE", `engine '${engine}': take('${port}', batch, ${at}) answered ${String(next)}`, {
    hint: "answer up to which row the batch was taken: batch.rows, or less where a claim of the results found no room",
  });
}

type Taken = ReadonlyMap<string, { readonly publisher: Publisher; readonly subscription: Subscription }>;

/** A topic for each port that rows come for, with the columns that they have. */
function takenOf(definition: AnyEngine, rows: readonly (readonly [string, DrivenRow])[], settings: Settings, bus: MemoryBus): Taken {
  const ports = definition.takes(settings);
  const taken = new Map<string, { publisher: Publisher; subscription: Subscription }>();
  const needed = Object.entries(ports).flatMap(([port, { optional, many }]) =>
    optional || many ? [] : [[port, {} as DrivenRow] as const],
  );
  for (const row of [...rows, ...needed]) {
    needArray("driveEngine: rows[]", row as unknown);
    const [port, values] = row;
    if (taken.has(port)) continue;
    needObject(`driveEngine: a row of port '${String(port)}'`, values);
    const declared: TakenTopic | undefined = Object.hasOwn(ports, port) ? ports[port] : undefined;
    if (!declared)
      throw new TickforgeError("E_ARGUMENT", `driveEngine: engine '${definition.name}' takes no port '${String(port)}'`, {
        hint: `it takes ${Object.keys(ports).join(", ") || "none"}`,
      });
    const present = Object.entries(declared.columns).filter(([name, { optional }]) => !optional || values[name] !== undefined);
    const columns = Object.fromEntries(present.map(([name, { dtype, width = 1 }]) => [name, { dtype, width }]));
    const topic = declare({ name: port, columns, rows: MOST_ROWS, slots: 2, backpressure: "block" });
    taken.set(port, { subscription: bus.subscribe(topic), publisher: bus.publisher(topic) });
  }
  return taken;
}

function write(publisher: Publisher, rows: readonly (readonly [string, DrivenRow])[]): void {
  const slot = publisher.claim()!;
  for (const { name, width } of layoutOf(publisher.topic).columns) {
    const column = slot.columns[name] as Float64Array;
    rows.forEach(([port, values], i) => {
      const value = values[name];
      if (value === undefined)
        throw new TickforgeError("E_ARGUMENT", `driveEngine: row ${i} of port '${port}' has no column '${name}'`, { column: name });
      if (typeof value === "object") column.set(value, i * width);
      else column[i * width] = value as number;
    });
  }
  publisher.commit(rows.length);
}

const rowOf = (columns: Columns, views: Views<Columns>, row: number): DrivenRow =>
  Object.fromEntries(
    Object.entries(columns).map(([name, { width = 1 }]) => [
      name,
      width === 1 ? views[name]![row]! : Array.from(views[name]!.subarray(row * width, (row + 1) * width) as Float64Array),
    ]),
  );
