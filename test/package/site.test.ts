/** The site: what stands on its pages, and, where it is built (TICKFORGE_DEEP=1), how it looks and what its playground computes in Chromium. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import mathjax from "markdown-it-mathjax3";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { hasChromium, launch, openTab, violations, why } from "../page/chromium.js";
import { requireBuilt } from "../support/cli.js";

const root = packageRoot();
const script = (name: string): Promise<any> => import(join(root, "scripts/site", name));
const deep = Boolean(process.env.TICKFORGE_DEEP);

describe("the pages of the site", () => {
  let pages: Map<string, string>;
  let kernels: Map<string, any>;
  const pageOf = (name: string): string =>
    [...pages].find(([path]) => path.startsWith("kernels/") && path.endsWith(`/${name}.md`))?.[1] ?? "";
  beforeAll(async () => {
    requireBuilt();
    pages = (await script("pages.mjs")).sitePages();
    kernels = (await script("../pages/kernel_sections.mjs")).kernelNamed;
  });

  it("are one a kernel, with its formula typeset, source, example, tables, NaN policy, exactness", async () => {
    const { formulas } = await script("formulas.mjs");
    const contracts = [...kernels.values()].map(({ contract }) => contract.name);
    expect(Object.keys(formulas).toSorted()).toEqual(contracts.toSorted());
    // As the site's builder has it: what cannot be typeset is an error node.
    let block: ((tokens: readonly { content: string }[], at: number) => string) | undefined;
    const rules: Record<string, typeof block> = {};
    const parts = { inline: { ruler: { after() {} } }, block: { ruler: { after() {} } }, renderer: { rules } };
    mathjax(parts as never, {} as never);
    block = rules.math_block;
    const broken = Object.entries(formulas).filter(([, content]) => /merror/.test(block!([{ content: String(content) }], 0)));
    expect(broken).toEqual([]);
    expect(block!([{ content: "\\frac{1" }], 0)).toMatch(/merror/);
    const lacking = [...kernels].flatMap(([name, { contract }]) => {
      const page = pageOf(name);
      const wanted = [
        `$$\n${formulas[contract.name]}\n$$`,
        `Source: ${contract.source}.`,
        "## Example",
        "## NaN and errors",
        "## Exactness",
      ];
      const units = Object.values<any>(contract.inputs).map(({ unit }) => `| ${unit.replaceAll("|", "\\|")} |`);
      return [...wanted, ...units].filter((part) => !page.includes(part)).map((part) => `${name}: ${part}`);
    });
    expect(lacking).toEqual([]);
  });

  it("show examples that run, with what comes out", async () => {
    const all = await import(join(root, "dist/src/index.js"));
    const wrong = [...kernels.keys()].filter((name) => {
      const code = /```ts\n([\s\S]*?)\n```/.exec(pageOf(name))![1]!;
      const start = `import { ${name} } from "tickforge";\n`;
      const answer = new Function(name, `${code.slice(start.length)}\nreturn answer;`)(all[name]);
      const told = [...code.matchAll(/^\/\/ answer\.(\w+): (.*?)(?:, \.\.\. \(\d+ values\))?$/gm)];
      const right = told.every(([, port, texts]) =>
        texts!.split(", ").every((text, i) => {
          const [shown, value] = [Number(text.replace(/n$/, "")), Number(answer[port!][i])];
          return Object.is(shown, value) || Math.abs(shown - value) <= 1e-5 * Math.abs(value) + 1e-8;
        }),
      );
      return !code.startsWith(start) || told.length === 0 || !right;
    });
    expect(wrong).toEqual([]);
  });

  it("have every public name, and the guides that the bars lead to", async () => {
    const { api } = await script("pages.mjs");
    const entry = (title: string): Set<string> => new Set(api.find((one: { title: string }) => one.title === title).names);
    for (const [title, file] of [
      ["tickforge", "index.js"],
      ["tickforge/browser", "browser.js"],
      ["tickforge/system", "entries/system.js"],
    ] as const) {
      const exported = Object.keys(await import(join(root, "dist/src", file)));
      expect(exported.filter((name) => !entry(title).has(name))).toEqual([]);
    }
    for (const { path, names } of api) {
      const text = pages.get(path)!;
      expect(names.filter((name: string) => !text.includes(`\n## ${name}\n`) && !text.includes(`\n| [${name}](/`))).toEqual([]);
    }
    const { config } = await script("vitepress_config.mjs");
    const links = Object.values<any>(config.themeConfig.sidebar).flatMap((lists) =>
      lists.flatMap(({ items }: any) => items.map(({ link }: any) => link)),
    );
    const there = (link: string) => [`${link.slice(1)}.md`, `${link.slice(1)}index.md`].some((path) => pages.has(path));
    expect(links.filter((link) => !there(link.split("#")[0]))).toEqual([]);
    // Every document is in a bar.
    const listed = new Set(links.map((link) => link.split("#")[0].slice(1)));
    const alone = [...pages.keys()].filter((path) => !path.includes("/") && !["index.md", "playground.md"].includes(path));
    expect(alone.map((path) => path.replace(".md", "")).filter((path) => !listed.has(path))).toEqual([]);
  });
});

const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };

describe.skipIf(!hasChromium || !deep)(`the site that is built, in Chromium${why || " (skipped: TICKFORGE_DEEP=1 builds it)"}`, () => {
  const built = join(root, "out/site/built");
  let browser: Browser;
  let server: Server;
  let at: string;
  beforeAll(async () => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/site/build.mjs")], { encoding: "utf8" });
    expect([status, status === 0 ? "" : stderr]).toEqual([0, ""]);
    server = createServer(({ url = "/" }, response) => {
      const path = decodeURIComponent(url.split(/[?#]/)[0]!);
      const file = [path, `${path}.html`, `${path}index.html`]
        .map((one) => join(built, one))
        .find((one) => extname(one) && existsSync(one));
      response.writeHead(file ? 200 : 404, { "content-type": types[extname(file ?? "")] ?? "application/octet-stream" });
      response.end(file ? readFileSync(file) : "");
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launch();
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const looked = [
    "/",
    "/start",
    "/kernels/flow",
    "/kernels/flow/vpin",
    "/kernels/factor/factorCovariance",
    "/api/tickforge",
    "/page",
    "/playground",
  ];
  it.each(looked)("%s fits a phone, and axe has nothing against it in light and dark", async (path) => {
    for (const more of [{}, { width: 390 }, { width: 390, scheme: "dark" as const }]) {
      const { tab, wrong } = await openTab(browser, `${at}${path}`, more);
      await tab.locator("h1").first().waitFor();
      await tab.waitForLoadState("networkidle");
      expect(await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      expect(await violations(tab)).toEqual([]);
      expect(wrong).toEqual([]);
      await tab.context().close();
    }
  });

  it("finds a kernel by a word", async () => {
    const { tab } = await openTab(browser, `${at}/start`);
    await tab
      .getByRole("button", { name: /search/i })
      .first()
      .click();
    await tab.locator("input[type=search]").fill("expected shortfall");
    await tab.locator(".result").first().waitFor();
    expect(await tab.locator(".result", { hasText: /Risk|historical|shortfall/i }).count()).toBeGreaterThan(0);
    await tab.context().close();
  });

  it("computes VPIN of a file of a million rows that is put into the playground, by WebAssembly, and names bad ones", async () => {
    const { tab, wrong } = await openTab(browser, `${at}/playground`);
    await tab.getByRole("button", { name: "Simulated tape" }).click();
    await tab.locator(".state", { hasText: /values computed/ }).waitFor({ timeout: 60_000 });
    const lines = ["time,price,size,side"];
    for (let i = 0; i < 1_000_000; i++)
      lines.push(
        `${1_700_000_000_000 + i * 37},${(100 + Math.sin(i / 5000) + (i % 7) / 100).toFixed(2)},${1 + (i % 13)},${i % 3 === 0 ? "sell" : "buy"}`,
      );
    const put = (name: string, text: string) =>
      tab.locator("input[type=file]").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
    await put("million.csv", lines.join("\n"));
    const state = tab.locator(".state", {
      hasText: /million\.csv: 1,000,000 trades read in [\d,]+ ms, [\d,]+ values computed in [\d,]+ ms/,
    });
    await state.waitFor({ timeout: 60_000 });
    process.stdout.write(`${await state.textContent()}\n`);
    expect(await tab.locator(".playground").innerText()).not.toContain("reference");
    const known = await tab.locator("dl div", { hasText: "mean" }).innerText();
    expect(Number(/[\d.]+$/.exec(known)![0])).toBeGreaterThan(0);
    expect(await violations(tab)).toEqual([]);
    await put("text.csv", "a,b\nc,d\n");
    await tab.getByRole("alert").waitFor();
    await put("nothing.csv", "");
    await tab.getByRole("alert").filter({ hasText: "nothing.csv" }).waitFor();
    expect(wrong).toEqual([]);
  });
});
