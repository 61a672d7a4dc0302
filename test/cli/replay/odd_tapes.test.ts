/** Tapes on which a figure means little or nothing: it is refused, or said beside it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

beforeAll(requireBuilt);
const folder = temporaryFolder();
type Row = [time: number, price: number, size: number, side: string];
const usual: Row[] = Array.from({ length: 6000 }, (_, i) => [
  1_700_000_000_000 + 500 * i,
  Number((100 + Math.sin(i / 50) + ((i * 37) % 7) / 100).toFixed(2)),
  1 + ((i * 31) % 19),
  (i * 7919) % 13 < 6 ? "buy" : "sell",
]);
const of = (change: (row: Row, i: number) => Row): Row[] => usual.map(change);
const sideless = true;

/** What --json has beside the figure, or the code of the refusal. */
const cases: [string, Row[], { quality?: string[]; code?: string; vpin?: number; sideless?: boolean }][] = [
  ["no trade", [], { quality: ["no_trades"], vpin: Number.NaN }],
  ["one trade", usual.slice(0, 1), { code: "E_TOO_FEW_TRADES" }],
  ["two trades", usual.slice(0, 2), { code: "E_TOO_FEW_TRADES" }],
  ["a thin tape", usual.slice(0, 120), { code: "E_TOO_FEW_TRADES" }],
  ["all at one time", of(([, ...row]) => [1_700_000_000_000, ...row]), { quality: ["one_time"] }],
  ["all at one time, sides from bars", of(([, ...row]) => [1_700_000_000_000, ...row]), { code: "E_TOO_FEW_TRADES", sideless }],
  ["all in one second", of(([, ...row], i) => [1_700_000_000_000 + Math.floor(i / 7), ...row]), { quality: [] }],
  [
    "all in one second, sides from bars",
    of(([, ...row], i) => [1_700_000_000_000 + Math.floor(i / 7), ...row]),
    { code: "E_TOO_FEW_TRADES", sideless },
  ],
  ["one price", of(([time, , ...row]) => [time, 100, ...row]), { quality: [] }],
  ["one price, sides from bars", of(([time, , ...row]) => [time, 100, ...row]), { quality: ["no_sides"], vpin: 0, sideless }],
  ["one side", of(([time, price, size]) => [time, price, size, "buy"]), { quality: ["one_side"], vpin: 1 }],
  ["sizes all 0 but one", of(([time, price, , side], i) => [time, price, i === 3000 ? 5 : 0, side]), { code: "E_TOO_FEW_TRADES" }],
  [
    "sizes of sixteen decades",
    of(([time, price, , side], i) => [time, price, 10 ** (((i * 7919) % 1600) / 100 - 8), side]),
    { code: "E_TOO_FEW_TRADES" },
  ],
  [
    "two instruments in one column",
    of(([time, price, ...row], i) => [time, (i * 7919) % 13 < 6 ? 20 * price : price, ...row]),
    { code: "E_PRICES_APART" },
  ],
  ["each row twice", usual.flatMap((row) => [row, row]), { quality: ["repeated_rows"] }],
  ["the file twice", [...usual, ...usual], { code: "E_TIME_BACKWARDS" }],
];

test.each(cases)("%s", async (_, rows, { quality, code, vpin, sideless: bare = false }) => {
  const lines = rows.map((row) => (bare ? row.slice(0, 3) : row).join(","));
  writeFileSync(join(folder, "odd.csv"), `time,price,size${bare ? "" : ",side"}\n${lines.map((line) => `${line}\n`).join("")}`);
  const { code: exit, stdout, stderr } = await tickforge(["replay", "odd.csv", "--json"], { cwd: folder });
  if (code !== undefined) {
    expect({ exit, stderr }).toEqual({ exit: 3, stderr: expect.stringContaining(`[${code}]`) });
    return;
  }
  const answer = JSON.parse(stdout);
  expect(answer.quality.map(({ name }: { name: string }) => name)).toEqual(quality);
  const last = answer.instruments[0]?.vpin.last ?? Number.NaN;
  if (vpin !== undefined) expect(last).toBe(vpin);
  else expect(last > 0.01 && last < 0.99).toBe(true);
});

/** What validate says of them, all in one run. */
const looks: [string, Row[], string[], bare?: boolean][] = [
  ["no trade", [], ["no_trades"]],
  ["one trade", usual.slice(0, 1), ["one_side"]],
  ["two trades", usual.slice(0, 2), ["one_side"]],
  ["one trade without a side", usual.slice(0, 1), ["no_sides"], sideless],
  ["usual", usual, []],
  ["usual without sides", usual, [], sideless],
  ["one time", of(([, ...row]) => [1_700_000_000_000, ...row]), ["alike_trades", "one_time"]],
  ["one second", of(([, ...row], i) => [1_700_000_000_000 + Math.floor(i / 7), ...row]), []],
  ["one price", of(([time, , ...row]) => [time, 100, ...row]), []],
  ["one price without sides", of(([time, , ...row]) => [time, 100, ...row]), ["no_sides"], sideless],
  ["one side", of(([time, price, size]) => [time, price, size, "sell"]), ["one_side"]],
  ["sizes all 0", of(([time, price, , side]) => [time, price, 0, side]), ["zero_sizes", "no_bucket_volume"]],
  ["sizes all 0 but one", of(([time, price, , side], i) => [time, price, i === 3000 ? 5 : 0, side]), ["zero_sizes", "one_side"]],
  ["huge sizes", of(([time, price, size, side]) => [time, price, size * 1e300, side]), ["no_bucket_volume"]],
  ["tiny sizes", of(([time, price, size, side]) => [time, price, size * 1e-300, side]), ["no_bucket_volume"]],
  ["two instruments", of(([time, price, ...row], i) => [time, i % 2 ? 20 * price : price, ...row]), ["price_outliers"]],
  ["each row twice", usual.flatMap((row) => [row, row]), ["repeated_rows", "alike_trades"]],
  ["the first half twice", [...usual.slice(0, 3000), ...usual.slice(0, 3000)], ["time_backwards", "alike_trades"]],
];

const text = (rows: readonly Row[], bare = false) =>
  [`time,price,size${bare ? "" : ",side"}`, ...rows.map((row) => (bare ? row.slice(0, 3) : row).join(","))]
    .map((line) => `${line}\n`)
    .join("");

test("validate says what is odd about each", async () => {
  looks.forEach(([, rows, , bare], i) => void writeFileSync(join(folder, `v${i}.csv`), text(rows, bare)));
  const ids = usual.map((row, i) => [10_000 - i, ...row].join(","));
  writeFileSync(join(folder, "ids.csv"), `trade_id,time,price,size,side\n${ids.join("\n")}\n`);
  const { stdout } = await tickforge(["validate", ...looks.map((_, i) => `v${i}.csv`), "ids.csv", "--json"], { cwd: folder });
  const said = JSON.parse(stdout).files.map(({ quality }: { quality: { name: string }[] }) => quality.map(({ name }) => name));
  expect(said.slice(0, -1).map((names: string[], i: number) => [looks[i]![0], names])).toEqual(
    looks.map(([what, , names]) => [what, names]),
  );
  expect(said.at(-1)).toEqual(["odd_column"]);
});

test("replay of sizes that no bucket can be made of", async () => {
  writeFileSync(join(folder, "tiny.csv"), text(of(([time, price, size, side]) => [time, price, size * 1e-300, side])));
  const tiny = await tickforge(["replay", "tiny.csv"], { cwd: folder });
  expect([tiny.code, tiny.stderr]).toEqual([3, expect.stringMatching(/the sizes of the trades sum to 6\.\d*e-296.*\[E_BAD_VALUE\]/s)]);
  writeFileSync(join(folder, "zeros.csv"), text(of(([time, price, , side]) => [time, price, 0, side])));
  const zeros = await tickforge(["replay", "zeros.csv"], { cwd: folder });
  expect(zeros.stdout).toContain("no VPIN: all trades are of size 0");
});

const quoted = (rows: readonly Row[]) =>
  [
    "time,price,size,bid,ask",
    ...rows.map(([time, price, size]) => [time, price, size, (price - 0.01).toFixed(2), (price + 0.01).toFixed(2)].join()),
  ]
    .map((line) => `${line}\n`)
    .join("");

test("quotes that were not looked at are told: of a pipe that is read as it comes, of files that have them and of files that have none", async () => {
  const pipe = await tickforge(["replay", "-", "--bucket-volume", "500"], { cwd: folder, input: quoted(usual) });
  expect(pipe.stdout).toContain("side: bvc");
  expect(pipe.stdout).toContain("side: the quotes of the rows are not read from a pipe with --bucket-volume: leave that out");
  const two = async (first: string, second: string) => {
    writeFileSync(join(folder, "q-1.csv"), first);
    writeFileSync(join(folder, "q-2.csv"), second);
    return (await tickforge(["replay", "q-1.csv", "q-2.csv", "--bucket-volume", "500"], { cwd: folder })).stderr;
  };
  const [early, late] = [usual.slice(0, 3000), usual.slice(3000)];
  expect(await two(quoted(early), text(late, true))).toContain("q-2.csv: its trades have no quotes, as those of the first file have");
  expect(await two(text(early, true), quoted(late))).toContain("q-2.csv: its quotes are not read: the first file has none");
});
