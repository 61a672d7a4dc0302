/** README's table and the page of benchmarks are what the committed results say, the page for every kernel there is. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";

const root = packageRoot();
const folder = mkdtempSync(join(tmpdir(), "tickforge-readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => spawnSync(process.execPath, [join(root, "scripts", "readme_table.mjs"), ...args], { encoding: "utf8" });
const kernelsIn = readFileSync(join(root, "src/kernels/index.ts"), "utf8");
const names = [...kernelsIn.matchAll(/from "\.\/[\w/]+\/(\w+)\.js"/g)].map((match) => match[1]!);

/** A README and results of every kernel but those left out. */
function files(leftOut: string[] = []) {
  const line = (kernel: string) => ({
    kernel,
    label: "",
    unit: "row",
    size: 1000,
    backend: "native",
    nsPerRowMin: 1.5,
    nsPerRowMedian: 1.6,
    maxError: 2e-16,
  });
  const replay = [
    { ...line("replay"), label: "CSV file to VPIN", nsPerRowMin: 1_200, limitFraction: 0.255, limitedBy: "memory" },
    { ...line("replay"), label: "CSV file to VPIN", backend: "reference", nsPerRowMin: 6_000 },
    { ...line("replay"), label: "CSV file to VPIN", backend: "numpy", nsPerRowMin: 2_500_000 },
  ];
  const machine = { processor: "a processor", cpu: "v3", node: "20", platform: "linux-x64", date: "2026-01-02" };
  const readme = join(folder, "README.md");
  const page = join(folder, "benchmarks.md");
  writeFileSync(page, "");
  writeFileSync(readme, "before\n<!-- kernels -->\n<!-- /kernels -->\nafter\n");
  writeFileSync(join(folder, "one.json"), JSON.stringify([...names.filter((name) => !leftOut.includes(name)).map(line), ...replay]));
  writeFileSync(join(folder, "one.meta.json"), JSON.stringify(machine));
  return ["--readme", readme, "--page", page, "--results", folder];
}

describe("README's table of kernels", () => {
  it("is up to date", () => {
    const { status, stderr } = run("--check");
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it("is written between its marks, a chosen few, with others and the reference beside; all on the page; and then checks", () => {
    const args = files();
    expect(run("--check", ...args).status).toBe(1);
    expect(run(...args).status).toBe(0);
    expect(run("--check", ...args).status).toBe(0);
    const text = readFileSync(args[1]!, "utf8");
    expect(text).toMatch(/^before\n<!-- kernels -->\n/);
    expect(text).toMatch(/\n<!-- \/kernels -->\nafter\n$/);
    const few = text.split("\n").filter((line) => line.startsWith("| `"));
    expect(few).toEqual(["| `replay` CSV file to VPIN | 1 k rows | 1.2 us | numpy 2.5 ms | 5.0 x |"]);
    const page = readFileSync(args[3]!, "utf8");
    for (const name of names) expect(page).toContain(`| \`${name}\` | 1 k rows | 1.5 ns | 1.6 ns |  | 2e-16 |  |  |`);
    expect(page).toContain("| 1.2 us | 1.6 ns | 26 % of memory | 2e-16 | numpy 2.5 ms, 2e-16 | 5.0 x |");
  });

  it("fails when a number in it was changed by hand", () => {
    const args = files();
    run(...args);
    for (const [file, name] of [
      [args[1]!, "README.md"],
      [args[3]!, "docs/benchmarks.md"],
    ] as const) {
      const text = readFileSync(file, "utf8");
      writeFileSync(file, text.replace("1.2 us", "0.2 us"));
      expect(run("--check", ...args)).toMatchObject({ status: 1, stderr: expect.stringContaining(`${name} does not show`) });
      writeFileSync(file, text);
    }
  });

  it("fails when a kernel has no result", () => {
    const [missing] = names;
    expect(run("--check", ...files([missing!]))).toMatchObject({ status: 1, stderr: expect.stringContaining(`no line of ${missing}`) });
  });
});
