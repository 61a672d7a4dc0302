/** Wrong input of every kind: what is wrong, where, what to do, the code, the exit code; and nothing half-written. */
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { binance, requireBuilt, tape, temporaryFolder, tickforge } from "../support/cli.js";

const folder = temporaryFolder();
const file = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
const text = binance(tape(2000, 9));
const lines = text.split("\n");
/** The text with one line changed. */
const with41 = (change: (line: string) => string) => lines.map((line, i) => (i === 40 ? change(line) : line)).join("\n");
const field = (at: number, value: string) => (line: string) =>
  line
    .split(",")
    .map((old, i) => (i === at ? value : old))
    .join(",");

file("good.csv", text);
file("exists.csv", "mine");
file("empty.csv", "");
file(
  "noise.bin",
  Uint8Array.from({ length: 1000 }, (_, i) => (i * 97) % 251),
);
file("cut.csv.gz", gzipSync(text).subarray(0, 9000));
file(
  "damaged.csv.gz",
  gzipSync(text).map((byte, i) => (i > 500 && i < 520 ? 0 : byte)),
);
file("unknown.csv", "alpha,beta\nx,y\nz,w\n");
file("price.csv", with41(field(1, "")));
file("word.csv", with41(field(2, "much")));
file("negative.csv", with41(field(1, "-5")));
file("side.csv", with41(field(5, "Maybe")));
file("back.csv", with41(field(4, "1768175000000000")));
file(
  "short.csv",
  with41((line) => line.slice(0, 30)),
);
file(
  "quote.csv",
  with41((line) => `${line},"open`),
);
file("tail.csv", `${text}4391190203,61000.0`);
file("nul.csv", with41(field(2, "1\x1b[31m2")));
// Behind the bytes by which a file is told to be text.
file("escape.csv", lines.map((line, i) => (i === 1000 ? field(5, "\x1b[31mno\x1b]0;title\x07")(line) : line)).join("\n"));
file("holes.csv", "symbol,date,close\nA,2024-01-02,1\nB,2024-01-02,1\nA,2024-01-03,2\nA,2024-01-04,1\nB,2024-01-04,2\n");
file(
  "wide.csv",
  `date,A\n${Array.from({ length: 60 }, (_, i) => `2024-${String(1 + Math.floor(i / 28)).padStart(2, "0")}-${String(1 + (i % 28)).padStart(2, "0")},${100 + (i % 7)}`).join("\n")}\n`,
);
file("ragged.csv", "date,A\n2024-01-02,1\n2024-01-03\n");
file("broken.tfr", Uint8Array.of(0x54, 0x46, 0x52, 0x43, 1, 0, 0, 0, 9));
mkdirSync(join(folder, "sub"));

interface Wrong {
  args: string;
  code: number;
  says: RegExp;
  input?: string;
}
const price = lines[40]!.split(",");

const cases: Wrong[] = [
  { args: "repaly x", code: 2, says: /^tickforge: no command is called 'repaly'\n {2}did you mean tickforge replay\? {3}\[E_USAGE\]\n$/ },
  { args: "replay good.csv --bucket-volme 3", code: 2, says: /no flag is called --bucket-volme\n {2}did you mean --bucket-volume\?/ },
  { args: "replay good.csv --xyzzy", code: 2, says: /no flag is called --xyzzy\n {2}see tickforge replay --help/ },
  { args: "replay good.csv --out", code: 2, says: /--out needs a value/ },
  { args: "replay good.csv --out --json", code: 2, says: /--out needs a value/ },
  { args: "replay good.csv --json=yes", code: 2, says: /--json takes no value/ },
  { args: "replay good.csv --window 5 --window 6", code: 2, says: /--window is given twice/ },
  { args: "replay good.csv --window 0", code: 2, says: /--window is 0, expected >= 1/ },
  { args: "replay good.csv --window 2.5", code: 2, says: /--window is '2\.5', expected a whole number/ },
  { args: "replay good.csv --window 99999999", code: 2, says: /--window is 99999999, expected <= 1000000/ },
  { args: "replay good.csv --bucket-volume 1,000", code: 2, says: /expected a number\n {2}write 1000/ },
  { args: "replay good.csv --bucket-volume 0", code: 2, says: /--bucket-volume is 0, expected > 0/ },
  { args: "replay good.csv --bucket-volume -1", code: 2, says: /--bucket-volume is -1, expected > 0/ },
  {
    args: "replay good.csv --bucket-volume 1e-9",
    code: 3,
    says: /'size' of trade 1 is .*\n {2}pass a larger --bucket-volume.*\[E_TOO_MANY\]/,
  },
  {
    args: "replay good.csv --bucket-volume 1e-6",
    code: 2,
    says: /trades fill more than 1,048,576 buckets\n {2}pass a larger --bucket-volume.*\[E_OUTPUT_LIMIT\]/,
  },
  { args: "replay godo.csv", code: 1, says: /godo\.csv: no such file\n {2}did you mean good\.csv\?/ },
  { args: "--xyzzy", code: 2, says: /no flag is called --xyzzy\n/ },
  { args: "bus up nowhere.json", code: 1, says: /nowhere\.json: no such file\n.*\[E_FILE_MISSING\]/ },
  { args: "risk holes.csv --missing error", code: 3, says: /^tickforge: holes\.csv: B has no price on 2024-01-03\n/ },
  {
    args: "replay escape.csv",
    code: 3,
    says: /side is '\\x1b\[31mno\\x1b\]0;title\\x07', expected one of/,
  },
  { args: "risk ragged.csv --periods-per-year 252", code: 3, says: /line 3: has 1 column, expected 2.*\[E_BAD_COLUMNS\]/s },
  { args: "replay good.csv --zone Nowhere/None", code: 2, says: /\[E_ZONE\]/ },
  { args: "replay good.csv --bucket-volume NaN", code: 2, says: /--bucket-volume is 'NaN', expected a number/ },
  { args: "replay good.csv --threshold 1.5", code: 2, says: /--threshold is 1\.5, expected > 0 and <= 1/ },
  { args: "replay good.csv --min-history 0", code: 2, says: /--min-history is 0, expected at least 1/ },
  { args: "replay good.csv --min-history 20 --history 10", code: 2, says: /--min-history is 20 and --history is 10: no alarm could come/ },
  { args: "replay good.csv --classify tickrule", code: 2, says: /did you mean tick_rule\?/ },
  { args: "replay good.csv --bars 60", code: 2, says: /--bars is '60', expected a time from 1ms to 24h/ },
  { args: "replay good.csv --bars 60s --classify given", code: 2, says: /--bars goes with --classify bvc/ },
  { args: "replay good.csv --empty emit --classify tick_rule", code: 2, says: /--empty goes with --classify bvc, not with tick_rule/ },
  { args: "replay good.csv --empty all", code: 2, says: /--empty is 'all', expected/ },
  { args: "replay good.csv --from 2026-02-31", code: 2, says: /expected a time in UTC/ },
  { args: "replay good.csv --from 2026-02-03 --to 2026-02-02", code: 2, says: /--from is not before --to/ },
  { args: "replay good.csv --backend natve", code: 2, says: /did you mean native\?.*\[E_BACKEND_UNKNOWN\]/s },
  { args: "replay good.csv good.csv", code: 2, says: /good\.csv is named twice/ },
  { args: "replay good.csv --seed 3", code: 2, says: /--seed is for the simulated tape/ },
  ...["replay good.csv", "risk good.csv --periods-per-year 252", "factors good.csv --factors size", "validate bus"].map((command) => ({
    args: `${command} --report x.pdf`,
    code: 2,
    says: /--report x\.pdf: .* ends with \.html\n {2}such as --report x\.html; .*\[E_USAGE\]/,
  })),
  { args: "replay --on-bad skip", code: 2, says: /--on-bad needs a FILE/ },
  { args: "replay -", code: 3, says: /stdin: is empty \(0 bytes\)/ },
  { args: "replay - --bucket-volume 5", code: 3, says: /stdin: is empty/ },
  { args: "replay good.csv/below", code: 1, says: /below: no such file.*\[E_FILE_MISSING\]/s },
  { args: `replay ${"n".repeat(300)}`, code: 1, says: /the name is too long.*\[E_FILE_MISSING\]/s },
  { args: `replay good.csv --out ${"n".repeat(296)}.csv`, code: 1, says: /the name is too long; nothing.*\[E_WRITE\]/s },
  { args: "replay nofile.csv", code: 1, says: /nofile\.csv: no such file.*\[E_FILE_MISSING\]/s },
  { args: "replay sub", code: 1, says: /is a directory.*\[E_FILE_DIRECTORY\]/s },
  { args: "replay empty.csv", code: 3, says: /is empty \(0 bytes\).*\[E_FILE_EMPTY\]/s },
  { args: "replay noise.bin", code: 3, says: /is not text.*\[E_FILE_BINARY\]/s },
  { args: "replay cut.csv.gz", code: 3, says: /ends in the middle of its gzip data.*\[E_FILE_TRUNCATED\]/s },
  { args: "replay damaged.csv.gz", code: 3, says: /\[E_FILE_CORRUPT\]|\[E_BAD|\[E_FILE_BINARY\]/ },
  { args: "replay unknown.csv", code: 3, says: /not a trade file that is known.*--time.*\[E_FORMAT_UNKNOWN\]/s },
  { args: "replay broken.tfr", code: 3, says: /\[E_BUS_TRUNCATED\]/ },
  { args: "replay good.csv --time when", code: 2, says: /no column is called 'when'.*\[E_COLUMN_UNKNOWN\]/s },
  { args: "replay good.csv --time 1 --price 1", code: 2, says: /\[E_COLUMN_TWICE\]/ },
  { args: "replay word.csv", code: 3, says: /line 41: size is 'much', not a number/ },
  { args: "replay negative.csv", code: 3, says: /line 41: price is '-5', expected > 0/ },
  { args: "replay side.csv", code: 3, says: /line 41: side is 'Maybe', expected one of false, f, 0, no, n, true, t/ },
  { args: "replay back.csv", code: 3, says: /line 41: time is .* before .*\[E_TIME_BACKWARDS\]/s },
  { args: "replay short.csv", code: 3, says: /line 41: has 3 columns, expected 7.*\[E_BAD_COLUMNS\]/s },
  { args: "replay quote.csv", code: 3, says: /line 41: .*\[E_BAD/s },
  { args: "replay tail.csv", code: 3, says: /line 2001: has 2 columns, expected 7/ },
  {
    args: "replay good.csv --out exists.csv",
    code: 2,
    says: /--out exists\.csv exists already\n {2}give another name, or --force to overwrite it {3}\[E_EXISTS\]/,
  },
  { args: "replay good.csv --out x.xlsx", code: 2, says: /the ending says the format, expected one of \.arrow, \.csv, \.json/ },
  { args: "replay good.csv --out nowhere/x.csv", code: 1, says: /there is no folder nowhere\n {2}mkdir -p nowhere {3}\[E_WRITE\]/ },
  { args: "replay good.csv --record sub", code: 2, says: /--record sub is a directory/ },
  { args: "replay good.csv --out good.csv --force", code: 2, says: /--out good\.csv is the same file as good\.csv/ },
  { args: "replay good.csv --out a.csv --record a.csv", code: 2, says: /is the same file as --out/ },
  { args: "doctor now", code: 2, says: /doctor takes no words/ },
  { args: "explain E_BAD_VALU", code: 2, says: /did you mean E_BAD_VALUE\?/ },
];

beforeAll(requireBuilt);
afterEach(() => {
  const written = readdirSync(folder).filter((name) => /\.part$|^a\.csv$|^x\.|^new/.test(name));
  expect(written, "files left behind").toEqual([]);
});

describe("wrong input", () => {
  for (const { args, code, says } of cases)
    it(`${args}: exit ${code}`, async () => {
      const ran = await tickforge(args.split(" "), { cwd: folder });
      expect(ran.stdout).toBe("");
      expect(ran.stderr).toMatch(says);
      expect(ran.stderr).toMatch(/\[E_[A-Z_]+\]/);
      expect(ran.stderr).not.toMatch(/\n {4}at /);
      expect(ran.code).toBe(code);
    });

  it("of a row is shown with its place and what to do", async () => {
    const { stderr, code } = await tickforge(["replay", "price.csv", "--out", "new.csv", "--record", "new.tfr", "--report", "new.html"], {
      cwd: folder,
    });
    expect(code).toBe(3);
    const shown = stderr.split("\n");
    expect(shown[0]).toBe("tickforge: price.csv, line 41: price is empty");
    expect(shown[1]).toBe(`  41 | ${field(1, "")(lines[40]!)}`);
    expect(shown[2]).toBe(
      `${" ".repeat(7 + price[0]!.length + 1)}^ column 2, price          40 rows before it were good. Nothing was written.`,
    );
    expect(shown[3]).toMatch(/^ {2}skip and count bad rows: --on-bad skip {8}list them all: tickforge validate \S+ {8}\[E_BAD_VALUE\]$/);
  });

  it("cannot move the cursor of whoever reads of it", async () => {
    const { stderr } = await tickforge(["replay", "nul.csv"], { cwd: folder });
    expect(stderr).not.toContain("\x1b");
  });

  it("is skipped and counted, or listed as well, where that is asked for", async () => {
    const skipped = await tickforge(["replay", "side.csv", "--on-bad", "skip"], { cwd: folder });
    expect(skipped).toMatchObject({ code: 0, stderr: "" });
    expect(skipped.stdout).toMatch(/1,999 trades .* 1 rejected .*\nrejected: 1 side$/m);
    const listed = await tickforge(["replay", "side.csv", "--on-bad", "report", "--json"], { cwd: folder });
    expect(listed.stderr).toMatch(/^side\.csv, line 41: side is 'Maybe', expected one of false, f, 0, no, n, true, t, 1, yes, y$/m);
    expect(JSON.parse(listed.stdout).rejected).toEqual({ total: 1, reasons: { side: 1 } });
  });
});

describe("an answer that cannot be written", () => {
  for (const args of [
    "replay good.csv",
    "replay good.csv --json --out new.csv",
    "validate good.csv",
    "risk wide.csv --periods-per-year 252 --backtest 30 --json",
    "doctor --json",
    "explain",
    "--help",
  ])
    it(`${args} > /dev/full`, async (context) => {
      if (process.platform !== "linux") context.skip("no /dev/full");
      const ran = await tickforge(args.split(" "), { cwd: folder, through: ["/bin/bash", "-c", '"$@" > /dev/full', "bash"] });
      expect(ran).toMatchObject({ code: 1, stdout: "" });
      expect(ran.stderr).toMatch(/^tickforge: stdout: no space left on the disk; the answer is not whole\n {2}\S.*\[E_WRITE\]\n$/);
      rmSync(join(folder, "new.csv"), { force: true });
    });

  it("a file of its own that grows too large is not taken for whole", async () => {
    const through = ["/bin/bash", "-c", 'ulimit -f 1; trap "" XFSZ; "$@" > long.txt', "bash"];
    const ran = await tickforge(["explain"], { cwd: folder, through });
    expect(ran).toMatchObject({ code: 1 });
    expect(ran.stderr).toMatch(/stdout: the file is larger than allowed here; the answer is not whole/);
  });

  it("no reader of what is told of the run is no reason to end it", async () => {
    const ran = await tickforge(["replay", "good.csv", "--json"], {
      cwd: folder,
      through: ["/bin/bash", "-c", '"$@" 2> /dev/full', "bash"],
    });
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.stdout).trades).toBe(2000);
  });
});

describe("files that cannot be written", () => {
  for (const target of ["--out new.csv", "--out new.arrow", "--record new.tfr", "--report new.html"])
    it(`${target}: a disk that is full`, async (context) => {
      if (process.platform === "win32") context.skip("no file size limit to set");
      const through = ["/bin/bash", "-c", 'ulimit -f 4; trap "" XFSZ; exec "$@"', "bash"];
      const ran = await tickforge(["replay", "good.csv", ...target.split(" ")], { cwd: folder, through });
      expect(ran).toMatchObject({ code: 1, stdout: "" });
      expect(ran.stderr).toMatch(/tickforge: new\.\w+: .*; nothing of it was kept\n.*\[E_WRITE\]/);
    });

  it("a folder without permission", async (context) => {
    if (process.getuid?.() === 0) context.skip("root may write everywhere");
    mkdirSync(join(folder, "locked"));
    chmodSync(join(folder, "locked"), 0o500);
    const ran = await tickforge(["replay", "good.csv", "--out", "locked/new.csv"], { cwd: folder });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/no permission to write in locked/);
  });
});
