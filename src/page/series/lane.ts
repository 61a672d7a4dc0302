/**
 * One number in time, kept so that any stretch of it is drawn from a few thousand entries: the lowest and highest of 1, 4, 16, ... rows.
 * With a capacity old fine entries give way and coarser ones stay, so a lane never grows beyond it however long it runs.
 */

export interface LaneOptions {
  /** Rows of the finest entries. */
  readonly base: number;
  /** Entries that a level keeps; undefined: all of them. */
  readonly capacity?: number;
}
/**
 * Gets the lowest and highest of a stretch that begins at `x`; both are NaN where every value in it is. A lowest of NaN with a highest that
 * is a number is a gap about `x`, and the highest how long it is in ms. `newest`: no stretch but the last row, which one emitted before holds too.
 */
export type Emit = (x: number, low: number, high: number, newest?: true) => void;

export interface SavedLane {
  readonly rows: number;
  readonly first: number;
  readonly last: number;
  readonly value: number;
  readonly turns: number;
  readonly steps: number;
  readonly stepped: number;
  readonly gaps: readonly Gap[];
  readonly levels: readonly (Pick<Level, "count" | "parts" | "partStart" | "partLow" | "partHigh"> & {
    /** start, low and high of its entries. */
    readonly arrays: readonly Float64Array[];
  })[];
}

/** ms UTC of the rows before and after it. */
export type Gap = readonly [from: number, to: number];

/** Two rows are apart by a gap where they are so many times as far as is usual before them, and so long. */
const GAP_TIMES = 100;
const GAP_MS = 60_000;
/** Rows that make a distance usual. */
const GAP_ROWS = 8;
const FAN = 4;
const FIRST_ROOM = 64;
/** A finer level is not read where it has more entries than this for each column of pixels. */
const MOST_A_COLUMN = 8;
/** So many rows one after the other, each so much before the last one, are no latecomers: the clock was set back. */
const TURN_ROWS = 8;
const TURN_MS = 60_000;

/** Entries of so many rows each. */
class Level {
  count = 0;
  start: Float64Array;
  low: Float64Array;
  high: Float64Array;
  /** The one that is being filled: what it holds of `FAN` entries, or of `base` rows. */
  parts = 0;
  partStart = 0;
  partLow = Number.NaN;
  partHigh = Number.NaN;
  /** Entries before it were overwritten by some that are gone themselves. */
  private floor = 0;

  constructor(private readonly capacity: number | undefined) {
    const room = Math.min(capacity ?? FIRST_ROOM, FIRST_ROOM);
    [this.start, this.low, this.high] = [new Float64Array(room), new Float64Array(room), new Float64Array(room)];
  }
  /** The first that is still there. */
  get oldest(): number {
    return Math.max(this.floor, this.count - (this.capacity ?? Number.POSITIVE_INFINITY));
  }
  at(entry: number): number {
    return this.capacity === undefined ? entry : entry % this.capacity;
  }

  merge(start: number, low: number, high: number): void {
    if (this.parts++ === 0) {
      this.partStart = start;
      this.partLow = low;
      this.partHigh = high;
      return;
    }
    if (low < this.partLow || Number.isNaN(this.partLow)) this.partLow = low;
    if (high > this.partHigh || Number.isNaN(this.partHigh)) this.partHigh = high;
  }
  /** Puts the filled one behind the others. */
  seal(): void {
    if (this.count === this.start.length && this.count !== this.capacity) this.grow();
    const at = this.at(this.count);
    this.start[at] = this.partStart;
    this.low[at] = this.partLow;
    this.high[at] = this.partHigh;
    this.count++;
    this.parts = 0;
  }
  private grow(): void {
    const room = Math.min(this.capacity ?? Number.POSITIVE_INFINITY, 2 * this.start.length);
    const larger = (from: Float64Array) => {
      const to = new Float64Array(room);
      to.set(from);
      return to;
    };
    [this.start, this.low, this.high] = [larger(this.start), larger(this.low), larger(this.high)];
  }

  /** The last entry that begins at or before `x`; the oldest where none does. */
  before(x: number): number {
    let [from, to] = [this.oldest, this.count];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.start[this.at(middle)]! <= x) from = middle + 1;
      else to = middle;
    }
    return Math.max(this.oldest, from - 1);
  }
  /** Forgets what begins at `x` or later. */
  cut(x: number): void {
    this.floor = this.oldest;
    while (this.count > this.floor && this.start[this.at(this.count - 1)]! >= x) this.count--;
    if (this.partStart >= x) this.parts = 0;
  }
}

export class Lane {
  /** Rows so far. */
  rows = 0;
  first = Number.NaN;
  last = Number.NaN;
  /** Of the last row. */
  private value = Number.NaN;
  /** How often its time went back. */
  turns = 0;
  /** Distances between rows so far, and their sum: of a gap what made it one. */
  private steps = 0;
  private stepped = 0;
  readonly gaps: Gap[] = [];
  readonly levels: Level[];
  /** Rows of which is not known yet whether they come late or the time went back. */
  private late: (readonly [x: number, value: number])[] = [];

  constructor(private readonly options: LaneOptions) {
    this.levels = [new Level(options.capacity)];
  }

  /** What `restore` makes it again of; the arrays are its own. */
  save(): SavedLane {
    for (const [, value] of this.late.splice(0)) this.put(this.last, value);
    const { rows, first, last, value, turns, steps, stepped, gaps } = this;
    const levels = this.levels.map(({ count, parts, partStart, partLow, partHigh, start, low, high }) => ({
      ...{ count, parts, partStart, partLow, partHigh },
      arrays: [start, low, high].map((of) => of.subarray(0, count)),
    }));
    return { rows, first, last, value, turns, steps, stepped, gaps, levels };
  }
  /** A lane of all its entries; its arrays are those given. */
  static restore({ levels, ...of }: SavedLane, options: LaneOptions): Lane {
    const lane = Object.assign(new Lane(options), of);
    lane.levels.length = 0;
    for (const { arrays, ...level } of levels) {
      const [start, low, high] = arrays;
      lane.levels.push(Object.assign(new Level(undefined), level, { start, low, high }));
    }
    return lane;
  }

  /**
   * `x` in ms; a row from before the last one is drawn at its place in the order, not before it. Where the time itself went back, the line
   * goes on from there, and what was drawn of later times is forgotten. True where it just did.
   */
  add(x: number, value: number): boolean {
    const { late } = this;
    if (this.rows++ === 0) this.first = x;
    if (x < this.last - TURN_MS) {
      late.push([x, value]);
      if (late.length === TURN_ROWS) this.turn();
      return late.length === 0;
    }
    if (late.length > 0) for (const [, value] of late.splice(0)) this.put(this.last, value);
    this.put(x >= this.last || this.rows === 1 ? x : this.last, value);
    return false;
  }
  private turn(): void {
    const late = this.late.splice(0);
    const from = late.reduce((least, [x]) => Math.min(least, x), Number.POSITIVE_INFINITY);
    for (const level of this.levels) level.cut(from);
    while (this.gaps.length > 0 && this.gaps.at(-1)![1] > from) this.gaps.pop();
    this.first = Math.min(this.first, from);
    this.last = from;
    this.turns++;
    for (const [x, value] of late) this.put(Math.max(x, this.last), value);
  }
  private put(x: number, value: number): void {
    if (!Number.isNaN(this.last)) this.step(x);
    this.last = x;
    this.value = value;
    const { levels, options } = this;
    levels[0]!.merge(x, value, value);
    for (let k = 0; ; k++) {
      const level = levels[k]!;
      if (level.parts < (k === 0 ? options.base : FAN)) return;
      const up = (levels[k + 1] ??= new Level(options.capacity));
      up.merge(level.partStart, level.partLow, level.partHigh);
      level.seal();
    }
  }

  private step(x: number): void {
    const far = x - this.last;
    const most = this.steps < GAP_ROWS ? Number.POSITIVE_INFINITY : Math.max(GAP_MS, (GAP_TIMES * this.stepped) / this.steps);
    this.steps++;
    this.stepped += Math.min(far, most);
    if (far <= most) return;
    this.gaps.push([this.last, x]);
    if (this.gaps.length > (this.options.capacity ?? Number.POSITIVE_INFINITY)) this.gaps.shift();
  }

  /**
   * What `columns` columns of pixels between `from` and `to` show, and one stretch beyond each end, so that lines go on to the edges.
   * Columns are `width` wide and begin at its multiples: the same stretch asked for again gives the same ones. The last row of all is a
   * column of its own behind them, where the last one holds others too: what a line came to is not what a column reached.
   */
  draw(from: number, to: number, width: number, emit: Emit): void {
    if (this.rows === 0) return;
    const k = this.levelFor(from, to, (MOST_A_COLUMN * (to - from)) / width);
    const into = new Columns(width, emit, this.gaps);
    const level = this.levels[k]!;
    let ended = false;
    const take = (start: number, low: number, high: number) => {
      if (!ended) into.add(start, low, high);
      ended = start > to;
      return ended;
    };
    for (let i = level.before(from); i < level.count; i++) {
      const at = level.at(i);
      if (take(level.start[at]!, level.low[at]!, level.high[at]!)) break;
    }
    // What no entry of this level holds yet lies with the finer ones that are being filled.
    for (let fine = k; fine >= 0 && !ended; fine--) {
      const { parts, partStart, partLow, partHigh } = this.levels[fine]!;
      if (parts > 0) take(partStart, partLow, partHigh);
    }
    if (!ended && this.last <= to) into.tip(this.last, this.value);
    into.end();
  }

  private levelFor(from: number, to: number, most: number): number {
    let k = 0;
    for (; k < this.levels.length - 1; k++) {
      const level = this.levels[k]!;
      const reaches = level.oldest === 0 || level.start[level.at(level.oldest)]! <= from;
      if (reaches && level.before(to) - level.before(from) <= most) break;
    }
    return k;
  }
}

/** Entries -> columns of pixels, and the gaps between them that are wider than one. */
export class Columns {
  private column = Number.NaN;
  private x = 0;
  private low = Number.NaN;
  private high = Number.NaN;
  private gap = 0;
  private newest: readonly [x: number, value: number] | undefined;

  constructor(
    private readonly width: number,
    private readonly emit: Emit,
    private readonly gaps: readonly Gap[],
  ) {}
  add(x: number, low: number, high: number): void {
    const column = Math.floor(x / this.width);
    if (column !== this.column) {
      if (!Number.isNaN(this.column)) this.close(x);
      this.column = column;
      this.x = x;
      this.low = low;
      this.high = high;
      return;
    }
    if (low < this.low || Number.isNaN(this.low)) this.low = low;
    if (high > this.high || Number.isNaN(this.high)) this.high = high;
  }
  /** The last row so far: it is told behind its column where that holds others too. */
  tip(x: number, value: number): void {
    if (Number.isFinite(value)) this.newest = [x, value];
  }
  private put(): void {
    const { emit, newest, low, high } = this;
    emit(this.x, low, high);
    if (newest && low < high) emit(newest[0], newest[1], newest[1], true);
    this.newest = undefined;
  }
  /** The column, and the gaps before the next one, which begins at `x`. */
  private close(x: number): void {
    const { gaps, emit, width } = this;
    this.put();
    for (; this.gap < gaps.length && gaps[this.gap]![1] <= x; this.gap++) {
      const [from, to] = gaps[this.gap]!;
      if (from >= this.x && to - from > width) emit((from + to) / 2, Number.NaN, to - from);
    }
  }
  end(): void {
    if (!Number.isNaN(this.column)) this.put();
    this.column = Number.NaN;
  }
}
