/** The order books of the instruments that are shown: the newest, or of the moment under the pointer, of an alarm, or of the stretch's end. */
import type { BookRow, BooksAnswer } from "../../series/wire.js";
import type { App } from "../base/app.js";
import { h } from "../base/dom.js";
import { count, toMs } from "../base/format.js";
import { zoneAt } from "../base/zone.js";
import { Ladder } from "./ladder.js";

const AGAIN_MS = 250;
/** Instruments that one question names, and letters of a name in it. */
const MOST_NAMES = 64;
const MOST_LETTERS = 1000;

interface Asked {
  readonly topic: string;
  /** ms UTC; undefined: the newest. */
  readonly time: number | undefined;
  /** Whose moment it is. */
  readonly at: string;
}
const missing = () =>
  h(
    "p",
    { class: "soft" },
    `Its order book is not shown: books are, of ${MOST_NAMES} instruments with names of up to ${count(MOST_LETTERS)} letters.`,
  );

export class Ladders {
  private readonly ladders = new Map<string, Map<string, Ladder>>();
  private names: readonly string[] = [];
  private readonly asked = new Map<string, string>();
  private readonly busy = new Set<string>();
  private pointed: number | undefined;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(private readonly app: App) {
    this.timer = setInterval(() => this.update(this.pointed, true), AGAIN_MS);
  }
  private get topics() {
    return this.app.store.hello?.topics.filter(({ levels }) => levels !== undefined) ?? [];
  }

  /** Of these instruments from now on. */
  make(names: readonly string[]): void {
    this.names = names.filter(({ length }) => length <= MOST_LETTERS).slice(0, MOST_NAMES);
    this.asked.clear();
    this.ladders.clear();
    const several = this.topics.length > 1;
    for (const { name: topic, levels } of this.topics)
      this.ladders.set(
        topic,
        new Map(this.names.map((of) => [of, new Ladder(`Order book${several ? ` (${topic})` : ""}: ${of}`, Math.min(10, levels!))])),
      );
  }
  elementsOf(of: string): HTMLElement[] {
    return [...this.ladders.values()].map((byName) => byName.get(of)?.element ?? missing());
  }

  update(pointed: number | undefined, again = false): void {
    this.pointed = pointed;
    for (const topic of this.ladders.keys()) this.ask({ topic, ...this.moment() }, again);
  }
  private moment(): { time: number | undefined; at: string } {
    const { shown, store } = this.app;
    if (this.pointed !== undefined) return { time: this.pointed, at: "at the pointer" };
    const alarm = shown.alarm === undefined ? undefined : store.alarms.get(shown.alarm);
    if (alarm) return { time: alarm.from, at: "when the alarm was raised" };
    return shown.span ? { time: shown.span[1], at: "at the end of what is shown" } : { time: undefined, at: "the newest" };
  }
  /** What stays is asked for once, what grows again and again: what is drawn with each answer must not ask for the next. */
  private ask(asked: Asked, again: boolean): void {
    const { app, names } = this;
    const { topic, time } = asked;
    if (!app.connected || this.busy.has(topic) || names.length === 0) return;
    const { store } = app;
    const grows = store.hello?.mode === "live" && !(time !== undefined && time < (store.span?.[1] ?? Number.NEGATIVE_INFINITY));
    const read = store.files?.find((file) => file.topic === topic)?.rows;
    const key = JSON.stringify([names, time, asked.at, read]);
    if (key === this.asked.get(topic) && !(again && grows)) return;
    this.asked.set(topic, key);
    this.busy.add(topic);
    app
      .books({ topic, of: names, ...(time !== undefined && { time }) })
      .then((answer) => this.names === names && this.tell(answer, asked))
      // Books that were shown stay where the connection ends: the page says so above.
      .catch(() => app.connected || this.asked.delete(topic))
      .finally(() => {
        this.busy.delete(topic);
        if (this.pointed !== time && this.pointed !== undefined) this.update(this.pointed);
      });
  }
  private tell({ topic, books, looked }: BooksAnswer, { time, at }: Asked): void {
    const found = new Map(books.map((book) => [book.of, book]));
    for (const [of, ladder] of this.ladders.get(topic) ?? []) {
      const book: BookRow | undefined = found.get(of);
      const when = time === undefined ? "" : ` at ${toMs(time)} ${zoneAt(time)}`;
      const [from, before] = looked;
      const among =
        before > from ? `rows ${count(from)} to ${count(before - 1)} of ${topic} hold none of it` : `no earlier row of ${topic} is kept`;
      if (book) ladder.show(book, at);
      else ladder.lack(`No book is known${when}: ${among}.`);
    }
  }
  close(): void {
    clearInterval(this.timer);
  }
}
