/** A case made ready: options checked, topics declared, rows as columns, the order in which they are taken. */
import { mkdirSync } from "node:fs";
import type { Batch, Columns, Topic } from "../../../src/bus/bus.js";
import { topic as declare, layoutOf } from "../../../src/bus/frame.js";
import { TopicHash } from "../../../src/bus/topic_hash.js";
import type { AnyEngine, Settings, TakenTopic } from "../../../src/system/kit/engine.js";
import { checkEngineOptions } from "../../../src/system/kit/options.js";
import { engines } from "../../../src/system/table/engines.js";
import type { Input } from "../kit/drive.js";
import { type Case, cases } from "./cases.js";

type View = Float64Array;
/** By port: its topic, what is needed of it, and all its rows. */
export interface Wired {
  readonly port: string;
  readonly topic: Topic;
  readonly taken: TakenTopic;
  readonly columns: Readonly<Record<string, View>>;
  readonly rows: number;
}
export interface Made {
  readonly definition: AnyEngine;
  readonly settings: Settings;
  readonly takes: readonly Wired[];
  readonly gives: readonly { readonly port: string; readonly topic: Topic }[];
  /** Which of `takes` comes next, and up to which of its rows. */
  readonly order: readonly { readonly port: number; readonly upTo: number }[];
}

const arrays = {
  f64: Float64Array,
  f32: Float32Array,
  i64: BigInt64Array,
  i32: Int32Array,
  u32: Uint32Array,
  i8: Int8Array,
  u8: Uint8Array,
};

export function columnsOf(columns: Columns, inputs: readonly Input[]): Record<string, View> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, { dtype, width = 1 }]) => {
      const array = new arrays[dtype](inputs.length * width) as View;
      inputs.forEach(([, row], i) => {
        const value = row[name]!;
        if (typeof value === "object") array.set(value, i * width);
        else array[i] = value as number;
      });
      return [name, array];
    }),
  );
}

export const caseOf = (engine: string, title: string): Case => cases[engine]!.find((one) => one.title === title)!;

export function make(engine: string, of: Case, folder: string, inputs: readonly Input[] = of.inputs): Made {
  mkdirSync(folder, { recursive: true });
  const definition = engines[engine]!;
  const { instruments } = of;
  const options = checkEngineOptions(definition.options, of.options(folder), { engine, instruments, resolve: (path) => path });
  const settings: Settings = { name: engine, options, instruments };
  const declared = definition.takes(settings);
  const many = Object.values(declared).find((taken) => taken.many);
  const ports = of.topics ? Object.keys(of.topics) : Object.keys(declared).filter((port) => inputs.some(([one]) => one === port));
  const takes = ports.map((port): Wired => {
    const taken = declared[port] ?? many!;
    const own = inputs.filter(([one]) => one === port);
    const present = Object.entries(taken.columns).filter(([name, { optional }]) => !optional || own[0]?.[1][name] !== undefined);
    const columns = Object.fromEntries(present.map(([name, { dtype, width = 1 }]) => [name, { dtype, width }]));
    const topic = of.topics?.[port] ?? declare({ name: port, columns, rows: 64, slots: 8, backpressure: "block" });
    return { port, taken, topic: named(topic, instruments), columns: columnsOf(topic.columns, own), rows: own.length };
  });
  const gives = Object.entries(definition.gives(settings)).map(([port, { topic }]) => ({ port, topic: named(topic, instruments) }));
  return { definition, settings, takes, gives, order: orderOf(ports, inputs) };
}

const named = (topic: Topic, symbols: readonly string[]): Topic => (topic.columns.instrument ? { ...topic, symbols } : topic);

function orderOf(ports: readonly string[], inputs: readonly Input[]): Made["order"] {
  const order: { port: number; upTo: number }[] = [];
  const upTo = ports.map(() => 0);
  for (const [name] of inputs) {
    const port = ports.indexOf(name);
    upTo[port]!++;
    if (order.at(-1)?.port === port) order.at(-1)!.upTo = upTo[port]!;
    else order.push({ port, upTo: upTo[port]! });
  }
  return order;
}

/** The rows of a topic as they came, and their hash. */
export class Found {
  readonly columns: Readonly<Record<string, unknown[]>>;
  private readonly hash: TopicHash;
  private rows = 0;

  constructor(readonly topic: Topic) {
    this.columns = Object.fromEntries(Object.keys(topic.columns).map((name) => [name, []]));
    this.hash = new TopicHash(topic);
  }
  take({ columns, from, rows }: Pick<Batch, "columns" | "from" | "rows">): void {
    this.hash.take(columns, from, rows);
    this.rows += rows - from;
    for (const { name, width } of layoutOf(this.topic).columns)
      for (const value of (columns[name] as View).subarray(from * width, rows * width)) this.columns[name]!.push(value);
  }
  get digest(): string {
    return `${this.rows} rows, ${this.hash.digest}`;
  }
}
export type Results = Readonly<Record<string, Found>>;
