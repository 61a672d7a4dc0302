/** Alarms as episodes: from the row at which one was raised to the row at which it was no more. None is ever left out. */

export interface Acknowledged {
  /** As they call themselves, and what they say of it. */
  readonly by: string;
  readonly note: string;
  /** ms UTC, by the server's clock. */
  readonly at: number;
}
export interface Alarm {
  /** Row of its topic at which it was raised. */
  readonly row: number;
  readonly topic: string;
  readonly of: string;
  /** ms UTC: of the row that raised it, and of the last one while it stood. */
  readonly from: number;
  to: number;
  standing: boolean;
  /** Numbers of that row, by column. */
  readonly values: Readonly<Record<string, number>>;
  /** For all who look, by the first that did. */
  acknowledged?: Acknowledged;
  /** It came or changed with this one of all changes. */
  revision: number;
}

export class AlarmLog {
  readonly all: Alarm[] = [];
  revision = 0;
  private readonly standing = new Map<string, Alarm>();
  /** In the order of their last change, each once or more: what somebody has not seen lies at the end. */
  private changes: Alarm[] = [];

  take(topic: string, of: string, row: number, time: number, raised: boolean, values: () => Record<string, number>): void {
    const key = `${topic}\n${of}`;
    const now = this.standing.get(key);
    if (now) {
      now.standing = raised;
      if (raised) now.to = time;
      else this.standing.delete(key);
      this.changed(now);
      return;
    }
    if (!raised) return;
    const alarm: Alarm = { row, topic, of, from: time, to: time, standing: true, values: values(), revision: 0 };
    this.standing.set(key, alarm);
    this.all.push(alarm);
    this.changed(alarm);
  }
  /** One that an index kept. */
  restore(alarm: Alarm): void {
    const mine = { ...alarm };
    this.all.push(mine);
    this.changed(mine);
  }
  /** Undefined where there is no such alarm; one that was acknowledged stays as it is. */
  acknowledge(topic: string, row: number, as: Acknowledged): Alarm | undefined {
    const alarm = this.all.findLast((one) => one.row === row && one.topic === topic);
    if (!alarm || alarm.acknowledged) return alarm;
    alarm.acknowledged = as;
    this.changed(alarm);
    return alarm;
  }
  private changed(alarm: Alarm): void {
    alarm.revision = ++this.revision;
    if (this.changes.at(-1) !== alarm) this.changes.push(alarm);
    if (this.changes.length > 2 * this.all.length + 64) this.changes = this.all.toSorted((a, b) => a.revision - b.revision);
  }

  /** Those that changed after `revision`, at most `most` of them, the oldest change first. */
  since(revision: number, most: number): Alarm[] {
    const found = new Set<Alarm>();
    for (let i = this.changes.length - 1; i >= 0 && this.changes[i]!.revision > revision; i--) found.add(this.changes[i]!);
    return [...found].sort((a, b) => a.revision - b.revision).slice(0, most);
  }
}
