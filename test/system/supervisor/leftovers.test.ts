import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { markRings, sweepRings } from "../../../src/system/supervisor/leftovers.js";

it("rings of a system whose folder is gone are removed, others stay", () => {
  const base = fs.mkdtempSync(join(tmpdir(), "tickforge-leftovers-"));
  const make = (name: string, of?: string) => {
    const rings = join(base, name);
    fs.mkdirSync(rings);
    if (of !== undefined) markRings(rings, of);
    return rings;
  };
  const own = make("tickforge-7-aaaa", base);
  make("tickforge-7-bbbb", base);
  make("tickforge-7-cccc", join(base, "gone"));
  make("tickforge-8-dddd", join(base, "gone"));
  make("tickforge-7-eeee");
  sweepRings(own);
  expect(fs.readdirSync(base).sort()).toEqual(["tickforge-7-aaaa", "tickforge-7-bbbb", "tickforge-7-eeee", "tickforge-8-dddd"]);
  fs.rmSync(base, { recursive: true });
});
