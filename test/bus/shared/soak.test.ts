import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleScript } from "../kit/processes.js";

let bundle: Awaited<ReturnType<typeof bundleScript>>;
beforeAll(async () => {
  bundle = await bundleScript("../../../bench/bus/soak.ts");
});
afterAll(() => bundle.remove());

/** Of 10^9 records and 200 faults of each kind. */
const share = process.env.TICKFORGE_DEEP === undefined ? 0.01 : 0.2;

it(`${share} of the long run: records in bulk, then faults of every kind, nothing torn, out of order or lost without notice`, {
  timeout: 3_600_000,
}, () => {
  const { stdout, status } = spawnSync(process.execPath, [bundle.file, String(share)], { encoding: "utf8" });
  const [stream, faults] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(stream).toMatchObject({ part: "stream", lost: 0, duplicated: 0, reordered: 0, corrupt: 0 });
  expect(stream.records).toBeGreaterThanOrEqual(share * 1e9);
  expect(faults).toMatchObject({ part: "faults", each: 200 * share, replaced: 200 * share, disturbed: { reordered: 0, corrupt: 0 } });
  expect(faults.steady).toMatchObject({ reordered: 0, corrupt: 0 });
  expect(faults.steady.rows).toBeGreaterThan(0);
  expect(status).toBe(0);
});
