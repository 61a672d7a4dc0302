import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";

it("the page's documentation shows the figures that were measured", () => {
  const { stderr, status } = spawnSync(process.execPath, [join(packageRoot(), "scripts/pages/page_figures.mjs"), "--check"]);
  expect([String(stderr), status]).toEqual(["", 0]);
});
