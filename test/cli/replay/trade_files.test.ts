/** Files that need a word from the user, or a remark for the user, as the command line reads them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

const folder = temporaryFolder();
beforeAll(requireBuilt);
const rows = 400;
const lines = (header: string, line: (i: number) => string) => `${header}\n${Array.from({ length: rows }, (_, i) => line(i)).join("\n")}\n`;
const clock = (i: number) => new Date(Date.UTC(2016, 0, 14, 9, 30) + 1000 * i).toISOString();
writeFileSync(
  join(folder, "events.csv"),
  lines("Day,Clock,px,qty,Kind,Aggressor", (i) => {
    const [day, time] = clock(i).slice(0, 19).split("T") as [string, string];
    return `${day.slice(8)}/${day.slice(5, 7)}/${day.slice(0, 4)},${time},${100 + (i % 7)},${1 + (i % 5)},${i % 2}.0,${["4.0", "3.0", "9.0", "0.0"][i % 4]}`;
  }),
);
writeFileSync(
  join(folder, "bad.csv"),
  lines("time,price,size", (i) => `${clock(i)},x${i},1`),
);
const run = (args: string) => tickforge(args.split(" "), { cwd: folder });

describe("a file of events", () => {
  it("names the columns that are not read, on the screen, in --json and in validate", async () => {
    const { code, stdout } = await run("replay events.csv --bucket-volume 12 --min-history 1");
    expect(code).toBe(0);
    expect(stdout).toContain(
      "columns by name, time = 'Day', clock = 'Clock', price = 'px', size = 'qty', header, time in %d/%m/%Y %H:%M:%S.%f, taken as UTC (detected)",
    );
    expect(stdout).toMatch(/doubtful: column Kind \(0\.0, 1\.0\) may say which rows are trades; not read: --where Kind=VALUE takes/);
    expect(stdout).toMatch(
      /doubtful: column Aggressor \(4\.0, 3\.0, 9\.0, 0\.0\) may say who was the aggressor; not read: --side Aggressor/,
    );
    const { quality } = JSON.parse((await run("validate events.csv --json")).stdout).files[0];
    expect(quality.map(({ name }: { name: string }) => name).filter((name: string) => name.includes("column"))).toEqual([
      "unread_column",
      "unread_column",
    ]);
  });

  it("is read by the value of a column, with sides by their numbers", async () => {
    const flags = "--where Kind=0 --side Aggressor --buy 4 --sell 3 --unknown 9 --bucket-volume 12 --min-history 1 --json";
    const { code, stdout } = await run(`replay events.csv --time Day,Clock --time-format %d/%m/%Y_%H:%M:%S ${flags}`.replace("_", "%20"));
    expect(code).toBe(2);
    expect(stdout).toBe("");
    const ran = await tickforge(
      ["replay", "events.csv", "--time", "Day,Clock", "--time-format", "%d/%m/%Y %H:%M:%S", ...flags.split(" ")],
      { cwd: folder },
    );
    const answer = JSON.parse(ran.stdout);
    expect(answer).toMatchObject({ trades: 200, passedOver: { "of another Kind": 200 }, startTime: "2016-01-14T09:30:00.000000000Z" });
    expect(answer.unknownSideShare).toBeCloseTo(0.5, 1);
    const both = await run("validate events.csv --where Kind=0 --where qty=1 --json");
    expect(JSON.parse(both.stdout).files[0]).toMatchObject({ rows: 40, bad: { total: 0 } });
  });
});

describe("a file whose rows are all rejected", () => {
  it.each(["skip", "report"])("ends with 3, also with --on-bad %s", async (how) => {
    const { code, stderr, stdout } = await run(`replay bad.csv --on-bad ${how}`);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(/none of its 400 rows can be read \(400 number\); the first, line 2: price is 'x0', not a number/);
    expect(stderr).toMatch(/\[E_ALL_REJECTED\]/);
  });
});
