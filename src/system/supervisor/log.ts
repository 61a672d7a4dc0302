/** The one log of a system: lines of JSON in a file that anybody may move away or cut, and for who listens. */
import * as fs from "node:fs";

export interface LogLine {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: "info" | "warn" | "error";
  readonly engine?: string;
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
}

export class Log {
  private readonly listeners = new Set<(line: LogLine) => void>();
  private lost = 0;

  constructor(readonly path: string) {}

  write(level: LogLine["level"], message: string, more: Partial<LogLine> = {}): void {
    const line: LogLine = { time: new Date().toISOString(), level, ...more, message };
    try {
      // Opened each time: a file that was moved away is begun anew.
      fs.appendFileSync(this.path, `${JSON.stringify(this.lost > 0 ? { ...line, unwritten: this.lost } : line)}\n`, { mode: 0o600 });
      this.lost = 0;
    } catch (error) {
      if (this.lost++ === 0) this.unwritten(error as Error);
    }
    for (const listener of this.listeners) listener(line);
  }
  /** Told once to who listens: the system goes on without its log. */
  private unwritten({ message }: Error): void {
    const hint = "give the disk room, or put right who may write there: lines are written again as soon as that can be done";
    const line = { time: new Date().toISOString(), level: "warn", message: `the log cannot be written: ${message}`, hint } as const;
    for (const listener of this.listeners) listener(line);
  }
  /** Returns how to stop. */
  listen(listener: (line: LogLine) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}
