// Writes docs/page.png: the page of a recorded simulated market, at one of its alarms. Needs dist/ (npm run build) and a Chromium.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));
const main = join(root, "dist/src/cli/main.js");
const places = [process.env.TICKFORGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = places.find((path) => path && existsSync(path));
if (!executablePath) throw new Error("no Chromium found: set TICKFORGE_CHROMIUM to its path");

const folder = mkdtempSync(join(tmpdir(), "tickforge-picture-"));
const engines = {
  market_data: { options: { speed: 300, prices: "none", quotes: false } },
  toxicity: { options: { bucketVolume: 50 } },
  recorder: { options: { folder: "recorded" } },
};
writeFileSync(join(folder, "system.json"), JSON.stringify({ instruments: ["ALPHA", "BETA"], engines }));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
let server;
try {
  const up = ["up", join(folder, "system.json"), "--folder", join(folder, "state"), "--for", "8s", "--page", "off", "--quiet"];
  execFileSync(process.execPath, [main, ...up], { stdio: ["ignore", "ignore", "inherit"] });
  server = spawn(process.execPath, [main, "page", join(folder, "recorded"), "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const [answer] = await once(server.stdout, "data");
  const page = await browser.newPage({ viewport: { width: 1180, height: 900 }, colorScheme: "light" });
  await page.goto(String(answer).trim());
  await page.getByRole("link", { name: "alarms" }).click();
  await page
    .getByRole("button", { name: /^\d{4}-/ })
    .last()
    .click();
  await page.getByText("trades of that bucket").waitFor();
  await page.getByRole("button", { name: "farther" }).click();
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(root, "docs/page.png") });
} finally {
  server?.kill("SIGINT");
  await browser.close();
  rmSync(folder, { recursive: true });
}
