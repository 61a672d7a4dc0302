/** The Chromium that tests of the page use, and what they look for in it. */
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page as Tab } from "playwright-core";

const places = [process.env.TICKFORGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executable = places.find((path) => path && existsSync(path));
export const hasChromium = executable !== undefined;
export const why = hasChromium ? "" : " (skipped: no Chromium found; set TICKFORGE_CHROMIUM to its path)";

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: executable!, args: ["--no-sandbox", "--disable-gpu"] });
export const chart = (tab: Tab, title: string | RegExp) => tab.getByRole("img", { name: title });
