/** `npm run format` tells what it could not look at, and refuses what it does not know. */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";

const root = packageRoot();
const bin = mkdtempSync(join(tmpdir(), "tickforge-format-"));
afterAll(() => rmSync(bin, { recursive: true }));

symlinkSync(process.execPath, join(bin, "node"));
const run = (...args: string[]) =>
  spawnSync(join(bin, "node"), ["scripts/format.mjs", ...args], { cwd: root, encoding: "utf8", env: { PATH: bin } });
/** A clang-format of this version, which says what it was given and finds fault with everything. */
function clangFormat(version: number) {
  const script = `#!${process.execPath}\nif (process.argv[2] === "--version") console.log("clang-format version ${version}.1.7");\nelse { console.log(process.argv.slice(2).join(" ")); process.exit(1); }\n`;
  writeFileSync(join(bin, "clang-format"), script);
  chmodSync(join(bin, "clang-format"), 0o755);
}

it("names the command that installs clang-format where there is none, or one of another version", () => {
  const missing = run("--check", "native/addon/addon.cc");
  expect(missing.stderr).toMatch(/clang-format 19 is not here, so 1 C\+\+ files were not looked at: sudo apt-get install clang-format-19/);
  expect(missing.status).toBe(0);
  clangFormat(14);
  expect(run("--check", "native/addon/addon.cc").stderr).toMatch(/clang-format 19 is not here/);
});

it("hands native sources alone to clang-format, and its verdict on", () => {
  clangFormat(19);
  const { stdout, status } = run("--check", "native/addon/addon.cc", "shaders/vpin.metal", "README.md");
  expect(stdout.trim()).toBe("--dry-run -Werror native/addon/addon.cc");
  expect(status).toBe(1);
});

it("refuses an option that it does not know", () => {
  const { status, stderr } = run("--chekc");
  expect(status).toBe(2);
  expect(stderr).toMatch(/no option is called '--chekc'/);
});

it("the hook gives the staged files to it, then looks at the types, and stops at the first that finds fault", () => {
  const repository = mkdtempSync(join(bin, "repository-"));
  const git = (...args: string[]) => spawnSync("git", args, { cwd: repository, encoding: "utf8" });
  const program = (path: string, text: string) => {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text);
    chmodSync(join(repository, path), 0o755);
  };
  cpSync(join(root, ".githooks"), join(repository, ".githooks"), { recursive: true });
  program("scripts/format.mjs", "console.log('format', ...process.argv.slice(2)); process.exit(process.argv.includes('bad.ts') ? 1 : 0);");
  program("node_modules/.bin/tsc", "#!/bin/sh\necho types\n");
  git("init", "-q");
  git("config", "core.hooksPath", ".githooks");
  const commit = (file: string, ...args: string[]) => {
    writeFileSync(join(repository, file), "");
    git("add", file);
    const { status, stdout, stderr } = git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", file, ...args);
    return { status, said: `${stdout}${stderr}` };
  };
  expect(commit("good.ts")).toEqual({ status: 0, said: expect.stringMatching(/format --check good\.ts\n[\s\S]*types/) });
  expect(commit("read.md")).toEqual({ status: 0, said: "" });
  expect(commit("bad.ts")).toEqual({ status: 1, said: expect.stringMatching(/npm run format mends this/) });
  expect(commit("bad.ts", "--no-verify").status).toBe(0);
});
