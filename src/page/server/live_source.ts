/** A running system, read along: rings are observed without a place of their own, so nobody waits for the page. */
import { join } from "node:path";
import type { Columns, Topic } from "../../bus/bus.js";
import type { Observer } from "../../bus/ring/observer.js";
import { RingBus } from "../../bus/ring/ring.js";
import { type Look, SharedBus } from "../../bus/shared/shared_bus.js";
import type { Emit } from "../series/lane.js";
import { type Numbers, Picture } from "../series/picture.js";
import type { Status } from "../series/wire.js";
import { KeptRows } from "./kept_rows.js";
import type { RowTable, Source } from "./source.js";

/** Where the rings of a system lie. */
export type RingMemory = { readonly folder: string } | { readonly rings: readonly SharedArrayBuffer[] };
export interface LiveJob {
  readonly name: string;
  readonly instruments: readonly string[];
  readonly topics: readonly { readonly topic: Topic<Columns>; readonly bus: string }[];
  readonly memory: RingMemory;
}

/** Entries of a level: what is drawn of all its time, of any stretch of its newest rows, and two megabytes at most a line. */
const CAPACITY = 4096;
/** Then clients get their turn. */
const TURN_MS = 12;

interface Read {
  readonly observer: Observer<Columns>;
  readonly kept: KeptRows;
}

export class LiveSource implements Source {
  readonly mode = "live";
  readonly name: string;
  readonly instruments: readonly string[];
  readonly topics: readonly Topic<Columns>[];
  readonly picture: Picture;
  private readonly read = new Map<string, Read>();
  private readonly looks: Look[] = [];
  private told: Status | undefined;
  private score: number | undefined;
  private over = false;

  constructor({ name, instruments, topics, memory }: LiveJob) {
    this.name = name;
    this.instruments = instruments;
    this.topics = topics.map(({ topic }) => topic);
    this.picture = new Picture(this.topics, { base: 1, capacity: CAPACITY }, instruments);
    const ringOf = ringsOf(memory, this.looks);
    for (const { topic, bus } of topics) {
      const observer = ringOf(topic, bus).observe();
      this.read.set(topic.name, { observer, kept: new KeptRows(topic, observer.symbols) });
    }
  }

  turn(): boolean {
    const until = performance.now() + TURN_MS;
    let some = false;
    for (const [name, { observer, kept }] of this.read)
      for (let seen = observer.read(); seen; seen = observer.read()) {
        const columns = seen.columns as unknown as Numbers;
        some = true;
        kept.take(columns, seen.rows, seen.sequence);
        this.picture.take(name, columns, seen.rows, seen.sequence, observer.symbols);
        if (columns.metric && columns.engine && columns.value) this.takeScore(columns, seen.rows, observer);
        if (performance.now() > until) break;
      }
    return some;
  }
  private takeScore({ engine, metric, value }: Numbers, rows: number, { symbols }: Observer): void {
    for (let i = 0; i < rows; i++) if (symbols.at(metric![i]!) === "score" && symbols.at(engine![i]!) === "system") this.score = value![i]!;
  }

  draw(series: ReadonlyMap<number, Emit>, from: number, to: number, width: number): void {
    for (const [id, emit] of series) this.picture.lanes[id]?.draw(from, to, width, emit);
  }
  table(topic: string): RowTable | undefined {
    return this.read.get(topic)?.kept;
  }
  /** As the supervisor tells it. */
  hear(status: Status): void {
    this.told = status;
  }
  end(): void {
    this.over = true;
  }
  status() {
    const { told, score, over } = this;
    if (!told) return { ended: over };
    const topics = told.topics.map((one) => ({ ...one, missed: this.read.get(one.name)?.observer.missed ?? 0 }));
    return { system: { ...told, topics, ...(score !== undefined && { score }) }, ended: over };
  }
  close(): void {
    for (const look of this.looks) look.close();
  }
}

function ringsOf(memory: RingMemory, looks: Look[]) {
  if (!("folder" in memory)) {
    const bus = new RingBus().attach(memory.rings);
    return (topic: Topic<Columns>) => bus.ring(topic);
  }
  const buses = new Map<string, SharedBus>();
  return (topic: Topic<Columns>, name: string) => {
    const bus = buses.get(name) ?? new SharedBus({ folder: join(memory.folder, name) });
    buses.set(name, bus);
    const look = bus.look(topic.name);
    looks.push(look);
    return look.ring;
  };
}
