/** One recording: read once from its beginning to its end, and from anywhere ever after. */
import { readSync, statSync } from "node:fs";
import type { Columns, Symbols, Topic } from "../../bus/bus.js";
import { Frames, word } from "../../bus/frame.js";
import { type FrameInfo, RecordingReader, wordsOf } from "../../bus/recording/recording.js";
import { hex } from "../../bus/topic_hash.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { checksum } from "../../engines/checksum.js";
import type { AlarmLog } from "../series/alarm_log.js";
import { timeColumn } from "../series/catalog.js";
import { type Emit, Columns as Pixels } from "../series/lane.js";
import { drawable, halves, justAfter, msOf, type Numbers, Picture } from "../series/picture.js";
import type { FileLine, Proof } from "../series/wire.js";
import { FrameTable } from "./frame_table.js";
import { readIndex, writeIndex } from "./recording_index.js";
import type { RowTable } from "./source.js";

/** Rows of the finest entries of its lines; stretches with fewer rows than `MOST_RAW` are drawn from the rows themselves. */
export const BASE = 32;
const MOST_RAW = 2 ** 18;
/** Rows before and after a stretch among which the ends of its lines are looked for. */
const BEYOND = 4096;

export class RecordingFile implements RowTable {
  readonly topic: Topic<Columns>;
  readonly symbols: Symbols;
  readonly picture: Picture;
  readonly oldest = 0;
  end = 0;
  rows = 0;
  line: FileLine;
  private frames: FrameTable;
  private readonly reader: RecordingReader;
  private readonly time: string | undefined;
  /** The frame that was looked at last. */
  private readonly shown: Frames;
  private shownFrame = -1;
  private latest = Number.NEGATIVE_INFINITY;

  /** Throws where the file is no recording that can be read. */
  constructor(
    readonly path: string,
    alarms: AlarmLog,
  ) {
    const crc32c = checksum();
    this.reader = new RecordingReader(path, { crc32c });
    const { topic, symbols, layout } = this.reader;
    this.topic = topic;
    this.symbols = symbols;
    this.time = timeColumn(topic);
    this.shown = new Frames(layout, new ArrayBuffer(layout.stride), 0, 1);
    this.picture = new Picture([topic], { base: BASE }, [], alarms);
    const kept = readIndex(this, statSync(path), crc32c);
    this.frames = kept?.frames ?? new FrameTable();
    if (kept) {
      for (const symbol of kept.symbols) this.reader.symbols.add(symbol);
      this.end = kept.end;
      this.rows = kept.rows;
    }
    this.line = {
      ...{ path, topic: topic.name, rows: this.end, read: kept ? 1 : 0, index: kept ? "beside" : "making" },
      ...{ holes: this.picture.holes, backwards: this.picture.backwards },
      ...(kept?.error && { error: kept.error }),
    };
  }
  /** Where it is not, `to` of its frames and so the places of times say less. */
  get ordered(): boolean {
    return this.picture.turns === 0;
  }
  get whole(): boolean {
    return this.line.read === 1;
  }

  /** Reads frames until it is whole or the time has come. */
  index(until: number): void {
    const [slot] = this.shown.slots;
    this.shownFrame = -1;
    try {
      while (performance.now() < until) {
        const info = this.reader.read(slot!);
        if (!info) {
          this.finish();
          return;
        }
        // The frame lies right before what is read next.
        this.take(info, this.reader.offset - this.reader.layout.stride, slot!.columns as unknown as Numbers);
      }
      this.line = { ...this.line, rows: this.end, read: Math.min(0.999, this.reader.offset / this.reader.size) };
    } catch (error) {
      if (!(error instanceof TickforgeError)) throw error;
      this.finish({ code: error.code, message: error.message });
    }
  }
  private take({ rows, sequence, timeNs }: FrameInfo, offset: number, columns: Numbers): void {
    if (rows === 0) return;
    const times = this.time === undefined ? undefined : halves(columns[this.time]!, rows);
    const from = times ? msOf(times, 0) : Number(timeNs) / 1e6;
    this.latest = Math.max(this.latest, from);
    for (let i = 1; times && i < rows; i++) this.latest = Math.max(this.latest, msOf(times, i));
    this.frames.add({ offset, place: this.end, number: sequence, from, to: this.latest });
    this.picture.take(this.topic.name, columns, rows, sequence, this.symbols);
    this.end += rows;
    this.rows = sequence + rows;
  }
  private finish(error?: { code: string; message: string }): void {
    const { picture, frames, end, rows, symbols } = this;
    const names = Array.from({ length: symbols.size }, (_, id) => symbols.at(id)!);
    const written = writeIndex(this, statSync(this.path), { frames, end, rows, symbols: names, ...(error && { error }) }, checksum());
    this.line = { ...this.line, rows: end, read: 1, index: written ? "made" : "memory", ...(error && { error }) };
    this.line = { ...this.line, holes: picture.holes, backwards: picture.backwards };
  }

  placeOf(row: number): number {
    const frame = this.frames.first("number", row + 1) - 1;
    if (frame < 0) return 0;
    return Math.min(this.endOf(frame), this.frames.of("place", frame) + row - this.frames.of("number", frame));
  }
  private endOf(frame: number): number {
    return frame + 1 < this.frames.count ? this.frames.of("place", frame + 1) : this.end;
  }
  placeAt(time: number): number {
    const frame = this.frames.first("to", time);
    return frame < this.frames.count ? this.frames.of("place", frame) : this.end;
  }
  at(place: number): { columns: Numbers; index: number; number: number; next: number } {
    const frame = this.frames.holding(place);
    const index = place - this.frames.of("place", frame);
    return { columns: this.show(frame), index, number: this.frames.of("number", frame) + index, next: this.endOf(frame) - place };
  }
  frameAt(place: number): NonNullable<Proof["frame"]> {
    const frame = this.frames.holding(place);
    this.show(frame);
    const { bytes } = this.shown.slots[0]!;
    const [offset, first] = [this.frames.of("offset", frame), this.frames.of("number", frame)];
    const rows = this.endOf(frame) - this.frames.of("place", frame);
    return { offset, bytes: bytes.length, first, rows, crc: hex(wordsOf(bytes)[word.crc]!) };
  }
  private show(frame: number): Numbers {
    const [slot] = this.shown.slots;
    if (frame !== this.shownFrame) {
      readSync(this.reader.file, slot!.bytes, 0, slot!.bytes.length, this.frames.of("offset", frame));
      this.shownFrame = frame;
    }
    return slot!.columns as unknown as Numbers;
  }

  /** Lines by the place of their series in the file's own picture. */
  draw(series: ReadonlyMap<number, Emit>, from: number, to: number, width: number): void {
    const [first, last] = [this.frames.first("to", from), this.frames.first("to", to)];
    const rows =
      (last < this.frames.count ? this.endOf(last) : this.end) - (first < this.frames.count ? this.frames.of("place", first) : this.end);
    if (this.whole && this.ordered && rows <= MOST_RAW) this.drawRows(series, from, to, width);
    else for (const [at, emit] of series) this.picture.lanes[at]!.draw(from, to, width, emit);
  }

  private drawRows(series: ReadonlyMap<number, Emit>, from: number, to: number, width: number): void {
    const kind = this.picture.kindOf(this.topic.name)!;
    const lines = new Map<string, Line[]>();
    for (const [at, emit] of series) {
      const { of, column } = this.picture.series[at]!;
      lines.set(of, [...(lines.get(of) ?? []), new Line(column, from, to, new Pixels(width, emit, this.picture.lanes[at]!.gaps))]);
    }
    const byId: (Line[] | undefined)[] = [];
    const start = Math.max(0, this.placeAt(from) - BEYOND);
    // Behind the last frame that is not later: rows that go back in time lie at the time of those before them.
    const end = Math.min(this.end, this.placeAt(justAfter(to)) + this.topic.rows + BEYOND);
    if (start >= end) return;
    for (let frame = this.frames.holding(start); frame < this.frames.count && this.frames.of("place", frame) < end; frame++) {
      const columns = this.show(frame);
      const rows = this.endOf(frame) - this.frames.of("place", frame);
      const times = halves(columns[kind.time]!, rows);
      const ids = kind.key === undefined ? undefined : columns[kind.key]!;
      for (let i = 0; i < rows; i++) {
        const id = ids ? ids[i]! : 0;
        byId[id] ??= lines.get(ids ? (this.symbols.at(id) ?? `#${id}`) : this.topic.name) ?? [];
        for (const line of byId[id]!)
          line.add(msOf(times, i), drawable(columns[line.column]![i * (this.topic.columns[line.column]!.width ?? 1)]!));
      }
    }
    for (const line of [...lines.values()].flat()) line.end();
  }

  close(): void {
    this.reader.close();
  }
}

/** Rows of one line: those between two moments, the last one before and the first one after. */
class Line {
  private beforeX = Number.NaN;
  private beforeValue = Number.NaN;
  private over = false;
  private last = Number.NEGATIVE_INFINITY;
  private value = Number.NaN;

  constructor(
    readonly column: string,
    private readonly from: number,
    private readonly to: number,
    private readonly pixels: Pixels,
  ) {}
  add(time: number, value: number): void {
    const [before, x] = [this.last, Math.max(this.last, time)];
    this.last = x;
    if (x < this.from) {
      this.beforeX = x;
      this.beforeValue = value;
      return;
    }
    if (this.over) return;
    this.flush();
    this.over = x > this.to;
    if (this.over && before >= this.from) this.pixels.tip(before, this.value);
    this.pixels.add(x, value, value);
    this.value = value;
  }
  private flush(): void {
    if (!Number.isNaN(this.beforeX)) this.pixels.add(this.beforeX, this.beforeValue, this.beforeValue);
    this.beforeX = Number.NaN;
  }
  end(): void {
    this.flush();
    if (!this.over && this.last >= this.from) this.pixels.tip(this.last, this.value);
    this.pixels.end();
  }
}
