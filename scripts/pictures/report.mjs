// Writes docs/report.png: the first two panels of the report on the simulated tape. Needs dist/ (npm run build) and a Chromium.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));
const places = [process.env.TICKFORGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = places.find((path) => path && existsSync(path));
if (!executablePath) throw new Error("no Chromium found: set TICKFORGE_CHROMIUM to its path");

const folder = mkdtempSync(join(tmpdir(), "tickforge-picture-"));
const report = join(folder, "toxicity.html");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
try {
  execFileSync(process.execPath, [join(root, "dist/src/cli/main.js"), "replay", "--report", report, "--quiet"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 }, colorScheme: "light" });
  await page.goto(`file://${report}`);
  const [first, last] = [await page.locator("#price").boundingBox(), await page.locator("#vpin").boundingBox()];
  const [y, bottom] = [first.y - 20, last.y + last.height + 10];
  await page.screenshot({ path: join(root, "docs/report.png"), fullPage: true, clip: { x: 0, y, width: 1000, height: bottom - y } });
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
