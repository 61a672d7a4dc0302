/** --interactive: the script of a page's own, which lies beside the program. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../addon/addon.js";
import { TickforgeError } from "../../core/contract/errors.js";
import type { PageScript } from "../../report/kit/page.js";
import { UsageError } from "./exit.js";

/** Undefined where it was not asked for; before anything is read, so that a long run does not end without its page. */
export function pageScript(interactive: unknown, report: string | undefined): PageScript | undefined {
  if (interactive !== true) return undefined;
  if (report === undefined)
    throw new UsageError("--interactive is about the page of a report, and none is written", "--report FILE.html --interactive");
  const path = join(packageRoot(), "dist/lib/page/report.json");
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8"));
  throw new TickforgeError("E_PAGE_BUNDLED", `${path}, the script of the page, is not there`, {
    hint: "leave tickforge out of the bundle (external), or run npm run build:ts in its sources",
  });
}
