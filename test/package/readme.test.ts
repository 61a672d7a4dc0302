/** The README begins with how to install it, and its TypeScript compiles as a user's would, and runs. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";

const root = packageRoot();
const readme = readFileSync(join(root, "README.md"), "utf8");
const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((m) => m[1]!);

describe("README", () => {
  it("begins with how it is installed; what a clone runs, and how it is tested, are its first two blocks of a shell", () => {
    expect(/^```.*\n(.*)$/m.exec(readme)![1]).toMatch(/^npm install tickforge /);
    const shell = [...readme.matchAll(/^```(?:sh|bash)\n([\s\S]*?)^```/gm)].map((m) => m[1]!);
    expect(shell.slice(0, 2)).toEqual([expect.stringMatching(/^node bin\/start\.mjs up /), "node bin/start.mjs test\n"]);
  });

  it("has an example of about ten lines that compiles and finds the informed buyers", () => {
    expect(blocks.length).toBeGreaterThan(0);
    expect(blocks[0]!.trim().split("\n").length).toBeLessThanOrEqual(12);
    const folder = join(root, "out", "readme");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "example.ts"), blocks[0]!.replace('from "tickforge"', 'from "../../dist/src/index.js"'));
    const options = ["--target", "es2022", "--module", "nodenext", "--strict", "--skipLibCheck", "--types", "node", "--ignoreConfig"];
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...options, join(folder, "example.ts")], {
      cwd: root,
      encoding: "utf8",
    });
    const out = execFileSync(process.execPath, [join(folder, "example.js")], { encoding: "utf8" });
    const trades = [...out.matchAll(/toxic at trade (\d+)/g)].map((m) => Number(m[1]));
    expect(trades.length).toBeGreaterThan(0);
    expect(trades.filter((t) => t > 30_000).length).toBeGreaterThan(trades.length / 2);
  });
});
