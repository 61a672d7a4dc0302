/** Rows that are wrong are refused one by one and counted; all that comes beside them is as if they had not been there. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { install } from "../../../src/backends/index.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import type { TakenColumn, TakenTopic } from "../../../src/system/kit/engine.js";
import { temporaryFolder } from "../../support/cli.js";
import type { Input, Row } from "../kit/drive.js";
import { runBare } from "./bare.js";
import { sound } from "./cases.js";
import { expectSame } from "./expect_same.js";
import { make } from "./made.js";
import { live } from "./world.js";

install();
const folder = temporaryFolder();
let runs = 0;
const own = () => join(folder, `run ${runs++}`);

/** Values that a column must not have. */
function wrongValues({ dtype, min, above, max, nan, instrument, ascending }: TakenColumn, instruments: number): (number | bigint)[] {
  const real = dtype.startsWith("f");
  return [
    ...(real ? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] : []),
    ...(real && !nan ? [Number.NaN] : []),
    ...(min === undefined ? [] : [real ? min - 1e-9 : min - 1]),
    ...(above === undefined ? [] : [above, above - 1]),
    ...(max === undefined || !Number.isFinite(max) ? [] : [max + 1]),
    ...(instrument ? [instruments, 4_000_000_000] : []),
    ...(ascending ? [-5n, 1_699_999_999_999_999_999n] : []),
  ].filter((value) => !(dtype === "i8" && (value as number) < -128));
}

/** A copy of a row with one value wrong, for every way in which it can be. */
function faults(port: string, row: Row, { columns }: TakenTopic, instruments: number): Input[] {
  return Object.entries(columns).flatMap(([name, check]) =>
    row[name] === undefined
      ? []
      : wrongValues(check, instruments).map((value): Input => {
          const all = row[name]!;
          if (typeof all !== "object") return [port, { ...row, [name]: value }];
          const vector = Array.from(all);
          vector[vector.length >> 1] = value as number;
          return [port, { ...row, [name]: vector }];
        }),
  );
}

describe.each(sound.filter(({ one }) => one.inputs.length > 0 && !one.topics))("$title", ({ engine, one }) => {
  const { takes, settings } = make(engine, one, own());
  const random = seeded(9);

  it("refuses each wrong value of each column, and gives what it gives without those rows", async () => {
    const wanted = await runBare(make(engine, one, own()), new MemoryBus());
    const wrong = takes.flatMap(({ port, taken }) => {
      const rows = one.inputs.filter(([of]) => of === port).slice(1);
      const [, like] = rows[0]!;
      return faults(port, like, taken, settings.instruments.length).map(([, row], i): readonly [number, Input] => {
        // Each behind a row of its own, with the time of that row unless it is the time that is wrong.
        const [, before] = rows[Math.floor(random() * rows.length)]!;
        const changed = Object.entries(row).filter(([name, value]) => !Object.is(value, like[name]));
        return [one.inputs.findIndex(([, of]) => of === before) + Number(i < 0), [port, { ...before, ...Object.fromEntries(changed) }]];
      });
    });
    expect(wrong.length).toBeGreaterThan(4);
    const inputs = one.inputs.flatMap((input, at) => [input, ...wrong.filter(([behind]) => behind === at).map(([, bad]) => bad)]);
    expect(inputs.length).toBe(one.inputs.length + wrong.length);
    for (const kills of [0, 0.1]) {
      const into = own();
      const { results, board, logged } = await live(make(engine, one, into, inputs), into, { kills, seed: 7 });
      expectSame(results, wanted, `with ${wrong.length} wrong rows`);
      if (kills > 0) continue;
      expect(board.get("refused")).toBe(wrong.length);
      expect(board.get("taken")).toBe(one.inputs.length);
      for (const { topic } of takes)
        expect(logged.join("\n")).toMatch(new RegExp(`row \\d+ of topic ${topic.name} was refused: '\\w+' is `));
    }
  });
});
