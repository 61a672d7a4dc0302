import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requireBuilt, tickforge } from "../../support/cli.js";

beforeAll(requireBuilt);
const folder = mkdtempSync(join(tmpdir(), "tickforge-drill-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const short = ["--burst", "50", "--bursts", "1", "--length", "600ms", "--calm", "500ms"];

describe("tickforge drill", () => {
  it("runs a system through a burst, and accounts for every row", async () => {
    const trades = join(folder, "trades.csv");
    const rows = Array.from(
      { length: 3000 },
      (_, i) => `${1_700_000_000_000 + 20 * i},${i},${100 + (i % 7) / 100},${1 + (i % 5)},${i % 2 ? "buy" : "sell"}`,
    );
    writeFileSync(trades, `timestamp,id,price,size,side\n${rows.join("\n")}\n`);
    const report = join(folder, "drill.html");
    const { code, stdout, stderr } = await tickforge(["drill", trades, ...short, "--pace", "20", "--json", "--report", report]);
    expect(stderr).toBe("");
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ schema: 1, command: "drill", burst: 50, pace: 20, bursts: [{ from: 1.5, to: 2.1 }] });
    // How fast this machine is just now decides what is seen of recovery, and nothing else.
    expect(code).toBe(answer.ok ? 0 : 3);
    const judged: { promise: string; kept?: boolean }[] = answer.verdicts.filter(
      ({ promise }: { promise: string }) => promise !== "recovery",
    );
    expect(judged.filter(({ kept }) => kept === false)).toEqual([]);
    expect(judged.filter(({ kept }) => kept === true).map(({ promise }) => promise)).toEqual(
      expect.arrayContaining(["block", "evict", "memory", "alive"]),
    );
    const of = (name: string) => answer.topics.find((topic: { name: string }) => topic.name === name);
    expect(of("trades").rows).toBeGreaterThan(3000);
    for (const taker of of("trades").takers)
      expect(taker).toEqual({ engine: taker.engine, taken: of("trades").rows, refused: 0, lost: 0, gaps: 0 });
    expect(of("trades").takers.map(({ engine }: { engine: string }) => engine)).toEqual(["toxicity", "features", "copy", "slow_block"]);
    const [slow] = of("trades_copy").takers;
    expect(slow.taken + slow.lost).toBe(of("trades").rows);
    expect(answer.samples.length).toBeGreaterThan(5);
    expect(existsSync(report) && readFileSync(report, "utf8")).toContain("What was promised, and what happened");
  });

  it.each([
    [["--burst", "1"], "--burst is 1, expected more than 1"],
    [["--bursts", "0"], "--bursts is 0, expected 1 to 1000"],
    [["--pace", "0"], "--pace is 0"],
    [["a.tfr", "b.tfr"], "drill takes one recording, got 2"],
    [["--report", "drill.pdf"], "drill.pdf"],
  ])("refuses %j", async (args, told) => {
    const { code, stderr } = await tickforge(["drill", ...args]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(told) });
  });

  it("takes a system of the user's own, and recordings; what the system records already stays as it is", async () => {
    const system = (name: string, market: object) => {
      const file = join(folder, name);
      const engines = {
        market_data: { options: { seed: 3, ...market } },
        toxicity: { options: { bucketVolume: 100_000 } },
        recorder: { options: { folder: "./recordings" } },
      };
      writeFileSync(file, JSON.stringify({ instruments: ["A", "B"], engines }));
      return file;
    };
    const hour = system("hour.json", { seconds: 3600, speed: 0 });
    const { code, stderr } = await tickforge(["up", hour, "--json"], { env: { XDG_STATE_HOME: join(folder, "state") } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const file = system("endless.json", {});
    const trades = readFileSync(join(folder, "recordings", "trades.tfr"));
    for (const words of [["--system", file], [join(folder, "recordings")]]) {
      const { stdout, stderr } = await tickforge(["drill", ...words, ...short, "--json"]);
      expect(stderr).toBe("");
      const { verdicts, topics } = JSON.parse(stdout);
      expect(verdicts.filter(({ promise, kept }: { promise: string; kept?: boolean }) => promise !== "recovery" && kept === false)).toEqual(
        [],
      );
      const { rows, takers } = topics.find(({ name }: { name: string }) => name === "trades");
      expect(rows).toBeGreaterThan(100);
      for (const { taken, refused } of takers) expect(taken + refused).toBe(rows);
    }
    expect(readFileSync(join(folder, "recordings", "trades.tfr")).equals(trades)).toBe(true);
  });

  it("refuses a system whose market it cannot pace, before anything starts", async () => {
    const file = join(folder, "system.json");
    writeFileSync(file, '{ "instruments": ["A"], "engines": { "monitor": {} } }');
    const { code, stderr } = await tickforge(["drill", "--system", file]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("no engine of the system is market_data") });
  });
});
