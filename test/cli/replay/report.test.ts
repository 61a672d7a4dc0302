/** The page that --report writes, opened in a browser. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { binance, requireBuilt, tape, temporaryFolder, tickforge } from "../../support/cli.js";

const browser = "/usr/bin/chromium";
const folder = temporaryFolder();
writeFileSync(join(folder, "trades.csv"), binance(tape(30_000, 4)));

beforeAll(requireBuilt);

interface Opened {
  complaints: string[];
  requests: string[];
  text: string;
  charts: number;
}

async function open(path: string): Promise<Opened> {
  const running = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
  try {
    const page = await running.newPage();
    const [complaints, requests]: [string[], string[]] = [[], []];
    page.on("console", (message) => void complaints.push(message.text()));
    page.on("pageerror", (error) => void complaints.push(String(error)));
    page.on("request", (request) => void requests.push(request.url()));
    await page.goto(pathToFileURL(path).href);
    return { complaints, requests, text: await page.innerText("body"), charts: await page.locator("svg[role=img]").count() };
  } finally {
    await running.close();
  }
}

describe("a report", () => {
  for (const [what, args, says] of [
    ["of a file", ["trades.csv"], /tickforge replay trades\.csv --report/],
    ["of a simulated tape", ["--seed", "2"], /This tape is simulated/],
  ] as const)
    it(`${what} opens without a complaint and loads nothing`, async (context) => {
      if (!existsSync(browser)) context.skip(`${browser} is not installed`);
      const name = `${what.replaceAll(" ", "-")}.html`;
      const ran = await tickforge(["replay", ...args, "--report", name], { cwd: folder });
      expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: "" });
      expect(ran.stdout).toContain(`wrote ${name}`);
      const page = await open(join(folder, name));
      expect(page.complaints).toEqual([]);
      expect(page.requests).toHaveLength(1);
      expect(page.charts).toBeGreaterThanOrEqual(5);
      expect(page.text).toMatch(says);
      expect(statSync(join(folder, name)).size).toBeLessThan(250_000);
    });

  it.each([
    [["--zone", "America/Chicago"], "America/Chicago"],
    [["--session", "00:00-23:00@Asia/Tokyo"], "Asia/Tokyo"],
  ])("shows the clock that was asked for: %j", async (args, zone) => {
    const rows = tape(5_000, 4).map(
      ({ timeUs, price, size }) => `${new Date(timeUs / 1000).toISOString().slice(0, -1)},${price},${size}\n`,
    );
    writeFileSync(join(folder, "local.csv"), `time,price,size\n${rows.join("")}`);
    await tickforge(["replay", "local.csv", "--report", "clock.html", "--force", ...args], { cwd: folder });
    expect(readFileSync(join(folder, "clock.html"), "utf8")).toContain(`All times are those of the clock of ${zone}`);
  });

  it("tells the file by its hash, every option, and nine choices of size and window", async () => {
    await tickforge(["replay", "trades.csv", "--report", "facts.html", "--window", "30"], { cwd: folder });
    const page = readFileSync(join(folder, "facts.html"), "utf8");
    expect(page).toMatch(/sha256 [0-9a-f]{64}/);
    const inert = JSON.parse(/<script[^>]*type="application\/json"[^>]*>(.*?)<\/script>/s.exec(page)![1]!);
    expect(inert).toMatchObject({ schema: 1, trades: 30_000, window: 30, simulated: false });
    expect(inert.sensitivity).toHaveLength(9);
    expect(Object.keys(inert.options)).toEqual([
      "bucket-volume",
      "window",
      "history",
      "classify",
      "bucket-volume-by",
      "bars",
      "threshold",
      "min-history",
      "measures",
    ]);
  });
});
