// The page that a browser is given, into dist/lib/page: one script with all that it needs, one style sheet, and nothing from elsewhere.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const from = fileURLToPath(new URL("../dist/src", import.meta.url));
const client = fileURLToPath(new URL("../src/page/client", import.meta.url));
const into = fileURLToPath(new URL("../dist/lib/page", import.meta.url));
const styles = join(client, "css");

/** Whether dist/lib/page is of what tsc wrote last. */
export function pageBundled() {
  const made = join(into, "index.html");
  return existsSync(made) && statSync(made).mtimeMs >= statSync(join(from, "index.js")).mtimeMs;
}

// Of the sources: they are compiled for a browser apart from all others, and a first start has no time for that.
const how = {
  platform: "browser",
  resolve: { extensionAlias: { ".js": [".ts", ".js"] } },
  treeshake: { moduleSideEffects: false },
  tsconfig: false,
};

/** What stands inside a report that was asked for with a script: it is named there by its hash, so it is written to the byte. */
async function bundleReport(rolldown) {
  const report = await rolldown({ input: join(client, "report/report.ts"), ...how });
  const { output } = await report.generate({ format: "iife", minify: true, comments: { legal: false, jsdoc: false } });
  await report.close();
  const script = output[0].code.trim();
  if (/<\/script|<!--/i.test(script)) throw new Error("report.js would end the element that it stands in");
  const sha256 = createHash("sha256").update(script).digest("base64");
  const style = readFileSync(join(client, "report/report.css"), "utf8")
    .replace(/\s*\n\s*/g, "")
    .replace(/ \{/g, "{");
  writeFileSync(join(into, "report.json"), JSON.stringify({ script, sha256, style }));
}

/** After tsc. */
export async function bundlePage() {
  const { rolldown } = await import("rolldown");
  const { colours, paper } = await import(new URL("../dist/src/report/kit/style.js", import.meta.url).href);
  mkdirSync(into, { recursive: true });
  const page = await rolldown({ input: join(client, "page.ts"), ...how });
  await page.write({ file: join(into, "page.js"), format: "esm", minify: true, comments: { legal: true, jsdoc: false } });
  await page.close();
  const charts = readFileSync(new URL("../node_modules/uplot/dist/uPlot.min.css", import.meta.url), "utf8");
  // In the order of their names: a sheet that narrows what others say comes later.
  const ours = readdirSync(styles)
    .sort()
    .map((name) => readFileSync(join(styles, name), "utf8"));
  writeFileSync(
    join(into, "page.css"),
    [colours, paper, paper.replace(/^@media print{:root(.*)}$/s, ":root.paper$1"), charts, ...ours].join("\n"),
  );
  await bundleReport(rolldown);
  copyFileSync(join(client, "icon.svg"), join(into, "icon.svg"));
  writeFileSync(join(into, "index.html"), readFileSync(join(client, "index.html"))); // last, and of this moment: it tells how old the page is
}
