/** The browser that the page's tests look with. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page as Tab } from "playwright-core";

const executable = [process.env.TICKFORGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
export const hasChromium = executable !== undefined;
export const why = hasChromium ? "" : " (skipped: no Chromium found; set TICKFORGE_CHROMIUM to its path)";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: executable!, args: ["--no-sandbox", "--disable-gpu"] });

/** What the browser found wrong, violations of the policy included, but for a connection that is gone. */
export async function openTab(
  browser: Browser,
  url: string,
  more: { width?: number; scheme?: "light" | "dark" } = {},
): Promise<{ tab: Tab; wrong: string[] }> {
  const context = await browser.newContext({
    viewport: { width: more.width ?? 1280, height: 900 },
    colorScheme: more.scheme ?? "light",
    bypassCSP: false,
  });
  const tab = await context.newPage();
  const wrong: string[] = [];
  tab.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !message.text().includes("ERR_CONNECTION_REFUSED")) wrong.push(message.text());
  });
  tab.on("pageerror", (error) => wrong.push(String(error)));
  tab.on("dialog", (dialog) => wrong.push(`a dialog says ${dialog.message()}`));
  tab.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) wrong.push(`it asked for ${request.url()}`);
  });
  await tab.goto(url);
  return { tab, wrong };
}
/** axe is put in by the browser's own means, which the page's policy does not meet. */
export async function violations(tab: Tab): Promise<string[]> {
  await tab.evaluate(axe);
  const found = await tab.evaluate("axe.run()");
  return (found as { violations: { id: string; nodes: { html: string }[] }[] }).violations.map(
    ({ id, nodes }) => `${id}: ${nodes[0]!.html}`,
  );
}
export const chart = (tab: Tab, title: string | RegExp) => tab.getByRole("img", { name: title });

/** How often the page asks its server for something of this kind in the next second. */
export const asksOf = (tab: Tab, kind: "rows" | "books"): Promise<number> =>
  tab.evaluate(`new Promise((resolve) => {
    const send = WebSocket.prototype.send;
    let asks = 0;
    WebSocket.prototype.send = function (text) {
      asks += JSON.parse(text).kind === "${kind}" ? 1 : 0;
      send.call(this, text);
    };
    setTimeout(() => { WebSocket.prototype.send = send; resolve(asks); }, 1000);
  })`);
