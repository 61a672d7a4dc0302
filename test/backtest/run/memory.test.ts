/** What a run holds does not grow with the rows of its market: pages of recordings are mapped, and none of them is copied. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtFile, requireBuilt } from "../../support/cli.js";
import { longMarket } from "./kit/long_market.js";

const files = 8;
const rows = 128 * 1000;

let folder: string;
const path = (file: number) => join(folder, `${file}.tfr`);
beforeAll(() => {
  requireBuilt();
  folder = mkdtempSync(join(tmpdir(), "backtest-memory-"));
  for (let file = 0; file < files; file++) longMarket(path(file), file * rows, rows);
});
afterAll(() => rmSync(folder, { recursive: true }));

const script = `
  const [{ backtest }, { readFileSync }] = await Promise.all([import(process.argv[1]), import("node:fs")]);
  let most = 0;
  const progress = () => {
    globalThis.gc();
    most = Math.max(most, 1024 * Number(/^RssAnon:\\s+(\\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1]));
  };
  const { rows } = await backtest({ name: "quiet", doc: "", params: {}, begin: () => ({}) }, process.argv.slice(2), { progress });
  console.log(JSON.stringify({ rows, most }));`;

/** Bytes of a process of its own, without what it maps, while it runs over so many of the files. */
function ownBytes(count: number): number {
  const given = [builtFile("entries/backtest.js"), ...Array.from({ length: count }, (_, file) => path(file))];
  const said = execFileSync(process.execPath, ["--expose-gc", "--max-semi-space-size=1", "--input-type=module", "-e", script, ...given], {
    encoding: "utf8",
  });
  const answer = JSON.parse(said) as { rows: number; most: number };
  expect(answer.rows).toBe(count * rows);
  return answer.most;
}

describe.skipIf(process.platform !== "linux")("memory of a run", { timeout: 120_000 }, () => {
  it("is the same for eight times as many rows", () => {
    const [short, long] = [ownBytes(1), ownBytes(files)];
    // New objects have 1 MB, so that what is seen is held. With a page copied for each of 7,000 frames more it would be 28 MB more.
    expect((long - short) / 1e6).toBeLessThan(12);
  });
});
