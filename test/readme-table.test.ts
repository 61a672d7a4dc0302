/** README's table of kernels is what the committed benchmark results say, for every kernel there is. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { packageRoot } from "../src/addon.js";

const root = packageRoot();
const folder = mkdtempSync(join(tmpdir(), "tickforge-readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => spawnSync(process.execPath, [join(root, "scripts", "readme-table.mjs"), ...args], { encoding: "utf8" });
const kernelsIn = readFileSync(join(root, "src/kernels/index.ts"), "utf8");
const names = [...kernelsIn.matchAll(/from "\.\/\w+\/(\w+)\.js"/g)].map((match) => match[1]!);

/** A README and results of every kernel but those left out. */
function files(leftOut: string[] = []) {
  const line = (kernel: string) => ({ kernel, label: "", unit: "row", size: 1000, backend: "native", nsPerRowMin: 1.5, maxError: 2e-16 });
  const machine = { processor: "a processor", cpu: "v3", node: "20", platform: "linux-x64", date: "2026-01-02" };
  const readme = join(folder, "README.md");
  writeFileSync(readme, "before\n<!-- kernels -->\n<!-- /kernels -->\nafter\n");
  writeFileSync(join(folder, "one.json"), JSON.stringify(names.filter((name) => !leftOut.includes(name)).map(line)));
  writeFileSync(join(folder, "one.meta.json"), JSON.stringify(machine));
  return ["--readme", readme, "--results", folder];
}

describe("README's table of kernels", () => {
  it("is up to date", () => {
    const { status, stderr } = run("--check");
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it("is written between its marks, speed and error in one cell, and then checks", () => {
    const args = files();
    expect(run("--check", ...args).status).toBe(1);
    expect(run(...args).status).toBe(0);
    expect(run("--check", ...args).status).toBe(0);
    const text = readFileSync(args[1]!, "utf8");
    expect(text).toMatch(/^before\n<!-- kernels -->\n/);
    expect(text).toMatch(/\n<!-- \/kernels -->\nafter\n$/);
    for (const name of names) expect(text).toContain(`| \`${name}\` | 1 k rows | 1.5 ns, error 2e-16 |`);
  });

  it("fails when a number in it was changed by hand", () => {
    const args = files();
    run(...args);
    writeFileSync(args[1]!, readFileSync(args[1]!, "utf8").replace("1.5 ns", "0.5 ns"));
    expect(run("--check", ...args)).toMatchObject({ status: 1, stderr: expect.stringContaining("does not show") });
  });

  it("fails when a kernel has no result", () => {
    const [missing] = names;
    expect(run("--check", ...files([missing!]))).toMatchObject({ status: 1, stderr: expect.stringContaining(`no line of ${missing}`) });
  });
});
