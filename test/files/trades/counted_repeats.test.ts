/** What is odd about rows, counted of the times that were asked for. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { collectTrades, readTrades } from "../../../src/files/read/trades.js";
import type { Spans } from "../../../src/files/trades/counted_repeats.js";
import { taken } from "../../../src/importer/keep.js";
import { tradeArrays } from "../../../src/market/trade_columns.js";
import { dayStart, dbnFile, second, trade } from "../kit/dbn_file.js";
import "../kit/parse.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-counted-"));
afterAll(() => rmSync(folder, { recursive: true }));

const start = 1_723_161_600_000;
let state = 7;
const next = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
let time = start;
/** A third of the rows repeat the one before; others differ in what no column holds. One in a hundred is none. */
const lines: { text: string; time: number; repeat: boolean; bad: boolean }[] = [];
for (let i = 0; i < 6000; i++) {
  const before = lines.at(-1);
  if (before && next() < 0.3) {
    lines.push({ ...before, repeat: !before.bad });
    continue;
  }
  const bad = i > 10 && next() < 0.01;
  time += Math.floor(4 * next() ** 2);
  lines.push({ text: `${i},${time},${bad ? "x" : 100},1,buy`, time, repeat: false, bad });
}
const path = join(folder, "trades.csv");
writeFileSync(path, `id,time,price,size,side\n${lines.map(({ text }) => `${text}\n`).join("")}`);
const ns = (ms: number) => BigInt(ms) * 1_000_000n;

/** By plain code: a bad row is where the good one before it is. */
function want(open: (ms: number) => boolean) {
  let at = -1;
  const counts = { repeats: 0, refused: 0 };
  for (const line of lines) {
    if (!line.bad) at = line.time;
    if (line.repeat && open(line.time)) counts.repeats++;
    if (line.bad && at >= 0 && open(at)) counts.refused++;
  }
  return counts;
}

const ends = [start + 1, start + 3000, time - 500, time + 1];
const ranges = ends.flatMap((from, i) => ends.slice(i + 1).map((to) => [from, to] as const));
/** Open in every other of so many ms. */
const everyOther = (ms: number): Spans => ({
  at: (t) => ({ endTime: (t / ns(ms) + 1n) * ns(ms), open: (t / ns(ms)) % 2n === 0n }),
});

describe("repeated and refused rows are counted within", () => {
  test.each(ranges)("a range, %i to %i", async (from, to) => {
    const within = taken({ from: ns(from), to: ns(to) }, undefined)!;
    const { columns, facts } = await collectTrades(path, { onBad: "skip", within });
    const [one] = facts.files;
    expect({ repeats: one!.repeats, refused: one!.refused }).toEqual(want((ms) => ms >= from && ms < to));
    expect(columns.time.length, "all rows are read").toBe(lines.filter(({ bad }) => !bad).length);
  });

  test.each([7, 400])("stretches of %i ms, into slots of odd lengths", async (ms) => {
    const slot = { columns: tradeArrays(777) };
    const times: bigint[] = [];
    const commit = (rows: number) => void times.push(...slot.columns.time.subarray(0, rows));
    const facts = await readTrades(path, { claim: () => slot, commit }, { onBad: "skip", within: everyOther(ms) });
    const { repeats, refused } = facts.files[0]!;
    expect({ repeats, refused }).toEqual(want((at) => Math.floor(at / ms) % 2 === 0));
    expect(times).toEqual(lines.filter(({ bad }) => !bad).map((line) => ns(line.time)));
  });

  test("of a DBN file too", async () => {
    const seconds = [0, 0, 1, 2, 2, 2, 3, 5, 5, 5, 5, 6];
    const dbn = join(folder, "trades.dbn");
    writeFileSync(
      dbn,
      dbnFile(
        {},
        seconds.map((i) => trade(i)),
      ),
    );
    for (const [from, to, repeats] of [
      [0, 9, 6],
      [1, 5, 2],
      [2, 6, 5],
      [3, 5, 0],
    ] as const) {
      const within = taken({ from: dayStart + BigInt(from) * second, to: dayStart + BigInt(to) * second }, undefined)!;
      expect((await collectTrades(dbn, { within })).facts.files[0]).toMatchObject({ repeats, rows: 12 });
    }
  });

  test("nothing asked for: the whole file", async () => {
    const { facts } = await collectTrades(path, { onBad: "skip" });
    expect(facts.files[0]).toMatchObject(want(() => true));
  });
});
