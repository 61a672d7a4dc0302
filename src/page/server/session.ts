/**
 * One open page. What it is told follows from what it shows and has, never from a queue: who is slow is left out of a tick and given the
 * newest with the next, alarms from where they stopped. So what waits for a page has a bound, and nothing of an alarm is lost.
 */
import type { WebSocket } from "ws";
import type { Checksum } from "../../bus/topic_hash.js";
import type { Alarm } from "../series/alarm_log.js";
import type { Emit } from "../series/lane.js";
import type { Acknowledge, Told, View } from "../series/wire.js";
import { answerBooks } from "./answer_books.js";
import { answerRows, topicInfo } from "./answer_rows.js";
import { readAsked } from "./asked.js";
import { DrawnFrame } from "./drawn_frame.js";
import type { Source } from "./source.js";

/** With more bytes than this waiting nothing more is sent. */
const MOST_WAITING = 2 ** 18;
const MOST_ALARMS = 500;
const MOST_WRONG = 16;
const STATUS_MS = 500;
/** That time went back in a running system is said for so long. */
const TURNED_MS = 600_000;

/** What a page has of a line: rows that were in it, and where its last column of pixels begins. */
interface Sent {
  rows: number;
  column: number;
}

export class Session {
  skipped = 0;
  private view: View | undefined;
  /** Columns of pixels as they were drawn last. */
  private width = 0;
  private sent = new Map<number, Sent>();
  private series = 0;
  private alarms = 0;
  private anew = true;
  private statusAt = Number.NEGATIVE_INFINITY;
  private ticks = 0;
  private turns = 0;
  private turnedAt = Number.NEGATIVE_INFINITY;
  private wrong = 0;
  private readonly frame: DrawnFrame;

  constructor(
    private readonly socket: WebSocket,
    private readonly source: Source,
    private readonly server: string,
    private readonly checksum: Checksum,
    /** Hears of alarms that are acknowledged for all; undefined where nobody may. */
    private readonly acknowledged?: (alarm: Alarm) => void,
  ) {
    this.frame = new DrawnFrame(checksum);
    const { mode, name, instruments, topics } = source;
    this.say({ kind: "hello", mode, control: acknowledged !== undefined, name, server, instruments, topics: topics.map(topicInfo) });
    socket.on("message", (data, binary) => this.hear(binary ? "" : data.toString()));
  }

  private say(told: Told): void {
    this.socket.send(JSON.stringify(told));
  }
  private hear(text: string): void {
    try {
      const asked = readAsked(text);
      if (asked.kind === "view") {
        this.view = asked.view;
        this.sent.clear();
      }
      if (asked.kind === "alarms" && asked.server === this.server) {
        this.alarms = asked.revision;
        this.anew = false;
      }
      if (asked.kind === "acknowledge") this.acknowledge(asked.acknowledge);
      if (asked.kind !== "rows" && asked.kind !== "books") return;
      const { id, topic } = asked.kind === "rows" ? asked.rows : asked.books;
      const table = this.source.table(topic);
      const { instruments } = this.source;
      if (!table) this.say({ kind: "error", id, message: `there is no topic '${topic}'` });
      else if (asked.kind === "rows") this.say(answerRows(table, asked.rows, instruments, this.checksum));
      else if (topicInfo(table.topic).levels !== undefined) this.say(answerBooks(table, asked.books, instruments));
      else this.say({ kind: "error", id, message: `topic '${topic}' holds no order books` });
    } catch (error) {
      this.say({ kind: "error", message: (error as Error).message });
      if (++this.wrong >= MOST_WRONG) this.socket.close(1008, `${this.wrong} messages could not be followed`);
    }
  }

  /** All who look are told by the log of alarms. */
  private acknowledge({ topic, row, by, note }: Acknowledge): void {
    if (!this.acknowledged) throw new Error("nobody may acknowledge alarms here: the server was started without --control");
    const as = { by, note, at: Date.now() };
    const alarm = this.source.picture.alarms.acknowledge(topic, row, as);
    if (!alarm) throw new Error(`there is no alarm at row ${row} of '${topic}'`);
    if (alarm.acknowledged === as) this.acknowledged(alarm);
  }

  tick(now: number): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > MOST_WAITING) {
      this.skipped++;
      return;
    }
    this.ticks++;
    this.tellSeries();
    this.tellAlarms();
    const { turns, turnedBy, span } = this.source.picture;
    if (turns !== this.turns) {
      // Of what was sent, some is to be forgotten.
      this.sent.clear();
      this.turns = turns;
      this.turnedAt = now;
    }
    if (now - this.statusAt >= STATUS_MS) {
      this.statusAt = now;
      const turned = turns > 0 && (this.source.mode === "recording" || now - this.turnedAt < TURNED_MS) && { turnedBy };
      this.say({ kind: "status", span, skipped: this.skipped, ...turned, ...this.source.status() });
    }
    this.draw();
  }

  private tellSeries(): void {
    const { series } = this.source.picture;
    if (series.length === this.series) return;
    this.say({ kind: "series", series: series.slice(this.series) });
    this.series = series.length;
  }
  private tellAlarms(): void {
    const { alarms: log } = this.source.picture;
    if (log.revision === this.alarms && !this.anew) return;
    const alarms: Alarm[] = log.since(this.alarms, MOST_ALARMS);
    this.alarms = alarms.at(-1)?.revision ?? log.revision;
    this.say({ kind: "alarms", alarms, revision: this.alarms, total: log.all.length, anew: this.anew });
    this.anew = false;
  }

  private draw(): void {
    const { view, source } = this;
    const { span } = source.picture;
    if (!view || !span) return;
    const to = view.span?.[1] ?? span[1];
    const from = view.span?.[0] ?? (view.length > 0 ? to - view.length : span[0]);
    const width = widthOf(view, to - from);
    if (width !== this.width) this.sent.clear();
    this.width = width;
    const anew = this.sent.size === 0;
    const due = view.series.filter((id) => {
      const lane = source.picture.lanes[id];
      return lane !== undefined && lane.rows !== this.sent.get(id)?.rows;
    });
    if (due.length === 0) return;
    this.frame.begin();
    let earliest = Number.POSITIVE_INFINITY;
    const emits = new Map(
      due.map((id) => {
        const sent = this.sent.get(id) ?? { rows: 0, column: Number.NEGATIVE_INFINITY };
        const start = sent.column * width;
        earliest = Math.min(earliest, start);
        sent.rows = source.picture.lanes[id]!.rows;
        this.sent.set(id, sent);
        const emit: Emit = (x, low, high, newest) => {
          if (x < start) return;
          this.frame.add(id, x, low, high);
          if (x <= to && !newest) sent.column = Math.floor(x / width);
        };
        return [id, emit] as const;
      }),
    );
    source.draw(emits, Math.max(from, earliest), to, width);
    this.socket.send(this.frame.seal(view.number, this.ticks, anew, span[1]), { binary: true });
  }
}

/** Where the stretch grows with what comes, columns of pixels double now and then: those that were sent stay as they are. */
const widthOf = ({ columns, span, length }: View, stretch: number): number => {
  const width = Math.max(stretch, 1e-3) / columns;
  return span === undefined && length === 0 ? 2 ** Math.ceil(Math.log2(width)) : width;
};
