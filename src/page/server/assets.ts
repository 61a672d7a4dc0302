/** The files of the page, which are part of the package: nothing is loaded from elsewhere, and headers say so to the browser. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../addon/addon.js";
import { TickforgeError } from "../../core/contract/errors.js";

export interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
}
const files: readonly (readonly [path: string, file: string, type: string])[] = [
  ["/", "index.html", "text/html; charset=utf-8"],
  ["/page.js", "page.js", "text/javascript; charset=utf-8"],
  ["/page.css", "page.css", "text/css; charset=utf-8"],
  ["/icon.svg", "icon.svg", "image/svg+xml"],
];

/** `'self'` is where the page comes from, WebSockets included. */
export const headers: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-cache",
};

export function readAssets(): ReadonlyMap<string, Asset> {
  const folder = join(packageRoot(), "dist/lib/page");
  if (!existsSync(join(folder, "index.html")))
    throw new TickforgeError("E_PAGE_BUNDLED", `${folder}, the files of the page, is not there`, {
      hint: "leave tickforge out of the bundle (external), or run npm run build:ts in its sources",
    });
  return new Map(files.map(([path, file, type]) => [path, { type, bytes: readFileSync(join(folder, file)) }]));
}
