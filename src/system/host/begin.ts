/** A planned engine -> an engine at work: its topics opened where its last snapshot left them. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Columns, Topic } from "../../bus/bus.js";
import { layoutOf } from "../../bus/frame.js";
import type { Observed, Observer } from "../../bus/ring/observer.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { checksum } from "../../engines/checksum.js";
import { type AnyEngine, type EngineHealth, isLive, type Settings, type TakenTopic } from "../kit/engine.js";
import { ORDER, orderTaken } from "../kit/order.js";
import type { Plan, PlannedEngine } from "../plan/plan.js";
import { loadEngine } from "../table/load_engine.js";
import type { EngineBoard } from "./board.js";
import { EngineHost } from "./engine_host.js";
import { HostState } from "./host_state.js";
import { InputPort, type Reader } from "./input_port.js";
import { Orders } from "./orders.js";
import { OutputPort, type RingEnd } from "./output_port.js";
import { type Entry, StateFile } from "./state_file.js";

/** Ends of a system's topics, as a runner opens them. */
export interface Ends {
  reader(topic: Topic, name: string, from: number | undefined): Reader;
  publisher<C extends Columns>(topic: Topic<C>): RingEnd<C>;
  /** Reads along, from the oldest rows that lie there still. */
  observer(topic: Topic): Observer;
}

/** Entries of the order between two snapshots. */
const JOURNAL = 1024;

export const stateOf = (folder: string, engine: string): string => join(folder, "state", `${engine}.state`);
/** The place of an engine's port in a topic. */
export const placeOf = (engine: string, port: string): string => `${engine}.${port}`;

export async function definitionOf(plan: Plan, planned: PlannedEngine): Promise<AnyEngine> {
  const definition = await defined(plan, planned);
  await definition.load?.(settingsOf(plan, planned));
  return definition;
}
async function defined(plan: Plan, planned: PlannedEngine): Promise<AnyEngine> {
  const { engine, module, bridge } = planned;
  if (bridge) return (await import("../bridge/bridges.js")).bridgeOf(plan, bridge, planned);
  if (module === undefined) return (await loadEngine(engine))!;
  return ((await import(pathToFileURL(module).href)) as { default: AnyEngine }).default;
}

export const settingsOf = ({ instruments }: Pick<Plan, "instruments">, { name, options }: PlannedEngine): Settings =>
  ({ name, options, instruments }) as Settings;

/** What of an engine is kept, and what says whether a state is of the same engine. */
export function keptOf(plan: Plan, planned: PlannedEngine, definition: AnyEngine) {
  const settings = settingsOf(plan, planned);
  const declared = definition.takes(settings);
  const topics = new Map(plan.topics.map(({ topic }) => [topic.name, topic]));
  const all = planned.takes.map((wire) => ({ ...wire, of: topics.get(wire.topic)!, taken: takenOf(declared, wire.port) }));
  const takes = all.filter(({ port }) => port !== ORDER);
  const orders = all.find(({ port }) => port === ORDER);
  const every = planned.gives.map((wire) => ({ ...wire, of: topics.get(wire.topic)! }));
  const gives = every.filter(({ port }) => port !== ORDER);
  const order = takes.length > 1 ? every.find(({ port }) => port === ORDER) : undefined;
  const shape = {
    takes: [...takes, ...(orders ? [orders] : [])].map(({ taken }) => taken),
    gives: [...gives, ...(order ? [order] : [])].map(({ of }) => of),
    hashed: planned.hashed,
    instruments: plan.instruments.length,
    stateBytes: planned.stateBytes,
  };
  const description = {
    engine: planned.module ?? planned.engine,
    instruments: plan.instruments,
    options: plainOptions(planned.options),
    takes: takes.map(({ port, topic: name, of }) => [port, name, columnsOf(of)]),
    gives: gives.map(({ port, topic: name, of }) => [port, name, columnsOf(of)]),
    bytes: HostState.bytes(shape),
  };
  return { settings, takes, orders, gives, order, shape, description, entries: order ? JOURNAL : 0 };
}

/** A port of any number of topics has each under its own name. */
const takenOf = (declared: Readonly<Record<string, TakenTopic>>, port: string): TakenTopic =>
  port === ORDER ? orderTaken : (declared[port] ?? Object.values(declared).find(({ many }) => many)!);
const columnsOf = (of: Topic) => layoutOf(of).columns.map(({ name, dtype, width }) => `${name} ${dtype} ${width}`);
const plainOptions = (options: PlannedEngine["options"]) =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value]),
  );

export async function begin(
  plan: Plan,
  planned: PlannedEngine,
  ends: Ends,
  board: EngineBoard,
  log: (message: string, level?: "warn") => void,
  health: () => readonly EngineHealth[],
  waits: (why: string | undefined) => void,
): Promise<EngineHost> {
  board.state = "starting";
  const definition = await definitionOf(plan, planned).catch((cause: unknown) => {
    throw notBegun(planned, "its module cannot be loaded: ", cause);
  });
  let file: StateFile | undefined;
  const open: { close(): void }[] = [];
  try {
    const { settings, takes, orders, gives, order, shape, description, entries } = keptOf(plan, planned, definition);
    const state = new HostState(shape);
    file = new StateFile(stateOf(plan.folder, planned.name), { description, bytes: description.bytes, entries }, checksum());
    const since = file.restore(state.parts);
    if (file.oneDamaged)
      log("one of the two copies of its state is damaged: it goes on from the other, which is the older of them at most", "warn");
    // A fresh state knows of no row: it begins where its place is.
    const opened = (of: Topic, port: string, numbers: Float64Array) => {
      const reader = ends.reader(of, placeOf(planned.name, port), since === undefined ? undefined : numbers[0]!);
      open.push(reader);
      numbers[0] = reader.sequence;
      return reader;
    };
    const inputs = takes.map(({ port, of, taken, back }, i) => {
      const reader = opened(of, port, state.inputs[i]!);
      const told = tellOf(port, of, board, log);
      return new InputPort(port, reader, taken, plan.instruments.length, state.inputs[i]!, state.last[i]!, told, missedOf(of, log), back);
    });
    for (const [i, { position }] of inputs.entries()) board.position(i, position);
    // What comes from outside does not come again: rows behind the state are no rows that would be made once more.
    const live = isLive(definition, settings);
    const outputOf = new Map(gives.map(({ port, of }, i) => [port, { of, i }]));
    const output = (of: Topic, i: number) => {
      const end = ends.publisher(of);
      open.push({ close: () => end.resign() });
      return new OutputPort(end, live ? end.sequence : state.given[i]!, state.hashes[i]);
    };
    const outputs = gives.map(({ of }, i) => output(of, i));
    const journal = order && output(order.of, gives.length);
    const told = orders && new Orders(opened(orders.of, ORDER, state.inputs[takes.length]!), state.inputs[takes.length]!);
    const engine = await definition.begin({
      ...settings,
      state: state.engine,
      gives: Object.fromEntries(gives.map(({ port }, i) => [port, outputs[i]!])),
      takes: Object.fromEntries(takes.map(({ port }, i) => [port, inputs[i]!.reader])),
      log: (message) => log(message),
      health,
      given(port, each) {
        const { of, i } = outputOf.get(port)!;
        return giveAgain(ends.observer(of), state.given[i]!, each);
      },
    });
    const replay: Entry[] = [...(since ?? [])];
    const host = new EngineHost({ name: planned.name, engine, inputs, outputs, journal, orders: told, state, file, board, replay, waits });
    // The order in which inputs are taken from now on follows on a snapshot that is there.
    if (since === undefined) host.snapshot();
    board.add("begun", 1);
    board.state = "running";
    return host;
  } catch (cause) {
    for (const end of open) end.close();
    file?.close();
    throw notBegun(planned, "", cause);
  }
}

/** What lies in a topic still; how many rows that the state did not know of lie there no more. */
function giveAgain(observer: Observer, known: number, each: (columns: Observed["columns"], rows: number) => void): number {
  let [gone, read] = [0, 0];
  for (let frame = observer.read(); frame; frame = observer.read()) {
    if (read++ === 0) gone = Math.max(0, frame.sequence - known);
    each(frame.columns, frame.rows);
  }
  return gone + observer.missed;
}

function notBegun({ name }: PlannedEngine, what: string, cause: unknown): TickforgeError {
  if (cause instanceof TickforgeError) return cause;
  const said = cause instanceof Error ? cause.message : String(cause);
  return new TickforgeError("E_ENGINE", `engine '${name}' did not begin: ${what}${said}`, {
    ...{ cause, hint: "the engine's own module says why" },
  });
}

/** Refused rows are told the first time, and each time their number has doubled: a feed that is wrong in every row must not fill the disk. */
function tellOf(port: string, { name }: Topic, board: EngineBoard, log: (message: string) => void) {
  let count = 0;
  return ({ message }: TickforgeError, row: number) => {
    count++;
    board.add("refused", 1);
    if ((count & (count - 1)) === 0) log(`${port}: row ${row} of topic ${name} was refused: ${message} (${count} so far)`);
  };
}

/** Told as refused rows are: a topic that evicts may do so again and again. */
function missedOf({ name }: Topic, log: (message: string, level?: "warn") => void) {
  let count = 0;
  return (rows: number, before: number) => {
    count++;
    if ((count & (count - 1)) === 0)
      log(`${rows} rows of topic ${name} before row ${before} were lost before they were read (gap ${count})`, "warn");
  };
}
