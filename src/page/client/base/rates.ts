/** How rates went since the page was opened, of what it was told twice a second. */
import type { Status } from "../../series/wire.js";

export interface Course {
  /** By the page's clock, ms. */
  readonly at: number[];
  readonly values: number[];
}
type What = "takes" | "gives" | "rows";

const KEPT_MS = 300_000;
/** Latencies, and shares of time, are of so long. */
const RECENT_MS = 10_000;

export class Rates {
  private readonly courses = new Map<string, Course>();
  private recent: { readonly at: number; readonly status: Status }[] = [];

  take(status: Status, now: number): void {
    for (const { name, takenPerSecond, givenPerSecond } of status.engines) {
      this.add("takes", name, now, takenPerSecond);
      this.add("gives", name, now, givenPerSecond);
    }
    for (const { name, rowsPerSecond } of status.topics) this.add("rows", name, now, rowsPerSecond);
    // Of a system that was started anew nothing is continued.
    if (status.seconds < (this.recent.at(-1)?.status.seconds ?? 0)) this.recent = [];
    this.recent.push({ at: now, status });
    while (this.recent.length > 2 && now - this.recent[1]!.at >= RECENT_MS) this.recent.shift();
  }
  private add(what: What, name: string, now: number, value: number): void {
    const key = `${what} ${name}`;
    const course = this.courses.get(key) ?? { at: [], values: [] };
    this.courses.set(key, course);
    course.at.push(now);
    course.values.push(value);
    while (now - course.at[0]! > KEPT_MS) {
      course.at.shift();
      course.values.shift();
    }
  }
  of(what: What, name: string): Course | undefined {
    return this.courses.get(`${what} ${name}`);
  }
  /** What was told some seconds ago, of which differences are taken; undefined where that was just now. */
  get before(): Status | undefined {
    const [first, second] = this.recent;
    return second ? first!.status : undefined;
  }
}
