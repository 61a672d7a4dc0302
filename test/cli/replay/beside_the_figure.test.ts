/** What stands beside a figure that is not there, or a file that is not taken for what it is not. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

beforeAll(requireBuilt);
const folder = temporaryFolder();
const run = (args: string) => tickforge([...args.split(" ")], { cwd: folder });
const weekdays = Array.from({ length: 700 }, (_, i) => Date.UTC(2019, 0, 1) + i * 86_400_000)
  .map((ms) => new Date(ms))
  .filter((date) => ![0, 6].includes(date.getUTCDay()))
  .map((date) => date.toISOString().slice(0, 10));

/** Calm days and a few crashes: far outside of what the expansion can describe. */
let level = 100;
const crashes = weekdays.map((day, i) => {
  level *= i % 97 === 96 ? 0.85 : 1 + 0.003 * Math.sin(12.9898 * i);
  return `${day},${level.toFixed(6)}`;
});
writeFileSync(join(folder, "crashes.csv"), `date,fund\n${crashes.join("\n")}\n`);
const trades = Array.from({ length: 3000 }, (_, i) => `${1_700_000_000 + 20 * i},${100 + (i % 7)},${1 + ((i * 13) % 5)}`);
writeFileSync(join(folder, "tape.csv"), `timestamp,price,volume\n${trades.join("\n")}\n`);

describe("Cornish-Fisher outside its domain", () => {
  it("is a dash on screen and page and null in --json, with the reason", async () => {
    const why =
      /skewness -\d\.\d\d, excess kurtosis \d+\.\d\d: outside the domain of the expansion, (ES below VaR|quantiles beyond the VaR out of order)/;
    const { stdout } = await run("risk crashes.csv --splits keep --report risk.html");
    expect(stdout).toMatch(new RegExp(`cornish_fisher +- +- +${why.source}`));
    expect(readFileSync(join(folder, "risk.html"), "utf8")).toMatch(
      new RegExp(`cornish fisher</th><td>–</td><td>–</td>.{0,60}${why.source}`, "s"),
    );
    const told = JSON.parse((await run("risk crashes.csv --splits keep --json")).stdout);
    const row = told.risk.find(({ method }: { method: string }) => method === "cornish_fisher");
    expect(row).toMatchObject({ var: null, es: null, why: expect.stringMatching(why) });
  });
});

describe("what is asked for", () => {
  it.each(["replay tape.csv", "risk crashes.csv", "factors crashes.csv --factors fund"])("%s --report x.pdf is refused", async (args) => {
    const { code, stderr } = await run(`${args} --report x.pdf`);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/x\.pdf.*\.html/s)]);
  });

  it("timestamp,price,volume is read by its names, and is not said to be an exchange's", async () => {
    const { stdout } = await run("replay tape.csv");
    expect(stdout).toMatch(/^tape\.csv {3}columns by name, time = 'timestamp', price = 'price', size = 'volume'/);
  });

  it("pages bear titles that differ by command and data", async () => {
    await run("replay tape.csv --report tape.html");
    await run("risk crashes.csv --report crashes.html --force");
    const titles = ["tape.html", "crashes.html"].map((name) => /<title>(.*?)<\/title>/.exec(readFileSync(join(folder, name), "utf8"))![1]!);
    expect(titles).toEqual([expect.stringContaining("tape.csv"), expect.stringContaining("crashes.csv")]);
  });
});
