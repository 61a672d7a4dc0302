/** tickforge factors as a user runs it: panels whose answer is known, odd ones and bad ones. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { meanTest } from "../../../src/analysis/signal.js";
import { requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";
import { assets, dates, day, head, premium, rows, writePanel, writeTable } from "../../support/factor_panel.js";

const folder = temporaryFolder();
const factors = (...args: string[]) => tickforge(["factors", ...args], { cwd: folder });
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await factors(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
};

writePanel(folder);
const put = (name: string, lines: readonly (readonly string[])[], title = head) => writeTable(folder, name, lines, title);

beforeAll(requireBuilt);

describe("the mean of a series", () => {
  it("has Newey and West's error: numpy 2.4.6, the sum written out, lags 3", () => {
    const test = meanTest([0.02, -0.01, 0.03, 0.015, Number.NaN, -0.005, 0.01, 0.04, -0.02, 0, 0.025], 4);
    expect(test.count).toBe(10);
    expect(test.mean).toBeCloseTo(0.0105, 15);
    expect(test.deviation).toBeCloseTo(0.019068589646618103, 15);
    expect(test.error).toBeCloseTo(0.002426417111710184, 15);
    expect(test.t).toBeCloseTo(4.327368097317533, 11);
  });
});

describe("a panel whose answer is known", () => {
  it("finds returns made of market, sectors and a style, and a signal that knows the next return", async () => {
    const answer = await json("panel.csv", "--sectors", "sectors.csv", "--factors", "style,oracle", "--horizons", "1,3");
    expect(answer.coverage).toMatchObject({ dates, assets, rows: dates * assets, priced: 1, withoutSector: [], emptyDates: [] });
    const [own, oracle] = answer.signals;
    expect(oracle.decay[0].rank).toMatchObject({ count: dates - 1 });
    expect(oracle.decay[0].rank.mean).toBeCloseTo(1, 12);
    expect(oracle.decay[1].rank.mean).toBeLessThan(0.99);
    expect(oracle.spread.mean).toBeGreaterThan(0);
    expect(own.autocorrelation.mean).toBeCloseTo(1, 12);
    expect(own.turnover.map((q: { mean: number }) => q.mean)).toEqual([0, 0, 0, 0, 0]);
  });

  it("reads the panel's dates as --time-format says, and those of the market as they are written", async () => {
    const text = readFileSync(join(folder, "panel.csv"), "utf8");
    writeFileSync(join(folder, "dots.csv"), text.replace(/(\d{4})-(\d\d)-(\d\d)/g, "$3.$2.$1"));
    const lines = Array.from({ length: dates }, (_, t) => `${day(t)},${Math.sin(t) / 100}`);
    writeFileSync(join(folder, "market.csv"), `date,market\n${lines.join("\n")}\n`);
    const both = ["--sectors", "sectors.csv", "--factors", "style", "--compare", "market.csv"];
    const [plain, dots] = [await json("panel.csv", ...both), await json("dots.csv", ...both, "--time-format", "%d.%m.%Y")];
    expect(dots.signals).toEqual(plain.signals);
    expect(dots.compare).toEqual(plain.compare);
    const wrong = await factors("panel.csv", "--factors", "style", "--time-format", "%d.%m.%Y");
    expect(wrong).toMatchObject({ code: 3, stderr: expect.stringContaining("not a date as %d.%m.%Y") });
  });

  it("gives each date's return of the style, and nothing is left", async () => {
    const { code } = await factors("panel.csv", "--sectors", "sectors.csv", "--factors", "style", "--out", "returns.csv");
    expect(code).toBe(0);
    const [title, ...lines] = readFileSync(join(folder, "returns.csv"), "utf8").trimEnd().split("\n");
    expect(title).toBe("date,market,style,r_squared,assets");
    const cells = lines.map((line) => line.split(","));
    expect(cells[0]).toEqual([day(0), "", "", "", "0"]);
    const found = cells.slice(1).map((line) => Number(line[2]));
    const ratio = found[0]! / premium[1]!;
    for (const [t, value] of found.entries()) expect(value).toBeCloseTo(ratio * premium[t + 1]!, 5); // winsorized at 1 % first
    expect(Math.min(...cells.slice(1).map((line) => Number(line[3])))).toBeGreaterThan(0.99);
  });

  it("says what was left out and what cannot be told apart", async () => {
    put("some.csv", [...Array.from({ length: assets - 2 }, (_, i) => [`A${i}`, `sector ${i % 3}`]), ["A29", "alone"]], "symbol,sector");
    const doubled = rows.map((line) => [...line, String(2 * Number(line[4]))]);
    put("double.csv", doubled, `${head},twin`);
    const { stdout } = await factors("double.csv", "--sectors", "some.csv", "--factors", "style,twin");
    expect(stdout).toMatch(/^note: 1 asset without a sector, in no factor return: A28$/m);
    expect(stdout).toMatch(/^note: 1 sector of one asset, whose return it explains whole: alone$/m);
    expect(stdout).toMatch(/^note: 69 dates with collinear factors: answered by the solution of minimum norm$/m);
    expect(stdout).toMatch(/^note: style and twin are one factor under two names: their exposures correlate by 1\.0000$/m);
    const few = rows.filter((line) => ["A0", "A1", "A2"].includes(line[1]!));
    put("few.csv", few);
    const { stdout: of } = await factors("few.csv", "--sectors", "sectors.csv", "--factors", "style,oracle,size");
    expect(of).toMatch(/^note: 69 dates with fewer assets than factors: answered by the solution of minimum norm$/m);
  });
});

describe("prices as their column says", () => {
  /** Half of what it was from date 30 on for A4: at once and for good; with swings; or back after a day. */
  const halved = (change: (t: number) => number) =>
    rows.map((line, k) => (k % assets === 4 ? line.with(2, String(Number(line[2]) * change(Math.floor(k / assets)))) : line));
  const split = halved((t) => (t >= 30 ? 0.5 : 1));
  const crash = halved((t) => (t >= 30 ? 0.5 * (1 + 0.3 * Math.sin(t)) : 1));
  const blip = halved((t) => (t === 30 ? 0.5 : 1));
  const titled = (name: string) => head.replace("close", name);
  const jumps = async (...args: string[]) => (await json(...args, "--factors", "style", "--horizons", "1")).coverage;

  it("adjusted ones have no splits, and that they look like some is told", async () => {
    put("adjusted.csv", split, titled("adjusted"));
    const coverage = await jumps("adjusted.csv");
    expect(coverage).toMatchObject({ priceFrom: "adjusted", splitsKept: "adjusted", splitChanges: null });
    expect(coverage.jumps).toMatchObject([{ asset: "A4", as: "2 for 1", leftOut: false }]);
    const { stdout } = await factors("adjusted.csv", "--factors", "style");
    expect(stdout).toMatch(
      /^note: 1 jump like unadjusted splits: A4 .*; kept as returns, since adjusted says that prices are adjusted; --splits leave-out/m,
    );
    expect((await jumps("adjusted.csv", "--splits", "leave-out")).jumps).toMatchObject([{ asset: "A4", leftOut: true }]);
  });

  it("a fall by half that does not stay at its level is none, nor one that is traded as never before", async () => {
    put("crash.csv", crash);
    for (const { as, leftOut } of (await jumps("crash.csv")).jumps) expect({ as, leftOut }).toEqual({ as: null, leftOut: false });
    put("blip.csv", blip);
    expect((await jumps("blip.csv")).jumps).toMatchObject([{ as: null }, { as: null }]);
    const volumes = split.map((line, k) => [...line, String(k % assets === 4 && Math.floor(k / assets) >= 30 ? 40_000 : 1000)]);
    put("traded.csv", volumes, `${head},volume`);
    expect((await jumps("traded.csv")).jumps).toMatchObject([{ asset: "A4", as: null, leftOut: false }]);
    put(
      "twice-traded.csv",
      volumes.map((line) => line.with(6, line[6] === "40000" ? "2000" : "1000")),
      `${head},volume`,
    );
    expect((await jumps("twice-traded.csv")).jumps).toMatchObject([{ asset: "A4", as: "2 for 1", leftOut: true }]);
    const { stdout } = await factors("traded.csv", "--factors", "style");
    expect(stdout).toMatch(
      /^note: 1 change outside -40 \.\. \+60% within four days is no split and is a return like others, the largest A4 /m,
    );
  });

  it("NA is no sector; second rows are listed together", async () => {
    put(
      "na.csv",
      Array.from({ length: assets }, (_, i) => [`A${i}`, i < 3 ? "NA" : `sector ${i % 3}`]),
      "symbol,sector",
    );
    const { coverage, sectors } = await json("panel.csv", "--factors", "style", "--sectors", "na.csv", "--horizons", "1");
    expect([sectors, coverage.withoutSector]).toEqual([
      ["sector 0", "sector 1", "sector 2"],
      ["A0", "A1", "A2"],
    ]);
    put("again.csv", [...rows, rows[5]!, rows[40]!]);
    const { code, stderr } = await factors("again.csv", "--factors", "style");
    expect(code).toBe(3);
    expect(stderr).toMatch(/again\.csv: 2 rows repeat an asset and its date: line 2102 \(A5 2024-01-01\), line 2103 \(A10 2024-01-02\)/);
  });
});

describe("what is odd about a panel", () => {
  /** Date of the split of A4, and rows with its prices halved from then on. */
  const at = 30;
  const split = rows.map((line, k) => (k % assets === 4 && k >= at * assets ? line.with(2, String(Number(line[2]) / 2)) : line));
  const out = async (name: string, ...args: string[]) => {
    const { code, stdout } = await factors(name, "--sectors", "sectors.csv", "--factors", "style", "--out", "o.csv", "--force", ...args);
    expect(code).toBe(0);
    return { stdout, lines: readFileSync(join(folder, "o.csv"), "utf8").split("\n") };
  };

  it("a split is named, and no return is taken from it", async () => {
    put("split.csv", split);
    const [whole, cut, kept] = [await out("panel.csv"), await out("split.csv"), await out("split.csv", "--splits", "keep")];
    const named = `A4 ${day(at)} -`;
    expect(cut.stdout).toMatch(
      /^note: 1 jump like unadjusted splits: A4 .*, as a split 2 for 1; no return is taken from them; with them \(--splits keep\) the IC would be style -?0\.\d+, not /m,
    );
    expect(cut.stdout).toContain(named);
    expect(kept.stdout).toMatch(/--splits keep says$/m);
    const differing = (one: string[]) => whole.lines.flatMap((line, i) => (line === one[i] ? [] : [i - 1]));
    const numbers = (line: string) => line.split(",").slice(1).map(Number);
    for (const [i, line] of cut.lines.entries())
      if (line !== "" && i > 0 && i - 1 !== at)
        for (const [k, value] of numbers(line).entries()) expect(value).toBeCloseTo(numbers(whole.lines[i]!)[k]!, 12);
    expect(numbers(cut.lines[at + 1]!).at(-1)).toBe(assets - 1);
    expect(differing(kept.lines)).toContain(at);
    expect(numbers(kept.lines[at + 1]!)[0]).toBeLessThan(numbers(whole.lines[at + 1]!)[0]! - 0.005);
  });

  it("a horizon that spans it has no return: who knows the next return is still right about all others", async () => {
    put("split.csv", split);
    const { signals } = await json("split.csv", "--factors", "oracle", "--horizons", "1,2");
    expect(signals[0].decay[0].rank.mean).toBeCloseTo(1, 12);
  });

  it("dates without any price are named and take nothing else with them", async () => {
    put(
      "hole.csv",
      rows.map((line, k) => (Math.floor(k / assets) === 20 ? line.with(2, "") : line)),
    );
    const { stdout, lines } = await out("hole.csv");
    expect(stdout).toMatch(new RegExp(`^note: 1 date without any price: ${day(20)}$`, "m"));
    for (const t of [20, 21]) expect(lines[t + 1]).toBe(`${day(t)},,,,0`);
    expect(lines[23]).toMatch(/,30$/);
  });

  it("momentum goes on over a price that is missing, and is refused where the panel is too short for it", async () => {
    put(
      "gap.csv",
      rows.map((line, k) => (k === 40 * assets + 3 ? line.with(2, "") : line)),
    );
    const args = ["--factors", "momentum", "--window", "20", "--lag", "5"];
    const [whole, gap] = [await json("panel.csv", ...args), await json("gap.csv", ...args)];
    expect(gap.signals[0].coverage).toBeGreaterThan(whole.signals[0].coverage - 0.001);
    const { code, stderr } = await factors("panel.csv", "--factors", "momentum");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /needs --window 504 and --lag 20 dates before its first value; the panel has 70\n {2}such as --window 28 --lag 7/,
    );
  });
});

describe("bad panels are named", () => {
  const refused: [string, string[], RegExp, number, string?][] = [
    [
      "a second row",
      [...rows.slice(0, 40).map((r) => r.join(",")), rows[5]!.join(",")],
      /bad\.csv, line 42: A5 has a second row on 2024-01-01/,
      3,
    ],
    [
      "a capitalization of 0",
      rows.map((r, i) => (i === 31 ? r.with(3, "0") : r).join(",")),
      /bad\.csv, line 33: cap of A1 is 0 on 2024-01-02/,
      3,
    ],
    [
      "a negative one",
      rows.map((r, i) => (i === 31 ? r.with(3, "-2") : r).join(",")),
      /bad\.csv, line 33: cap of A1 is -2 on 2024-01-02/,
      3,
    ],
    [
      "a price below 0",
      rows.map((r, i) => (i === 31 ? r.with(2, "-3") : r).join(",")),
      /bad\.csv, line 33: close of A1 is -3 on 2024-01-02/,
      3,
    ],
    ["no price at all", rows.map((r) => r.with(2, "").join(",")), /no asset has a price on any date/, 3],
    ["an unknown factor", rows.map((r) => r.join(",")), /--factors styl: no column is called so.*\n.*did you mean style/, 2, "styl"],
    ["a missing asset", rows.map((r, i) => (i === 3 ? r.with(1, "") : r).join(",")), /bad\.csv, line 5: symbol is missing/, 3],
  ];
  it.each(refused)("%s", async (_, lines, message, exit, name = "style") => {
    writeFileSync(join(folder, "bad.csv"), `${head}\n${lines.join("\n")}\n`);
    const { code, stdout, stderr } = await factors("bad.csv", "--factors", name);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
  });

  it("sectors of other assets, and two sectors of one", async () => {
    put("other.csv", [["B1", "x"]], "symbol,sector");
    const none = await factors("panel.csv", "--factors", "style", "--sectors", "other.csv");
    expect(none).toMatchObject({
      code: 3,
      stdout: "",
      stderr: expect.stringMatching(/no asset of the panel has a sector: A0, A1.*\[E_SECTOR\]/s),
    });
    put(
      "two.csv",
      [
        ["A1", "x"],
        ["A2", "x"],
        ["A1", "y"],
      ],
      "symbol,sector",
    );
    const two = await factors("panel.csv", "--factors", "style", "--sectors", "two.csv");
    expect(two).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/two\.csv, line 4: A1 has sector y, before x.*\[E_ASSET_REPEATED\]/s),
    });
    const absent = await factors("panel.csv", "--factors", "style", "--sectors", "sectors.csv", "--sector", "sectr");
    expect(absent).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--sector sectr: no column is called so.*did you mean sector/s),
    });
  });

  it("returns in percent", async () => {
    put(
      "percent.csv",
      rows.map((line) => [line[0]!, line[1]!, String(100 * Number(line[5])), line[4]!]),
      "date,symbol,return,style",
    );
    const ran = await factors("percent.csv", "--factors", "style");
    expect(ran).toMatchObject({
      code: 3,
      stdout: "",
      stderr: expect.stringMatching(/returns are beyond -20 \.\. \+20%: percent.*0\.01 for 1 %/s),
    });
  });

  it("a return below -100 %, and not one of -100 %, which is a total loss", async () => {
    const of = (loss: string) =>
      rows.map((line, k) => [
        line[0]!,
        line[1]!,
        k === 7 * assets + 3 ? loss : String((k % 7) / 1000),
        line[4]!,
        k % assets === 3 ? "1" : "0",
      ]);
    put("below.csv", of("-1.1"), "date,symbol,return,style,third");
    const ran = await factors("below.csv", "--factors", "style");
    expect(ran).toMatchObject({ code: 3, stderr: expect.stringMatching(/below\.csv, line 215: return of A3 is -1\.1 on 2024-01-08/) });
    put("loss.csv", of("-1"), "date,symbol,return,style,third");
    const { code } = await factors("loss.csv", "--factors", "third", "--horizons", "1,5", "--out", "loss-out.csv");
    expect(code).toBe(0);
    const cells = readFileSync(join(folder, "loss-out.csv"), "utf8").split("\n")[8]!.split(",");
    const own = Array.from({ length: assets }, (_, i) => (i === 3 ? -1 : ((7 * assets + i) % 7) / 1000));
    expect(Number(cells[1])).toBeCloseTo(own.reduce((a, b) => a + b, 0) / assets, 12);
    expect(Number(cells[2])).toBeLessThan(0);
    expect(cells[4]).toBe(String(assets));
  });

  it("and so are flags", async () => {
    for (const [args, message] of [
      [[], /--factors names no factor/],
      [["--factors", "style,style"], /names style twice/],
      [["--factors", "style", "--horizons", "5,1"], /expected whole numbers of dates, rising/],
      [["--factors", "style", "--quantiles", "1"], /--quantiles is 1, expected 2 to 100/],
      [["--factors", "value"], /--factors value: no column is called so.*\n.*pass --reports FILE/],
      [["--factors", "style", "--weights", "eqal"], /--weights eqal is neither cap nor equal nor a file\n.*did you mean equal/],
      [["--factors", "style", "--compare-column", "x"], /--compare-column goes with --compare FILE/],
    ] as const)
      expect(await factors("panel.csv", ...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });
});
