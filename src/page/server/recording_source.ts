/** Recordings as a page shows them: indexed in the background, one after the other, and shown as far as that is. */
import { basename } from "node:path";
import type { Columns, Topic } from "../../bus/bus.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { kindsOf } from "../series/catalog.js";
import type { Emit } from "../series/lane.js";
import { Picture } from "../series/picture.js";
import type { FileLine } from "../series/wire.js";
import { RecordingFile } from "./recording_file.js";
import type { RowTable, Source } from "./source.js";

/** Then clients get their turn. */
const TURN_MS = 15;

export class RecordingSource implements Source {
  readonly mode = "recording";
  readonly name: string;
  readonly topics: readonly Topic<Columns>[];
  readonly picture: Picture;
  private readonly files: readonly RecordingFile[];
  private readonly refused: FileLine[] = [];
  private readonly drawn: ReadonlyMap<string, unknown>;
  /** By the id of a series: its file, and its place there. */
  private readonly places: [RecordingFile, number][] = [];
  private readonly adopted = new Map<RecordingFile, number>();

  /** Throws where none of them can be read. `onFiles` is told how they are when all are read. */
  constructor(
    paths: readonly string[],
    private readonly onFiles: (files: readonly FileLine[]) => void,
  ) {
    this.name = paths.length === 1 ? basename(paths[0]!) : `${basename(paths[0]!)} and ${paths.length - 1} more`;
    this.picture = new Picture([], { base: 1 }, []);
    this.files = paths.flatMap((path) => this.open(path, paths.length === 1));
    if (this.files.length === 0) throw new TickforgeError(this.refused[0]!.error!.code, this.refused[0]!.error!.message);
    this.topics = this.files.map(({ topic }) => topic);
    const twice = this.topics.find(({ name }, i) => this.topics.findIndex((other) => other.name === name) !== i);
    if (twice) {
      const of = this.files.filter(({ topic }) => topic.name === twice.name).map(({ path }) => path);
      throw new TickforgeError("E_PAGE_TOPIC", `${of.join(" and ")} are both of topic '${twice.name}'`, {
        ...{ file: of[1]!, hint: "show one of them; a page has each topic once" },
      });
    }
    this.drawn = kindsOf(this.topics);
    this.adopt();
    this.tellWhenWhole();
  }
  private open(path: string, alone: boolean): RecordingFile[] {
    try {
      return [new RecordingFile(path, this.picture.alarms)];
    } catch (error) {
      if (!(error instanceof TickforgeError) || alone) throw error;
      const { code, message } = error;
      this.refused.push({ path, rows: 0, read: 1, index: "memory", holes: 0, backwards: 0, error: { code, message } });
      return [];
    }
  }

  /** In the order of the first file that is drawn. */
  get instruments(): readonly string[] {
    const first = this.files.find(({ topic }) => this.drawn.has(topic.name));
    return first ? Array.from({ length: first.symbols.size }, (_, id) => first.symbols.at(id)!) : [];
  }

  turn(): boolean {
    const file = this.files.find(({ whole }) => !whole);
    if (!file) return false;
    file.index(performance.now() + TURN_MS);
    this.adopt();
    this.tellWhenWhole();
    return true;
  }
  /** Lines that came to files since. */
  private adopt(): void {
    const { picture } = this;
    // Anew each time: where the time of rows goes back, what is drawn ends earlier.
    [picture.span, picture.turns] = [undefined, 0];
    for (const file of this.files) {
      const { series, lanes, span, turns, turnedBy } = file.picture;
      if (!this.drawn.has(file.topic.name)) continue;
      for (let at = this.adopted.get(file) ?? 0; at < series.length; at++) {
        const { id: _, ...of } = series[at]!;
        picture.lane(of, lanes[at]!);
        this.places.push([file, at]);
      }
      this.adopted.set(file, series.length);
      picture.turns += turns;
      picture.turnedBy = Math.max(picture.turnedBy, turnedBy);
      if (span) picture.widen(...span);
    }
  }
  private tellWhenWhole(): void {
    if (this.files.every(({ whole }) => whole)) this.onFiles(this.status().files);
  }

  draw(series: ReadonlyMap<number, Emit>, from: number, to: number, width: number): void {
    const byFile = new Map<RecordingFile, Map<number, Emit>>();
    for (const [id, emit] of series) {
      const [file, at] = this.places[id]!;
      byFile.set(file, (byFile.get(file) ?? new Map<number, Emit>()).set(at, emit));
    }
    for (const [file, lines] of byFile) file.draw(lines, from, to, width);
  }
  table(topic: string): RowTable | undefined {
    return this.files.find((file) => file.topic.name === topic);
  }
  status() {
    return { files: [...this.files.map(({ line }) => line), ...this.refused], ended: false };
  }
  close(): void {
    for (const file of this.files) file.close();
  }
}
