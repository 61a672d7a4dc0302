// The page that a browser is given, into dist/lib/page: one script with all that it needs, one style sheet, and nothing from elsewhere.
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

/** After tsc. */
export async function bundlePage() {
  const { rolldown } = await import("rolldown");
  const { colours } = await import(new URL("../dist/src/report/kit/style.js", import.meta.url).href);
  mkdirSync(into, { recursive: true });
  // Of the sources: they are compiled for a browser apart from all others, and a first start has no time for that.
  const page = await rolldown({
    input: join(client, "page.ts"),
    platform: "browser",
    resolve: { extensionAlias: { ".js": [".ts", ".js"] } },
    treeshake: { moduleSideEffects: false },
    tsconfig: false,
  });
  await page.write({ file: join(into, "page.js"), format: "esm", minify: true, comments: { legal: true, jsdoc: false } });
  await page.close();
  const charts = readFileSync(new URL("../node_modules/uplot/dist/uPlot.min.css", import.meta.url), "utf8");
  // In the order of their names: a sheet that narrows what others say comes later.
  const ours = readdirSync(styles)
    .sort()
    .map((name) => readFileSync(join(styles, name), "utf8"));
  writeFileSync(join(into, "page.css"), [colours, charts, ...ours].join("\n"));
  copyFileSync(join(client, "icon.svg"), join(into, "icon.svg"));
  writeFileSync(join(into, "index.html"), readFileSync(join(client, "index.html"))); // last, and of this moment: it tells how old the page is
}
