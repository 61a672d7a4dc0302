/** A line on stderr that says how far the reading is, and goes away. The cursor is never hidden, so nothing has to be put back. */
import { seconds, short } from "./format.js";
import { undoOnLeaving } from "./leaving.js";

export interface Reading {
  bytes: number;
  /** 0 where it is not known. */
  totalBytes: number;
  /** 0 while none was read; NaN where what is done does not go by rows. */
  rows: number;
}
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const turnMs = 100;
const firstAfterMs = 500;
const plainEveryMs = 10_000;
const left = (value: number): string => (value < 60 ? `${Math.ceil(value)} s` : seconds(value));
const erase = "\r\x1b[K";

export class Progress {
  private readonly started = performance.now();
  private lastPlain = this.started;
  private lastLive = Number.NEGATIVE_INFINITY;
  /** Rates are those of a pass, not of both. */
  private phase = { label: "", since: this.started };
  private shown = false;
  private readonly timer: NodeJS.Timeout;
  private readonly live: boolean;
  private readonly release: () => void;

  constructor(
    private readonly stream: ProgressStream,
    private readonly label: () => string,
    private readonly reading: () => Reading,
  ) {
    this.live = stream.isTTY === true && process.env.TERM !== "dumb";
    this.timer = setInterval(() => this.turn(), turnMs).unref();
    this.release = undoOnLeaving(() => void this.end());
  }

  /** Called by the timer, and by work that leaves no time for it. */
  turn(): void {
    const now = performance.now();
    if (now - this.started < firstAfterMs) return;
    if (this.live) {
      if (now - this.lastLive < turnMs / 2) return;
      this.lastLive = now;
      this.shown = true;
      this.stream.write(`\r${this.line(now, (this.stream.columns || 80) - 1)}\x1b[K`);
    } else if (now - this.lastPlain >= plainEveryMs) {
      this.lastPlain = now;
      this.stream.write(`${this.line(now, 200)}\n`);
    }
  }

  /** At most `width` characters; the bar goes first where there is no room. */
  line(now: number, width: number): string {
    const { bytes, totalBytes, rows } = this.reading();
    const label = this.label();
    if (this.phase.label !== label) this.phase = { label, since: this.phase.label === "" ? this.started : now };
    const elapsed = Math.max(now - this.phase.since, 1) / 1000;
    const share = totalBytes > 0 ? Math.min(bytes / totalBytes, 1) : Number.NaN;
    const known = Number.isFinite(share);
    const bar = known ? `[${"#".repeat(Math.floor(20 * share)).padEnd(20, "-")}]` : "";
    const facts = [
      known
        ? `${Math.floor(100 * share)
            .toString()
            .padStart(3)}%`
        : "",
      ...(rows > 0 ? [`${short(rows)} rows`, `${short(rows / elapsed)} rows/s`] : []),
      share > 0.02 ? `${left((elapsed / share) * (1 - share))} left` : "",
    ].filter(Boolean);
    const whole = [label, bar, ...facts].filter(Boolean).join("  ");
    if (whole.length <= width) return whole;
    const name = label.length > 30 ? `${label.slice(0, 27)}...` : label;
    return [name, ...facts].join("  ").slice(0, width);
  }

  /** Takes the line away, for good. */
  end(): void {
    clearInterval(this.timer);
    this.release();
    if (this.shown) this.stream.write(erase);
    this.shown = false;
  }
}

/** The progress of a command that reads tables and then computes. */
export class Watch {
  private readonly at: Reading = { bytes: 0, totalBytes: 0, rows: 0 };
  private readonly progress: Progress | undefined;
  private pausedAt = performance.now();

  constructor(
    { quiet, stderr }: { quiet: boolean; stderr: ProgressStream },
    private label: string,
  ) {
    if (!quiet)
      this.progress = new Progress(
        stderr,
        () => this.label,
        () => this.at,
      );
  }

  /** A reader of files calls this. */
  readonly reading = ({ file, read, total, rows }: { file: string; read: number; total: number | undefined; rows: number }): void => {
    this.label = `reading ${file}`;
    Object.assign(this.at, { bytes: read, totalBytes: total ?? 0, rows });
  };

  /** What it returns is to be waited for: signals are heard meanwhile. */
  readonly computing = (done: number, total: number, what: string): Promise<void> | undefined => {
    this.label = `computing ${what}`;
    Object.assign(this.at, { bytes: done, totalBytes: total, rows: Number.NaN });
    this.progress?.turn();
    const now = performance.now();
    if (now - this.pausedAt < turnMs / 2) return undefined;
    this.pausedAt = now;
    return new Promise((resolve) => setImmediate(resolve));
  };

  /** The line goes away when the work is done or has failed. */
  async during<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      this.end();
    }
  }

  end(): void {
    this.progress?.end();
  }
}
