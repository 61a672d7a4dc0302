/** Two files of the benchmark set beside each other: what counts as a change, and what is refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { compare, fastest, type Line } from "../../bench/compare/changes.js";
import { main } from "../../bench/compare/compare.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-compare-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const line = (kernel: string, min: number, median: number | undefined = 1.02 * min, more: Partial<Line> = {}): Line => ({
  ...{ kernel, label: "", backend: "native", size: 1000, nsPerRowMin: min },
  ...(median !== undefined && { nsPerRowMedian: median }),
  ...more,
});
const machine = { processor: "a processor", cores: 2, cpu: "v3", node: "20.19.6", platform: "linux-x64", quick: true };
let files = 0;
function file(content: unknown, meta: unknown = machine): string {
  const path = join(folder, `${++files}.json`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  if (meta) writeFileSync(path.replace(".json", ".meta.json"), JSON.stringify(meta));
  return path;
}
function run(...args: string[]): { code: number; out: string; err: string } {
  const told = { out: "", err: "" };
  vi.spyOn(process.stdout, "write").mockImplementation((text) => Boolean((told.out += text)));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => Boolean((told.err += text)));
  const code = main(args);
  vi.restoreAllMocks();
  return { code, ...told };
}

it("a line is slower or faster where its minimum moved by more than 10 % and more than the spread of either file", () => {
  const old = [line("a", 100), line("b", 100), line("c", 100), line("d", 100, 150), line("e", 100), line("f", 100)];
  const now = [line("a", 109), line("b", 112), line("c", 88), line("d", 140), line("e", 140, 200), line("f", 92)];
  const { slower, faster, same, unspread } = compare(old, now);
  expect(slower.map(({ key }) => key)).toEqual(["b"]);
  expect(faster.map(({ key }) => key)).toEqual(["c"]);
  expect({ same, unspread }).toEqual({ same: 4, unspread: 0 });
});

it("the worst comes first, with both times, the change and the noise", () => {
  const old = file([line("a", 100), line("b", 10, 13), line("c", 7)]);
  const now = file([line("a", 150), line("b", 20), line("c", 3.5)]);
  const { code, out } = run(old, now);
  expect(code).toBe(1);
  expect(out).toMatch(/^slower:\n.*\n {2}native +10\.0 +20\.0 +\+100 % +30 % {2}b\n {2}native +100 +150 +\+50 % +10 % {2}a\nfaster:\n/);
  expect(out).toMatch(/native +7\.00 +3\.50 +-50 % +10 % {2}c\n2 slower, 1 faster, 0 within the noise; the line in the middle: \+50 %\n$/);
});

it("equal files have no change; lines are told apart by label and backend", () => {
  const lines = [line("a", 5), line("a", 500, 501, { label: "other" }), line("a", 50, 51, { backend: "reference" })];
  const { code, out } = run(file(lines), file(lines.toReversed()));
  expect({ code, out }).toEqual({ code: 0, out: "0 slower, 0 faster, 3 within the noise; the line in the middle: +0 %\n" });
});

it("says what it cannot compare: other sizes, other packages, lines of one file alone, lines without a median", () => {
  const old = [
    line("a", 5),
    line("b", 5),
    line("c", 5),
    line("n", 5, 6, { backend: "numpy" }),
    { ...line("m", 5), nsPerRowMedian: undefined },
  ];
  const now = [line("a", 5), line("b", 9, 9, { size: 10 }), line("d", 5), line("n", 50, 60, { backend: "numpy" }), line("m", 5.2)];
  const { code, out } = run(file(old), file(now));
  expect(code).toBe(0);
  expect(out).toContain("0 slower, 0 faster, 2 within the noise");
  expect(out).toContain("1 lines of other packages left out");
  expect(out).toContain("1 lines of another size left out: b (native)");
  expect(out).toContain("1 lines of OLD are not in NEW: c (native)");
  expect(out).toContain("1 lines of NEW are not in OLD: d (native)");
  expect(out).toContain("1 lines have no median in one of the files");
});

it("of several new files the fastest line counts", () => {
  expect(
    fastest([
      [line("a", 5), line("b", 9)],
      [line("a", 7), line("b", 4)],
    ]).map(({ nsPerRowMin }) => nsPerRowMin),
  ).toEqual([5, 4]);
  const [old, slow, again] = [file([line("a", 5)]), file([line("a", 9)]), file([line("a", 5.1)])];
  expect([run(old, slow).code, run(old, slow, again).code, run(old, slow, slow).code]).toEqual([1, 0, 1]);
});

it("another machine, build, Node or kind of run is named, and its slower lines fail nothing", () => {
  const old = file([line("a", 5)]);
  for (const [change, told] of [
    [{ processor: "another" }, "processor was a processor, is another"],
    [{ cpu: "v4" }, "build was v3, is v4"],
    [{ node: "22.1.0" }, "node was 20, is 22"],
    [{ quick: false }, "--quick was true, is false"],
  ] as const) {
    const { code, out } = run(old, file([line("a", 50)], { ...machine, ...change }));
    expect(code).toBe(0);
    expect(out).toContain(`warning: measured under other conditions: ${told}\n`);
    expect(out).toContain("1 slower");
  }
  expect(run(old, file([line("a", 50)], { ...machine, node: "20.20.2" })).code).toBe(1);
  const unknown = run(old, file([line("a", 50)], null));
  expect(unknown.code).toBe(0);
  expect(unknown.out).toContain("no .meta.json beside it");
});

it("refuses what is no result of the benchmark by name: exit 2", () => {
  const good = file([line("a", 5)]);
  for (const [args, told] of [
    [[good], /takes two files or more/],
    [[], /was given 0/],
    [[good, join(folder, "absent.json")], /absent\.json: there is no such file/],
    [[good, folder], /is a directory/],
    [[good, file("{ not json")], /is not JSON/],
    [[file({ lines: [] }), good], /holds no array of lines/],
    [[good, file([{ kernel: "a", label: "" }])], /line 1 has no 'backend'/],
    [[good, file([null])], /line 1 has no 'kernel'/],
    [[good, file([line("a", 0)])], /line 1 \(a\) has 0 as 'nsPerRowMin'/],
    [[good, file([])], /have no line in common/],
    [["--onyl", good, good], /--onyl/],
  ] as const) {
    const { code, out, err } = run(...args);
    expect({ code, out }, String(told)).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^bench:compare: /);
    expect(err).toMatch(told);
  }
  expect(run("--help")).toMatchObject({ code: 0, out: expect.stringContaining("OLD.json NEW.json") });
});
