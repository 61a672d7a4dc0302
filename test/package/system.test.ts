/** Systems from the installed package: by its command, by a program of a user's own, and the pages that show how. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { requireBuilt } from "../support/cli.js";
import { install } from "../support/installed.js";

const root = packageRoot();
const room = mkdtempSync(join(tmpdir(), "tickforge-system-"));
const user = join(room, "user");
beforeAll(() => {
  requireBuilt();
  install(user);
});
afterAll(() => rmSync(room, { recursive: true, force: true }));

interface Done {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}
/** With a home of its own, and nothing in the PATH but node. */
function run(args: readonly string[], cwd = user): Promise<Done> {
  const home = mkdtempSync(join(room, "home-"));
  return new Promise((resolve) => {
    const env = { PATH: "", HOME: home, XDG_STATE_HOME: join(home, "state") };
    execFile(process.execPath, args, { cwd, env, encoding: "utf8", timeout: 60_000 }, (error, out, err) =>
      resolve({ status: error ? Number(error.code ?? 1) : 0, out, err }),
    );
  });
}
function program(name: string, text: string, cwd = user): Promise<Done> {
  writeFileSync(join(cwd, name), text);
  return run([name], cwd);
}
const command = "node_modules/tickforge/bin/tickforge.mjs";

/** Blocks of a page by language, and by the name that their first line is a comment of, where it is one. */
function blocksOf(page: string): Map<string, string> {
  const text = readFileSync(join(root, "docs", page), "utf8");
  return new Map(
    [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language, block]) => [
      /^\/\/ ([\w.]+)$/m.exec(block!.split("\n", 1)[0]!)?.[1] ?? language!,
      block!,
    ]),
  );
}

/** A system that is ended as soon as every engine has given or taken something. */
const start = `import { readSystem, Supervisor } from "tickforge/system";
const system = await Supervisor.start(await readSystem({ folder: process.argv[1] + ".state" }));
const look = setInterval(() => {
  const { engines } = system.status();
  if (engines.some(({ taken, given }) => taken + given === 0)) return;
  clearInterval(look);
  system.stop();
}, 20);
console.log(await system.ended, system.status().engines.map(({ name, state }) => name + " " + state).join(", "));`;
const ended =
  "stopped market_data ended, toxicity ended, features ended, risk ended, portfolio ended, collateral ended, execution ended, strategy ended, analytics ended, monitor ended, gateway ended\n";

describe("the default system of an installed package", () => {
  it("starts by the command", async () => {
    const { status, out, err } = await run([command, "up", "--for", "1s", "--json"]);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const last = JSON.parse(out.trim().split("\n").at(-1)!);
    expect(last.engines.map((one: { state: string }) => one.state)).toEqual(Array(11).fill("ended"));
  });

  it("starts in a program, and every engine has something to do", async () => {
    expect(await program("start.mjs", start)).toEqual({ status: 0, out: ended, err: "" });
  });

  it("starts without the add-on", async () => {
    const folder = join(room, "plain");
    install(folder, { binary: false });
    const { status, out } = await program("start.mjs", start, folder);
    expect({ status, out }).toEqual({ status: 0, out: ended });
  });

  it.each([
    ["its strategies", start, /examples\/strategies, where the strategies of tickforge lie, is not there/],
    [
      "the files of its threads",
      start.replace("readSystem({", 'readSystem({ system: { instruments: ["A"], engines: { market_data: {} } },'),
      /runner_worker\.js, which the threads of a system begin with, is not there/,
    ],
  ])("does not start from a bundle that left %s behind, and says so", async (what, text, said) => {
    writeFileSync(join(user, "bundled.js"), text);
    const bundle = await rolldown({
      input: join(user, "bundled.js"),
      platform: "node",
      external: ["apache-arrow", "hyparquet", "hyparquet-compressors", "prom-client", "ws", "jsonc-parser"],
    });
    const folder = join(user, `bundle without ${what}`);
    mkdirSync(folder);
    await bundle.write({ dir: folder, format: "esm", entryFileNames: "server.mjs" });
    await bundle.close();
    const { status, err } = await run(["server.mjs"], folder);
    expect(err).toMatch(said);
    expect(err).toContain("E_SYSTEM_BUNDLED");
    expect(status).toBe(1);
  });
});

describe("the page on writing engines", () => {
  const blocks = blocksOf("writing_engines.md");
  const folder = join(room, "followed");
  beforeAll(() => {
    install(folder);
    for (const name of ["mean_price.mjs", "mean_price.test.mjs", "system.jsonc"]) {
      expect(blocks.has(name), name).toBe(true);
      writeFileSync(join(folder, name), blocks.get(name)!);
    }
  });

  it("has an engine of less than 60 lines, whose test passes", async () => {
    expect(blocks.get("mean_price.mjs")!.trim().split("\n").length).toBeLessThan(60);
    const { status, out, err } = await run(["--test", "mean_price.test.mjs"], folder);
    expect(out + err).toMatch(/^# pass 2$/m);
    expect(status).toBe(0);
  });

  it("has a system file with it, which runs", async () => {
    const { status, out, err } = await run([command, "up", "system.jsonc", "--for", "4s", "--json"], folder);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const { engines, topics } = JSON.parse(out.trim().split("\n").at(-1)!);
    expect(engines.find(({ name }: { name: string }) => name === "mean_price")).toMatchObject({ state: "ended", refused: 0 });
    expect(topics.find(({ name }: { name: string }) => name === "mean_prices").rows).toBeGreaterThan(0);
  });
});

describe("the page on portfolios in a system", () => {
  it("has a module of signals and a system file, which give weights and orders", async () => {
    const blocks = blocksOf("weights.md");
    for (const name of ["momentum.mjs", "weights.jsonc"]) writeFileSync(join(user, name), blocks.get(name)!);
    const until = `import { readSystem, Supervisor } from "tickforge/system";
const system = await Supervisor.start(await readSystem({ file: "weights.jsonc" }), { fresh: true });
const rows = (topic) => system.status().topics.find(({ name }) => name === topic).rows;
const look = setInterval(() => {
  if (system.state === "running" && (rows("orders") === 0 || rows("signals") < 6)) return;
  clearInterval(look);
  system.stop();
}, 20);
console.log(await system.ended, system.status().engines.map(({ name, refused, restarts }) => [name, refused, restarts].join(" ")).join(", "));`;
    const { status, out, err } = await program("weights.mjs", until);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toBe("stopped market_data 0 0, toxicity 0 0, risk 0 0, momentum 0 0, portfolio 0 0, gateway 0 0\n");
  });
});

describe("the page on systems", () => {
  it("has a program of at most 60 lines that prints alarms as they come", async () => {
    const text = blocksOf("system.md").get("alarms.mjs")!;
    expect(text.trim().split("\n").length).toBeLessThanOrEqual(60);
    const { status, out, err } = await program("alarms.mjs", text);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toMatch(/^listening at http:\/\/127\.0\.0\.1:\d+\/events$/m);
    expect(out.match(/^(ALPHA|BETA|GAMMA) {2}alarm {2}VPIN 0\.\d{3} {2}at 2026-01-05T\d\d:\d\d:\d\d$/gm)!.length).toBeGreaterThanOrEqual(3);
  });
});
