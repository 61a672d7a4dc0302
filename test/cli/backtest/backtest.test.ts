/** tickforge backtest: the answer, the page, and what is refused, with its place and exit code. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { type Level, record, type Trade } from "../../backtest/run/kit/record.js";
import { mainFile, requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

beforeAll(requireBuilt);
const folder = temporaryFolder();
const file = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const run = (args: string) => tickforge(["backtest", ...args.split(" ")], { cwd: folder });
const second = 1_000_000_000n;

/** A mid that goes from 100 to 101 and back every ten seconds, and trades on both sides that reach what rests. */
const minutes = 5;
const levels: Level[] = Array.from({ length: 60 * minutes }, (_, at): Level[] => {
  const mid = 100 + Math.abs((at % 20) - 10) / 10;
  const of = { time: BigInt(at) * second, size: 5 };
  return [
    { ...of, flags: 1, side: 1, price: Number((mid - 0.1).toFixed(1)) },
    { ...of, flags: 2, side: -1, price: Number((mid + 0.1).toFixed(1)) },
  ];
}).flat();
const trades: Trade[] = Array.from({ length: 60 * minutes }, (_, at) => ({
  time: BigInt(at) * second + second / 2n,
  side: at % 2 === 0 ? 1 : -1,
  price: Number((100 + Math.abs((at % 20) - 10) / 10 + (at % 2 === 0 ? 0.1 : -0.1)).toFixed(1)),
  size: 8,
}));
record(join(folder, "book.tfr"), "book_changes", levels);
record(join(folder, "trades.tfr"), "trades", trades);
const files = "book.tfr trades.tfr";
const module = (body: string, rest = "") =>
  `export default { name: "tried", doc: "Tried.", params: { wait: { type: "f64", min: 0.1, default: 1, doc: "" } }, begin: () => (${body}), ${rest} };\n`;
const buy = (more: string) =>
  module(`{ onStart: (context) => context.timer("go", context.now + 1000000000n), onTimer: (context) => ${more} }`);

describe("the answer", () => {
  it("is a screen for people: terms, what was found, money, fills, orders", async () => {
    const { code, stdout, stderr } = await run(
      `market_maker ${files} --set spread=20 --set wait=0.5 --bar 1s --fees -0.5bp/4bp --latency 5ms/2ms`,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^book\.tfr, trades\.tfr\n1970-01-01 00:00:00 \.\. 1970-01-01 00:04:59 {3}ABC; 1,200 rows of the market, /);
    expect(stdout).toContain("\nmarket_maker: spread 20, size 0, limit 0, lean 1, widen 3, wait 0.5\n");
    expect(stdout).toContain("\nqueue risk_averse; latency 5 ms there, 2 ms back; fees -0.5 / 4 bp; capital 1,000,000\n");
    expect(stdout).toMatch(/^found: ABC: tick 0\.1 and lot 1 are deduced/m);
    expect(stdout).toMatch(/^ {2}= profit +[+-]?\d/m);
    expect(stdout).toMatch(/^ {2}rested +\d+ +-?\d+\.\d\d \+- /m);
    expect(stdout).toMatch(/^\d+ orders: \d+ filled, /m);
    expect(stdout).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it("as JSON: parts add up to the profit, and the same run has the same hash", async () => {
    const args = `market_maker ${files} --set spread=20 --bar 1s --fees 1bp/4bp --json`;
    const [first, again] = await Promise.all([run(args), run(args)]);
    const { money, measures, orders, hash, kind, params, fills, latency } = JSON.parse(first.stdout);
    expect([kind, params.spread, latency]).toEqual(["backtest", 20, null]);
    expect(fills.rows).toBeGreaterThan(10);
    expect(money.spread + money.inventory + money.impact + money.fees + money.funding + money.borrow).toBeCloseTo(money.profit, 9);
    expect(measures.profit).toBe(money.profit);
    expect(orders.submitted).toBeGreaterThan(0);
    expect(JSON.parse(again.stdout).hash).toBe(hash);
  });

  it("costs are given in words, told on screen and as JSON; the hash is of what happened at the venue, not of money", async () => {
    const flags =
      "--funding 1bp/4h --borrow 5%/3% --self-trade cancel_newest --order-rate 300/10s --order-rate 1/2s --impact 2%/50000 --margin 5%/1.2";
    const args = `market_maker ${files} --set spread=20 --set wait=0.5 --bar 1s --tick 0.1 --lot 1`;
    const { code, stdout } = await run(`${args} ${flags}`);
    expect([code, stdout]).toEqual([0, expect.stringContaining("no latency; no fees; ")]);
    expect(stdout).toContain(
      "; funding 1 bp every 4 h; borrowing 5% a year short, 3% long; order rate 300 in 10 s, 1 in 2 s; self-trade cancel_newest; impact 2% and 50,000 units a day, times 1; margin 5% of what is held, 1.2 times to open; capital",
    );
    expect(stdout).toMatch(/[1-9]\d* rejected: requests: at most 1 in 2 s/);
    expect(stdout).toMatch(/^ {2}borrow +-/m);
    const { costs, marginTerms, margin } = JSON.parse((await run(`${args} ${flags} --json`)).stdout);
    expect({ costs, marginTerms }).toEqual({
      costs: {
        ...{ funding: { rate: 0.0001, everyHours: 4 }, borrow: { short: 0.05, long: 0.03 }, selfTrade: "cancel_newest" },
        orderRate: [
          { most: 300, seconds: 10 },
          { most: 1, seconds: 2 },
        ],
        impact: { dailyVolatility: 0.02, dailyVolume: 50_000, coefficient: 1 },
      },
      marginTerms: { priceRange: 0.05, initialRatio: 1.2 },
    });
    expect(margin.checks).toBeGreaterThan(0);
    const [free, paid] = await Promise.all([run(`${args} --json`), run(`${args} --fees 1bp/4bp --borrow 5% --json`)]);
    const [first, second] = [JSON.parse(free.stdout), JSON.parse(paid.stdout)];
    expect(second.hash).toBe(first.hash);
    expect(second.money.profit).toBeLessThan(first.money.profit);
  });

  it("writes the page; a module of one's own runs like one that ships, and logs", async () => {
    file("mine.mjs", buy("(context.log('so it is'), context.submit({ instrument: 0, side: 1, size: 2, type: 'market' }))"));
    const { code, stdout } = await run(`./mine.mjs ${files} --tick 0.1 --lot 1 --report mine.html --interactive`);
    expect([code, stdout.match(/^(log|wrote).*$/gm)]).toEqual([0, ["log: so it is", "wrote mine.html"]]);
    expect(stdout).not.toContain("deduced");
    const page = readFileSync(join(folder, "mine.html"), "utf8");
    expect(page).toMatch(/Latency[\s\S]{0,40}none[\s\S]{0,80}Fees[\s\S]{0,40}none/);
    expect(page).toContain("<title>Back-test of tried: book.tfr");
    expect(page).toContain("tickforge backtest ./mine.mjs book.tfr trades.tfr");
    expect((await run(`./mine.mjs ${files} --report mine.html`)).code).toBe(2);
  });

  it("the strategy of the guide runs", async () => {
    const guide = readFileSync(join(packageRoot(), "docs/backtest.md"), "utf8");
    const [, block] = /```js\n(import \{ defineStrategy \}[\s\S]*?)```/.exec(guide)!;
    // The temporary folder has no packages.
    file("joiner.mjs", block!.replace(/^import .*$/m, "const defineStrategy = (strategy) => strategy;"));
    const { code, stdout } = await run(`./joiner.mjs ${files} --set wait=2 --bar 1s --latency 1ms/1ms/2ms`);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/\njoiner: wait 2\nqueue risk_averse; latency 1 ms there, 1 ms back, 2 ms of the feed; no fees; /),
    ]);
    expect(stdout).toMatch(/^[1-9]\d* orders: [1-9]/m);
  });

  it("Ctrl-C ends it with 130 and writes nothing", async () => {
    // Each timer asks for the next a nanosecond later: five minutes of them take hours.
    file(
      "slow.mjs",
      `const next = (context) => context.timer("go", context.now + 1n);
      const onStart = (context) => (process.stderr.write("under way"), next(context));
      export default { name: "slow", doc: "", params: {}, begin: () => ({ onStart, onTimer: next }) };`,
    );
    const child = spawn(process.execPath, [mainFile, "backtest", "./slow.mjs", ...files.split(" "), "--report", "slow.html"], {
      cwd: folder,
    });
    let stderr = "";
    child.stderr.on("data", (data) => {
      stderr += data;
      if (stderr === "under way") child.kill("SIGINT");
    });
    const [code] = await once(child, "close");
    expect([code, stderr, existsSync(join(folder, "slow.html"))]).toEqual([
      130,
      expect.stringMatching(/stopped after [\d,]+ rows; nothing was written/),
      false,
    ]);
  });
});

describe("what is wrong is named", () => {
  const refused = async (args: string) => {
    const { code, stdout, stderr } = await run(args);
    expect(stdout).toBe("");
    return `${code} ${stderr.replace(/^tickforge: /, "").trimEnd()}`;
  };
  file("none.mjs", "export const strategy = {};\n");
  file("shape.mjs", "export default { name: 'x', params: {} };\n");
  file("syntax.mjs", "export default {\n  name: 'x',,\n};\n");
  file("missing.mjs", "import 'no-such-package';\n");
  file("thrown.mjs", "const a = 1;\nthrow new Error('not today');\n");
  file("throws.mjs", buy("context.nothing.at.all"));
  file("endless.mjs", buy("{ for (;;); }"));
  file("begins.mjs", module("{}", "begin: () => { for (;;); }"));
  file("begun.mjs", module("{}", "begin: () => { throw new Error('not here'); }"));
  file("later.mjs", buy("Promise.resolve(1)"));
  file("off.mjs", buy("context.submit({ instrument: 0, side: 1, price: 99.05, size: 1 })"));
  file("negative.mjs", buy("context.submit({ instrument: 0, side: 1, price: 99, size: -1 })"));
  file("typed.ts", "const x: number = 1;\nexport default { name: 'typed', doc: '', params: {}, begin: () => ({}) };\n");
  file("notes.txt", "no strategy\n");
  mkdirSync(join(folder, "inside"));
  record(join(folder, "again.tfr"), "trades", trades.slice(50));
  record(join(folder, "back.tfr"), "trades", [...trades.slice(100), ...trades.slice(0, 50)]);

  it.each([
    ["market_maker", /^2 backtest needs FILES behind the strategy 'market_maker'/],
    [
      `market_makr ${files}`,
      /^2 no strategy is called 'market_makr': there are do_nothing, .*\n {2}did you mean market_maker\? .*\[E_STRATEGY_FILE\]/,
    ],
    [`./mien.mjs ${files}`, /^2 \.\/mien\.mjs: there is no such file/],
    [`./inside ${files}`, /^2 \.\/inside is a directory/],
    [`./notes.txt ${files}`, /^2 \.\/notes\.txt: its ending is '\.txt', expected \.js/],
    [`./none.mjs ${files}`, /^2 \.\/none\.mjs: it exports strategy and no default/],
    [`./shape.mjs ${files}`, /^\d \.\/shape\.mjs: the strategy 'x' has no function begin\n.*defineStrategy.*\[E_STRATEGY\]/],
    [`./syntax.mjs ${files}`, /^2 \.\/syntax\.mjs, line 2: Unexpected token ','/],
    [`./missing.mjs ${files}`, /^2 \.\/missing\.mjs: it imports no-such-package, which is not there\n {2}npm install no-such-package/],
    [`./thrown.mjs ${files}`, /^2 \.\/thrown\.mjs, line 2: not today/],
    [
      `./throws.mjs ${files}`,
      /^1 tried: onTimer threw at 1970-01-01T00:00:01\.000000000Z: Cannot read prop.*\n {2}\.\/throws\.mjs, line 1 .*\[E_STRATEGY_THREW\]/s,
    ],
    [`./begun.mjs ${files}`, /^1 tried: begin threw: not here\n {2}\.\/begun\.mjs, line 1 /],
    [`./endless.mjs ${files} --time-limit 200ms`, /^1 tried: a hook did not return within 0\.2 s\n.*\[E_STRATEGY_TIME\]/],
    [`./begins.mjs ${files} --time-limit 200ms`, /^1 tried: a hook did not return within 0\.2 s/],
    [`./later.mjs ${files}`, /^1 tried: onTimer gave a promise/],
    [`./off.mjs ${files}`, /^1 tried: onTimer at .*: submit: price is 99\.05, off the tick of 0\.1 of ABC/],
    [`./negative.mjs ${files}`, /^1 tried: onTimer at .*: submit: size is -1\n {2}pass a size above 0/],
    [`market_maker ${files} --set spraed=2`, /^2 --set spraed: market_maker has no parameter of that name\n {2}did you mean spread\?/],
    [`market_maker ${files} --set spread`, /^2 --set is 'spread', expected NAME=VALUE\n {2}such as --set spread=2/],
    [`market_maker ${files} --set spread=wide`, /^2 --set spread is 'wide', expected a number/],
    [`market_maker ${files} --set spread=-1`, /^2 market_maker: parameter 'spread' is -1, expected > 0/],
    [`schedule ${files} --set how=vwap`, /^\d .*how.*vwap.*twap/s],
    [`market_maker trades.tfr`, /^3 ABC: the recording has trades and no book, which the queue model 'risk_averse' needs/],
    [`market_maker ${files} --queue exact`, /^3 ABC: the recording has no orders by id, which the queue model 'exact' needs/],
    [
      `market_maker ${files} again.tfr`,
      /^3 .*trades\.tfr and again\.tfr overlap: both have trades of ABC at the same time.*\[E_BACKTEST_OVERLAP\]/s,
    ],
    [`market_maker book.tfr back.tfr`, /^3 back\.tfr: row \d+.*\[E_BACKTEST_CLOCK\]/s],
    [`market_maker ${files} --queue trade`, /^2 --queue is 'trade', expected risk_averse, power, exact, trades\n {2}did you mean trades\?/],
    [`market_maker ${files} --power 2`, /^2 --power is about the queue model power/],
    [`market_maker ${files} --latency soon`, /^2 --latency is 'soon', expected one to three times/],
    [`market_maker ${files} --fees kraken_spt`, /^2 --fees is 'kraken_spt', expected a table or two shares.*did you mean kraken_spot\?/s],
    [`market_maker ${files} --funding 20%`, /^2 --funding is '20%', expected a share.*\n {2}such as 1bp/],
    [`market_maker ${files} --funding 1bp/90min`, /^2 --funding is '1bp\/90min'/],
    [`market_maker ${files} --borrow -5%`, /^2 --borrow is '-5%', expected one or two shares a year/],
    [`market_maker ${files} --order-rate 300`, /^2 --order-rate is '300', expected how many orders in how long\n {2}such as 300\/10s/],
    [`market_maker ${files} --self-trade newest`, /^2 --self-trade is 'newest', expected allow, cancel_newest/],
    [`market_maker ${files} --impact 2%`, /^2 --impact is '2%', expected the volatility of a day/],
    [`market_maker ${files} --impact 2%/1/1/1`, /^2 --impact is '2%\/1\/1\/1'/],
    [`market_maker ${files} --margin 50%`, /^2 --margin is '50%', expected a share of what is held above 0 and below 50%/],
    [`market_maker ${files} --tick 0.1`, /^2 --tick is given without --lot/],
    [`market_maker ${files} --instrument ABC`, /^2 --instrument is 'ABC', expected NAME:TICK\/LOT/],
    [`market_maker ${files} --instrument ABC:0.5/1`, /^3 .*price .* of ABC is off its tick of 0\.5.*\[E_BACKTEST_GRID\]/s],
    [`market_maker ${files} --capital 0`, /^2 --capital is 0, expected a number above 0/],
    [`market_maker ${files} --from 2024-01-02 --to 2024-01-01`, /^2 --from is not before --to/],
    [`market_maker ${files} --report b.pdf`, /^2 --report b\.pdf: it is a page/],
    [`market_maker nothing.tfr`, /^\d nothing\.tfr: .*no such file/i],
  ])("%s", async (args, says) => {
    expect(await refused(args)).toMatch(says);
  });

  it("no word at all", async () => {
    expect(await tickforge(["backtest"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/backtest needs a STRATEGY and FILES\n {2}tickforge backtest market_maker/),
    });
  });

  it("a module of TypeScript where this Node reads none; else it runs", async () => {
    const { code, stdout, stderr } = await run(`./typed.ts ${files}`);
    if ((process.features as { typescript?: unknown }).typescript)
      expect([code, stdout]).toEqual([0, expect.stringContaining("typed: none")]);
    else
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/typed\.ts: Node \d+\.\d+\.\d+ reads no TypeScript\n {2}run it with Node 22\.18/),
      ]);
  });
});
