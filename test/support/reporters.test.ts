/** What a run of the tests says at its end. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { longest, place } from "./longest_first.js";
import { timesTable } from "./times.js";

const root = packageRoot();
mkdirSync(join(root, "out"), { recursive: true });
const folder = mkdtempSync(join(root, "out", "reporters-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("the times have a line for each project and the twenty slowest files, slowest first", () => {
  const files = Array.from({ length: 25 }, (_, i) => ({
    ...{ project: i < 20 ? "all" : "build v3", file: `test/${i}.test.ts`, tests: i, seconds: i / 2 },
  }));
  const lines = timesTable(files).split("\n");
  expect(lines.slice(0, 5)).toEqual([
    "time by project, then the slowest 20 of 25 files (wall time; files run side by side)",
    " seconds  tests",
    "    95.0    190  all       20 files",
    "    55.0    110  build v3  5 files",
    "    12.0     24  build v3  test/24.test.ts",
  ]);
  expect(lines.length).toBe(4 + 20);
  expect(lines.at(-1)).toBe("     2.5      5  all       test/5.test.ts");
});

it("a hook or a file that fails is a failure, and the times come last", () => {
  const suites = {
    good: `it("passes", () => {}); it.skip("skipped", () => {});`,
    test: `it("fails", () => { throw new Error("planted"); });`,
    suite: `describe("group", () => { beforeAll(() => { throw new Error("planted"); }); it("one", () => {}); it("two", () => {}); });`,
    file: `throw new Error("planted");`,
  };
  for (const [name, text] of Object.entries(suites))
    writeFileSync(join(folder, `${name}.test.mjs`), `import { beforeAll, describe, it } from "vitest";\n${text}\n`);
  const reporters = ["closing_line", "times"].map((name) => join(root, "test/support", `${name}.ts`));
  writeFileSync(join(folder, "vitest.config.mjs"), `export default ${JSON.stringify({ test: { reporters, include: ["*.test.mjs"] } })};\n`);
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const { stdout, stderr, status } = spawnSync(process.execPath, [vitest, "run", "--root", folder], { encoding: "utf8" });
  expect(status, stderr).toBe(1);
  expect(stdout).toMatch(/^1 passed, 3 failed, 3 skipped\n/m);
  expect(stdout.trim().split("\n").slice(-4).join("\n")).toMatch(/^( +\d+\.\d +\d+ .*\.test\.mjs\n?){4}$/);
});

it("the files that begin first are there, each once, in their order and before all others", () => {
  expect(longest.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  expect(new Set(longest).size).toBe(longest.length);
  const files = ["test/kernels/flow/asof.test.ts", ...longest].map((file) => join(root, file));
  expect(files.toSorted((a, b) => place(a) - place(b))).toEqual([...files.slice(1), files[0]]);
});
