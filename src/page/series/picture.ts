/** Lanes and alarms of all topics that are drawn, fed with their rows. */
import type { Columns, Symbols, Topic } from "../../bus/bus.js";
import { AlarmLog } from "./alarm_log.js";
import { type Kind, kindsOf, linesOf, type Panel, type Series } from "./catalog.js";
import { Lane, type LaneOptions } from "./lane.js";

export type Numbers = Readonly<Record<string, ArrayLike<number> & { readonly buffer: ArrayBufferLike; readonly byteOffset: number }>>;

/** ms UTC of the i64 nanoseconds of a row; to a quarter of a microsecond, and without making a BigInt. */
export const msOf = (words: Uint32Array, row: number): number => ((words[2 * row + 1]! | 0) * 2 ** 32 + words[2 * row]!) / 1e6;
/** The next moment that a double tells from this one. */
export const justAfter = (time: number): number => time + Math.max(Number.EPSILON * Math.abs(time), Number.MIN_VALUE);
/** The halves of the values of an i64 column. */
export const halves = ({ buffer, byteOffset }: Numbers[string], rows: number): Uint32Array => new Uint32Array(buffer, byteOffset, 2 * rows);

interface Drawn {
  readonly kind: Kind;
  readonly topic: Topic<Columns>;
  readonly lines: readonly { readonly column: string; readonly panel: Panel }[];
  /** Of `lines`, those before the first that is chosen. */
  readonly always: number;
  /** By the id of the instrument, 0 where there is none: a lane for each line, in its order; fewer where there is room for no more. */
  readonly lanes: Lane[][];
}
/** Measures can be chosen of the instruments that came first, up to so many lines; each has the room that `MEASURE` says. */
const MOST_MEASURES = 1024;
const MEASURE = { capacity: 1024 } as const;

export class Picture {
  readonly series: Series[] = [];
  readonly lanes: Lane[] = [];
  /** Values that are no number, and rows that say an earlier time than one before them. */
  holes = 0;
  backwards = 0;
  /** First and last moment of all that is drawn, ms UTC. */
  span: [number, number] | undefined;
  /** How often the time of a line went back, and by how much at most, ms. */
  turns = 0;
  turnedBy = 0;
  private readonly drawn: ReadonlyMap<string, Drawn>;
  private measures = 0;

  constructor(
    topics: readonly Topic<Columns>[],
    readonly options: LaneOptions,
    private readonly instruments: readonly string[],
    readonly alarms = new AlarmLog(),
  ) {
    const kinds = kindsOf(topics);
    const of = (topic: Topic<Columns>): [string, Drawn][] => {
      const kind = kinds.get(topic.name);
      if (!kind) return [];
      const lines = linesOf(topic, kind);
      return [[topic.name, { kind, topic, lines, always: lines.filter(({ panel }) => panel !== "measure").length, lanes: [] }]];
    };
    this.drawn = new Map(topics.flatMap(of));
  }
  kindOf(topic: string): Kind | undefined {
    return this.drawn.get(topic)?.kind;
  }

  take(topic: string, columns: Numbers, rows: number, sequence: number, symbols: Symbols): void {
    const of = this.drawn.get(topic);
    if (!of || rows === 0) return;
    const { kind, always } = of;
    const times = halves(columns[kind.time]!, rows);
    const ids = kind.key === undefined ? undefined : columns[kind.key]!;
    const values = of.lines.map(({ column }) => columns[column]!);
    const widths = of.lines.map(({ column }) => of.topic.columns[column]!.width ?? 1);
    let [earliest, latest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const raised = kind.alarm === undefined ? undefined : columns[kind.alarm]!;
    for (let i = 0; i < rows; i++) {
      const x = msOf(times, i);
      const id = ids ? ids[i]! : 0;
      const lanes = of.lanes[id] ?? this.open(of, id, symbols);
      const last = lanes[0]?.last ?? Number.NEGATIVE_INFINITY;
      if (x < last) this.backwards++;
      // A late one is drawn at the time of those before it.
      earliest = Math.min(earliest, x < last ? last : x);
      latest = Math.max(latest, x);
      for (let k = 0; k < lanes.length; k++) {
        const value = drawable(values[k]![i * widths[k]!]!);
        if (k < always && Number.isNaN(value)) this.holes++;
        if (!lanes[k]!.add(x, value)) continue;
        this.turn(x);
        [earliest, latest] = [x, x];
      }
      if (raised) {
        const name = nameOf(id, symbols, this.instruments);
        this.alarms.take(topic, name, sequence + i, x, raised[i] === 1, () => rowOf(of.topic, columns, i));
      }
    }
    this.widen(earliest, latest);
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

  private open({ kind, topic, lines, always, lanes }: Drawn, id: number, symbols: Symbols): Lane[] {
    const of = kind.key === undefined ? topic.name : nameOf(id, symbols, this.instruments);
    const room = this.measures + lines.length - always <= MOST_MEASURES;
    if (room) this.measures += lines.length - always;
    const { capacity, ...options } = this.options;
    const lesser = { ...options, ...(capacity !== undefined && MEASURE) };
    return (lanes[id] = lines.slice(0, room ? lines.length : always).map(({ column, panel }) => {
      const lane = new Lane(panel === "measure" ? lesser : this.options);
      return this.lane({ topic: topic.name, column, of, panel }, lane);
    }));
  }
  lane(of: Omit<Series, "id">, lane: Lane): Lane {
    this.series.push({ id: this.series.length, ...of });
    this.lanes.push(lane);
    return lane;
  }
}

/** No line leads to infinity. */
export const drawable = (value: number): number => (Number.isFinite(value) ? value : Number.NaN);

/** Topics without symbols count instruments as their system does. */
export const nameOf = (id: number, symbols: Symbols, instruments: readonly string[]): string =>
  symbols.at(id) ?? instruments[id] ?? `#${id}`;

/** The numbers of a row; texts and times are asked for with the rows themselves. */
function rowOf({ columns }: Topic, views: Numbers, row: number): Record<string, number> {
  const real = Object.entries(columns).filter(([, { dtype, width = 1 }]) => width === 1 && (dtype === "f64" || dtype === "f32"));
  return Object.fromEntries(real.map(([name]) => [name, views[name]![row]!]));
}
