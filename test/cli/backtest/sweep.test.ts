/** tickforge backtest --sweep and --walk-forward: the answers, the pages, and what is refused. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { tape } from "../../backtest/sweep/kit/tape.js";
import { requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

beforeAll(requireBuilt);
const folder = temporaryFolder();
tape(folder);
const files = "book.tfr trades.tfr";
const run = (args: string) => tickforge(["backtest", ...args.split(" ")], { cwd: folder });
const read = (name: string) => readFileSync(join(folder, name), "utf8");

describe("the answers", () => {
  it("a sweep: the best first, luck beside it, the page with its map", async () => {
    const { code, stdout, stderr } = await run(
      `market_maker ${files} --bar 1s --sweep spread=5..15:5 --sweep wait=1,3 --workers 1 --report sweep.html`,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/\nsweep of market_maker: spread 5 to 15, 3 values by wait 1 to 3, 2 values; 6 runs; 1 thread {3}/);
    expect(stdout).toMatch(/\n {2}spread +wait +Sharpe +profit +drawdown +turnover +fills\n {3,}\d/);
    expect(stdout).toMatch(/\ndeflated Sharpe ratio [01]\.\d{3}, probability of overfitting \d+\.\d%\nwrote sweep\.html\n$/);
    expect(read("sweep.html")).toContain("<title>Sweep of market maker");
  });

  it("a walk forward: window after window, as JSON too; a run that fails is told and the others go on", async () => {
    writeFileSync(
      join(folder, "some.mjs"),
      `export default { name: "some", doc: "", params: { how: { type: "i32", default: 0, doc: "" } }, begin: ({ how }) => ({
        onStart: (context) => { if (how === 2) throw new Error("not two"); context.timer("go", context.now + 1000000000n); },
        onTimer: (context) => void context.submit({ instrument: 0, side: how === 1 ? 1 : -1, size: 1, type: "market" }),
      }) };\n`,
    );
    const walk = `./some.mjs ${files} --bar 1s --sweep how=0..2 --workers 1 --walk-forward 100s/90s --purge 1s --embargo 1s`;
    const { code, stdout } = await run(`${walk} --report walk.html`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nwalk forward of some: 2 windows; 1 thread {3}/);
    expect(stdout).toContain("\nfound: 2 of 6 runs in first parts failed and could not be chosen\n");
    expect(stdout).toMatch(/\n {2}1970-01-01 00:01:40 +1970-01-01 00:03:10 +how [01] +/);
    expect(stdout).toMatch(/\n {2}together +/);
    expect(read("walk.html")).toContain("<title>Walk forward of some");
    const { kind, windows, together } = JSON.parse((await run(`${walk} --json`)).stdout);
    expect([kind, windows.length, windows[0].split]).toEqual(["walk", 2, "1970-01-01T00:01:40.000000000Z"]);
    expect(together.profit).toBeCloseTo(windows[0].outOfSample.profit + windows[1].outOfSample.profit, 9);
    const sweep = await run(`./some.mjs ${files} --bar 1s --sweep how=0..2 --workers 1`);
    expect(sweep.stdout).toMatch(/\nfailed: 1 run: some: onStart threw at .*: not two \[E_STRATEGY_THREW\]\n/);
  });
});

describe("what is wrong is named", () => {
  it.each([
    ["--sweep spread", /^2 --sweep is 'spread', expected NAME=VALUES/],
    ["--sweep spraed=1..3", /^2 --sweep spraed: market_maker has no parameter of that name\n {2}did you mean spread\?/],
    ["--sweep spread=10..1", /^2 --sweep spread=10\.\.1: it ends at 1, not above 10\n {2}such as --sweep spread=1\.\.10/],
    ["--sweep spread=1..10:0", /^2 --sweep spread=1\.\.10:0: the step is 0, expected one above 0/],
    [
      "--sweep spread=0.1..0.5",
      /^2 --sweep spread=0\.1\.\.0\.5: a step of 1 leaves one value\n {2}a smaller step: --sweep spread=0\.1\.\.0\.5:0\.04/,
    ],
    ["--sweep spread=1..1000000", /^2 --sweep spread=1\.\.1000000: it has 1,000,000 values, expected 10,000 at the most/],
    ["--sweep spread=1..200 --sweep wait=1..200", /^\d sweep: spread by wait make 40000 runs, expected 10000 at the most/],
    ["--sweep spread=1..2 --set spread=3", /^\d sweep: spread is swept and has a value beside it/],
    ["--sweep spread=-1..2", /^\d .*spread.*-1/],
    ["--sweep spread=wide", /^2 --sweep spread is 'wide', expected a number/],
    ["--sweep spread=1..2 --workers 0", /^\d sweep: workers is 0, expected a whole number from 1 to 1024/],
    ["--workers 2", /^2 --workers is about the runs of --sweep/],
    ["--walk-forward 20d/5d", /^2 --walk-forward chooses among the values of --sweep/],
    ["--sweep spread=1..2 --walk-forward 20d", /^2 --walk-forward is '20d', expected the lengths of two parts/],
    ["--sweep spread=1..2 --purge 1s", /^2 --purge is about a walk forward/],
    ["--sweep spread=1..2 --walk-forward 10s/10s --purge 10s", /^2 --purge leaves nothing of the first part/],
    ["--sweep spread=1..2 --walk-forward 20d/5d", /^3 book\.tfr, trades\.tfr: they span 4\.99 minutes, and a window takes 25 days/],
  ])("%s", async (flags, says) => {
    const { code, stdout, stderr } = await run(`market_maker ${files} ${flags}`);
    expect([stdout, `${code} ${stderr.replace(/^tickforge: /, "")}`]).toEqual(["", expect.stringMatching(says)]);
  });
});
