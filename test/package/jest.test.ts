/** Jest runs tests in contexts of its own: modules, the add-on, and typed arrays of another realm have to get along there. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadAddon, packageRoot } from "../../src/addon/addon.js";

const root = packageRoot();
const room = mkdtempSync(join(tmpdir(), "tickforge-jest-"));
afterAll(() => rmSync(room, { recursive: true, force: true }));

/** Why Jest could not be installed; undefined where it was. */
function installJest(): string | undefined {
  try {
    execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "jest@30"], {
      cwd: room,
      stdio: "pipe",
      timeout: 200_000,
    });
    return undefined;
  } catch (error) {
    return `npm install jest: ${(error as Error).message.split("\n")[0]}`;
  }
}

const text = `
import { bucketVpin } from "tickforge";
import { RingBus } from "tickforge/bus";
test("kernels", () => {
  const columns = { buy: Float64Array.of(9, 6), sell: Float64Array.of(1, 4) };
  expect([...bucketVpin(columns, { window: 2 }, { backend: "native" }).vpin]).toEqual([NaN, 0.5]);
  expect(typeof RingBus).toBe("function");
});`;

const absent = !process.env.TICKFORGE_DEEP
  ? " (skipped: installs Jest from the network, with TICKFORGE_DEEP=1 only)"
  : loadAddon().addon
    ? ""
    : " (skipped: no add-on)";
describe.skipIf(absent)(`Jest${absent}`, () => {
  it("runs tests that compute natively", { timeout: 300_000 }, (context) => {
    writeFileSync(join(room, "package.json"), '{ "private": true, "type": "module", "jest": { "transform": {} } }');
    const failed = installJest();
    if (failed !== undefined) return context.skip(failed);
    const copy = join(room, "node_modules/tickforge");
    mkdirSync(join(copy, "build/Release"), { recursive: true });
    cpSync(join(root, "dist/lib"), join(copy, "dist/lib"), { recursive: true });
    cpSync(join(root, "package.json"), join(copy, "package.json"));
    cpSync(loadAddon().path!, join(copy, "build/Release/tickforge.node"));
    cpSync(join(root, "node_modules/node-gyp-build"), join(room, "node_modules/node-gyp-build"), { recursive: true });
    writeFileSync(join(room, "kernels.test.js"), text);
    const done = spawnSync(process.execPath, ["--experimental-vm-modules", "node_modules/jest/bin/jest.js"], {
      cwd: room,
      encoding: "utf8",
    });
    expect(done.status, done.stderr).toBe(0);
    expect(done.stderr).toContain("1 passed");
  });
});
