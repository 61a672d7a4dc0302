/** tickforge factors on columns that look ahead: what is a label, what only should have been one. */
import { beforeAll, describe, expect, it } from "vitest";
import { requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";
import { assets, dates, head, returns, rows, writePanel, writeTable } from "../../support/factor_panel.js";

const folder = temporaryFolder();
const factors = (...args: string[]) => tickforge(["factors", ...args], { cwd: folder });
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await factors(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
};
const put = (name: string, lines: readonly (readonly string[])[], title = head) => writeTable(folder, name, lines, title);

beforeAll(requireBuilt);
beforeAll(() => writePanel(folder));

describe("remarks on what looks ahead", () => {
  it("a factor that knows the next return", async () => {
    const { remarks } = await json("panel.csv", "--factors", "oracle", "--horizons", "1");
    expect(remarks).toContainEqual(
      expect.stringMatching(/^oracle foretells the returns over the next 1 date with an IC of 1\.00: it may hold/),
    );
    const { stdout } = await factors("panel.csv", "--factors", "oracle");
    expect(stdout).toMatch(/^note: oracle foretells/m);
  });

  it("a market that gains as none does, and returns that overlap", async () => {
    const of = (value: (t: number, i: number) => number) =>
      rows.map((line, k) => [line[0]!, line[1]!, String(value(Math.floor(k / assets), k % assets)), line[4]!]);
    put(
      "ahead.csv",
      of((t, i) => 0.15 + returns(t, i)),
      "date,symbol,return,style",
    );
    const { remarks } = await json("ahead.csv", "--factors", "style", "--horizons", "1");
    expect(remarks).toContainEqual(
      expect.stringMatching(/^the market returns \+1\d\.\d% a date, the mean: return may hold .*--forward-return COLUMN/),
    );
    const sum = (t: number, i: number) =>
      Array.from({ length: 10 }, (_, h) => (t + h < dates ? returns(t + h, i) : 0)).reduce((a, b) => a + b);
    put("overlap.csv", of(sum), "date,symbol,return,style");
    const overlap = await json("overlap.csv", "--factors", "style", "--horizons", "1");
    expect(overlap.remarks).toContainEqual(expect.stringMatching(/^the market's returns correlate by 0\.\d\d from one date to the next/));
  });

  it("a plain panel draws none", async () => {
    const { remarks } = await json("panel.csv", "--factors", "size", "--horizons", "1");
    expect(remarks.filter((text: string) => /may hold/.test(text))).toEqual([]);
  });
});

describe("--forward-return", () => {
  it("a column of what follows is what prices give, with them and without", async () => {
    const all = ["--factors", "style", "--sectors", "sectors.csv"];
    const priced = await json("panel.csv", ...all, "--horizons", "1");
    const named = await json("panel.csv", ...all, "--forward-return", "oracle");
    put(
      "label.csv",
      rows.map((line) => [line[0]!, line[1]!, line[3]!, line[4]!, line[5]!]),
      "date,symbol,cap,style,next_return",
    );
    const alone = await json("label.csv", ...all, "--forward-return", "next_return");
    expect(named.coverage).toMatchObject({ priceFrom: "close", labelFrom: "oracle" });
    expect(alone.coverage).toMatchObject({ priceFrom: "next_return", labelFrom: "next_return" });
    expect(alone.signals[0].decay[0].rank.mean).toBeCloseTo(named.signals[0].decay[0].rank.mean, 12);
    // The label of the last date is 0 for all, so it has no correlation; every other date has that of the prices.
    expect(named.signals[0].decay[0].rank.mean).toBeCloseTo(priced.signals[0].decay[0].rank.mean, 12);
    expect(alone.returns[1].mean).toBeCloseTo(priced.returns[1].mean, 10);
    expect([...named.remarks, ...alone.remarks].filter((text: string) => /sounds like/.test(text))).toEqual([]);
  });

  it("a number is the one horizon", async () => {
    const [ahead, horizon] = [
      await json("panel.csv", "--factors", "style", "--forward-return", "5"),
      await json("panel.csv", "--factors", "style", "--horizons", "5"),
    ];
    expect(ahead.signals).toEqual(horizon.signals);
  });

  it("is refused where it cannot be", async () => {
    for (const [args, message] of [
      [["--forward-return", "5", "--horizons", "1"], /both say how far to look ahead/],
      [["--forward-return", "oracle", "--horizons", "1,5"], /looks one way ahead, --horizons names several/],
      [["--forward-return", "0"], /--forward-return is 0, expected whole numbers/],
      [["--forward-return", "orcle"], /--forward-return orcle: no column is called so.*\n.*did you mean oracle/],
    ] as const)
      expect(await factors("panel.csv", "--factors", "style", ...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
    put(
      "far.csv",
      rows.map((line) => [line[0]!, line[1]!, line[4]!, line[5]!]),
      "date,symbol,style,next5",
    );
    const far = await factors("far.csv", "--factors", "style", "--forward-return", "next5", "--horizons", "5");
    expect(far).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/next5 is of returns over 5 dates: those of one date need a column of prices/),
    });
  });
});
