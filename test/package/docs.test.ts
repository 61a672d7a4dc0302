/** The pages say what the contracts say, and "add a kernel" really adds one. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";

const root = packageRoot();
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\``, "gm"))].map((m) => m[1]!.replace(/^ {3}/gm, ""));

describe("pages", () => {
  it("of the kernels are as the contracts have them", () => {
    expect(() => execFileSync(process.execPath, ["scripts/docs.mjs", "--check"], { cwd: root, stdio: "pipe" })).not.toThrow();
  });

  it("the page 'add a kernel', followed in a copy, gives a kernel that passes the suites", { timeout: 600_000 }, () => {
    const page = readFileSync(join(root, "docs/add-a-kernel.md"), "utf8");
    const copy = mkdtempSync(join(tmpdir(), "tickforge-add-"));
    try {
      for (const item of [
        "src",
        "native",
        "shaders",
        "test",
        "bench",
        "examples",
        "scripts",
        "CMakeLists.txt",
        "package.json",
        "tsconfig.json",
        "vitest.config.ts",
      ])
        cpSync(join(root, item), join(copy, item), { recursive: true });
      symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
      writeFileSync(join(copy, "src/kernels/flow/bars/mean_price.ts"), blocks(page, "ts")[0]!);
      writeFileSync(join(copy, "native/kernels/flow/bars/mean_price.cc"), blocks(page, "cpp")[0]!);
      const index = join(copy, "src/kernels/index.ts");
      writeFileSync(index, `${readFileSync(index, "utf8")}export { meanPrice } from "./flow/bars/mean_price.js";\n`);
      // The other kernels are built and tested already.
      for (const path of readdirSync(join(copy, "native/kernels"), { recursive: true, encoding: "utf8" }))
        if (path.endsWith(".cc") && !path.endsWith("/mean_price.cc")) rmSync(join(copy, "native/kernels", path));
      const run = (command: string, args: string[], env = {}) =>
        execFileSync(command, args, {
          cwd: copy,
          encoding: "utf8",
          stdio: "pipe",
          env: { ...process.env, ...env, TICKFORGE_PREBUILD: "" },
        });
      run("npx", ["cmake-js", "compile", "-G", "Ninja", "--CDTICKFORGE_BUILDS=base"]); // one build shows that it compiles and is right
      expect(existsSync(join(copy, "build/Release/tickforge.node"))).toBe(true);
      const suites = ["test/core/parity.test.ts", "test/core/golden.test.ts", "test/core/stream.test.ts", "test/house.test.ts"];
      const out = run(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...suites, "-t", "mean_price"], {
        CI: "true",
        TICKFORGE_CPU: "base",
      });
      const [, passed, failed] = out.match(/^(\d+) passed, (\d+) failed/m)!.map(Number);
      expect(failed).toBe(0);
      expect(passed).toBeGreaterThan(10);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });
});
