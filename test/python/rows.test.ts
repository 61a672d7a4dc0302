import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { pageRows } from "./kit/rows.js";

it("every library's table on the page has a file of tests", () => {
  const here = join(packageRoot(), "test/python");
  const tested = readdirSync(here)
    .filter((file) => file.endsWith(".test.ts") && file !== "rows.test.ts")
    .flatMap((file) => [...readFileSync(join(here, file), "utf8").matchAll(/eachRow\("([^"]+)"/g)].map((call) => call[1]!));
  expect(tested.sort()).toEqual([...pageRows().keys()].sort());
});
