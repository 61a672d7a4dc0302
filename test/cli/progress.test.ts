import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Progress, type ProgressStream, type Reading } from "../../src/cli/kit/progress.js";

class Screen implements ProgressStream {
  written: string[] = [];
  constructor(
    readonly isTTY: boolean,
    readonly columns: number,
  ) {}
  write(text: string): void {
    this.written.push(text);
  }
}

const reading: Reading = { bytes: 46, totalBytes: 100, rows: 1_310_000 };
const label = () => "reading trades.csv.gz";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  vi.stubEnv("TERM", "xterm");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe("progress on a terminal", () => {
  it("comes after half a second, ten times a second, and goes away without a trace", () => {
    const screen = new Screen(true, 100);
    const progress = new Progress(screen, label, () => reading);
    vi.advanceTimersByTime(450);
    expect(screen.written).toEqual([]);
    vi.advanceTimersByTime(1050);
    expect(screen.written.length).toBe(11);
    expect(screen.written.at(-1)).toBe(
      "\rreading trades.csv.gz  [#########-----------]   46%  1.31 M rows  873,333 rows/s  2 s left\x1b[K",
    );
    progress.end();
    progress.end();
    expect(screen.written.length).toBe(12);
    expect(screen.written.at(-1)).toBe("\r\x1b[K");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequence that hides a cursor
    expect(screen.written.join("")).not.toMatch(/\x1b\[\?25l/);
  });

  it("says nothing of rows before the first, and is not drawn oftener by work that calls it oftener", () => {
    const screen = new Screen(true, 100);
    const progress = new Progress(screen, label, () => ({ bytes: 0, totalBytes: 0, rows: 0 }));
    vi.advanceTimersByTime(600);
    const before = screen.written.length;
    for (let i = 0; i < 1000; i++) progress.turn();
    progress.end();
    expect(screen.written.length).toBe(before + 1);
    expect(screen.written.at(-2)).toBe("\rreading trades.csv.gz\x1b[K");
  });

  it("writes nothing at all for a run that was quicker", () => {
    const screen = new Screen(true, 100);
    const progress = new Progress(screen, label, () => reading);
    vi.advanceTimersByTime(400);
    progress.end();
    expect(screen.written).toEqual([]);
  });

  for (const columns of [0, 20, 40, 79, 80])
    it(`stays on one line of ${columns} columns`, () => {
      const screen = new Screen(true, columns);
      const progress = new Progress(
        screen,
        () => `reading ${"long-".repeat(30)}.csv`,
        () => reading,
      );
      vi.advanceTimersByTime(700);
      progress.end();
      const width = Math.max(...screen.written.map((text) => text.replace("\r", "").replace("\x1b[K", "").length));
      expect(width).toBeLessThan(columns || 80);
    });

  it("counts each pass from its own beginning", () => {
    const screen = new Screen(true, 100);
    let pass = "measuring";
    const progress = new Progress(
      screen,
      () => pass,
      () => reading,
    );
    vi.advanceTimersByTime(10_000);
    pass = "reading";
    vi.advanceTimersByTime(1100);
    progress.end();
    expect(screen.written.at(-2)).toMatch(/^\rreading .* 1\.31 M rows {2}1\.31 M rows\/s {2}2 s left/);
  });

  it("says no share where the length is not known", () => {
    const progress = new Progress(new Screen(true, 100), label, () => ({ bytes: 5, totalBytes: 0, rows: 7 }));
    vi.advanceTimersByTime(1000);
    expect(progress.line(performance.now(), 100)).toBe("reading trades.csv.gz  7 rows  7 rows/s");
    progress.end();
  });
});

describe("progress elsewhere", () => {
  for (const [what, screen, term] of [
    ["a file", new Screen(false, 0), "xterm"],
    ["a dumb terminal", new Screen(true, 80), "dumb"],
  ] as const)
    it(`${what} gets one line of ASCII in ten seconds`, () => {
      vi.stubEnv("TERM", term);
      const progress = new Progress(screen, label, () => reading);
      vi.advanceTimersByTime(25_000);
      progress.end();
      expect(screen.written.length).toBe(2);
      for (const line of screen.written) expect(line).toMatch(/^[\x20-\x7e]+\n$/);
    });
});
