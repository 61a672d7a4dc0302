/** Lanes and alarms of all topics that are drawn, fed with their rows. */
import type { Columns, Symbols, Topic } from "../../bus/bus.js";
import { AlarmLog } from "./alarm_log.js";
import { type Kind, kindsOf, type Series } from "./catalog.js";
import { Lane, type LaneOptions } from "./lane.js";

export type Numbers = Readonly<Record<string, ArrayLike<number> & { readonly buffer: ArrayBufferLike; readonly byteOffset: number }>>;

/** ms UTC of the i64 nanoseconds of a row; to a quarter of a microsecond, and without making a BigInt. */
export const msOf = (words: Uint32Array, row: number): number => ((words[2 * row + 1]! | 0) * 2 ** 32 + words[2 * row]!) / 1e6;
/** The halves of the values of an i64 column. */
export const halves = ({ buffer, byteOffset }: Numbers[string], rows: number): Uint32Array => new Uint32Array(buffer, byteOffset, 2 * rows);

interface Drawn {
  readonly kind: Kind;
  readonly topic: Topic<Columns>;
  /** By the id of the instrument: a lane for each column that is drawn, in its order. */
  readonly lanes: Lane[][];
}

export class Picture {
  readonly series: Series[] = [];
  readonly lanes: Lane[] = [];
  /** Values that are no number. */
  holes = 0;
  /** First and last moment of all that is drawn, ms UTC. */
  span: [number, number] | undefined;
  /** How often the time of a line went back, and by how much at most, ms. */
  turns = 0;
  turnedBy = 0;
  private readonly drawn: ReadonlyMap<string, Drawn>;

  constructor(
    topics: readonly Topic<Columns>[],
    readonly options: LaneOptions,
    private readonly instruments: readonly string[],
    readonly alarms = new AlarmLog(),
  ) {
    const kinds = kindsOf(topics);
    const of = (topic: Topic<Columns>): [string, Drawn][] => {
      const kind = kinds.get(topic.name);
      return kind ? [[topic.name, { kind, topic, lanes: [] }]] : [];
    };
    this.drawn = new Map(topics.flatMap(of));
  }
  kindOf(topic: string): Kind | undefined {
    return this.drawn.get(topic)?.kind;
  }

  take(topic: string, columns: Numbers, rows: number, sequence: number, symbols: Symbols): void {
    const of = this.drawn.get(topic);
    if (!of || rows === 0) return;
    const { kind } = of;
    const [ids, times] = [columns[kind.key]!, halves(columns[kind.time]!, rows)];
    const values = kind.draws.map((name) => columns[name]!);
    const raised = kind.alarm === undefined ? undefined : columns[kind.alarm]!;
    for (let i = 0; i < rows; i++) {
      const x = msOf(times, i);
      const lanes = of.lanes[ids[i]!] ?? this.open(of, ids[i]!, symbols);
      for (let k = 0; k < values.length; k++) {
        const value = values[k]![i]!;
        if (Number.isNaN(value)) this.holes++;
        if (lanes[k]!.add(x, value)) this.turn(x);
      }
      if (raised) {
        const name = nameOf(ids[i]!, symbols, this.instruments);
        this.alarms.take(topic, name, sequence + i, x, raised[i] === 1, () => rowOf(of.topic, columns, i));
      }
    }
    this.widen(msOf(times, 0), msOf(times, rows - 1));
  }
  widen(from: number, to: number): void {
    const { span } = this;
    this.span = span ? [Math.min(span[0], from), Math.max(span[1], to)] : [from, to];
  }

  private turn(to: number): void {
    const [from, until] = this.span ?? [to, to];
    this.turns++;
    this.turnedBy = Math.max(this.turnedBy, until - to);
    this.span = [Math.min(from, to), to];
  }

  private open({ kind, topic, lanes }: Drawn, id: number, symbols: Symbols): Lane[] {
    const of = nameOf(id, symbols, this.instruments);
    return (lanes[id] = kind.draws.map((column) =>
      this.lane({ topic: topic.name, column, of, panel: kind.panel }, new Lane(this.options)),
    ));
  }
  lane(of: Omit<Series, "id">, lane: Lane): Lane {
    this.series.push({ id: this.series.length, ...of });
    this.lanes.push(lane);
    return lane;
  }
}

/** Topics without symbols count instruments as their system does. */
export const nameOf = (id: number, symbols: Symbols, instruments: readonly string[]): string =>
  symbols.at(id) ?? instruments[id] ?? `#${id}`;

/** The numbers of a row; texts and times are asked for with the rows themselves. */
function rowOf({ columns }: Topic, views: Numbers, row: number): Record<string, number> {
  const real = Object.entries(columns).filter(([, { dtype, width = 1 }]) => width === 1 && (dtype === "f64" || dtype === "f32"));
  return Object.fromEntries(real.map(([name]) => [name, views[name]![row]!]));
}
