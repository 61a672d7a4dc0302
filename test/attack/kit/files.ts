/** Damaged files through the importers: answered or refused by name, in bounded time and memory, and no row is lost without a word. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../../src/addon/addon.js";
import { collectTrades } from "../../../src/files/read/trades.js";
import { readTable } from "../../../src/files/tables/read_table.js";
import { type Damaged, damage } from "./file_damage.js";
import { readRecording } from "./file_recording.js";
import { type Seed, seeds } from "./file_seeds.js";
import { type Attack, Broken } from "./harness.js";
import "../../../src/index.js";

/** One file in so many goes through the command itself, in a process of its own. */
const everyCommand = 100;

function randomOf(seed: number, index: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Rows that were taken, refused or passed over, and the lines that they and the others took. */
interface Account {
  rows: number;
  lines: number | undefined;
}

async function read(path: string, { read: how, form, asked }: Seed): Promise<Account> {
  if (form === "recording") return { rows: readRecording(path), lines: undefined };
  if (how === "table") {
    const { rows, lineOf } = await readTable(path);
    return { rows, lines: form === "lines" && rows > 0 ? lineOf(rows - 1) : undefined };
  }
  const { facts } = await collectTrades(path, { ...asked, onBad: "report", keep: 3 });
  const sum = (of: (file: (typeof facts.files)[number]) => number) => facts.files.reduce((total, file) => total + of(file), 0);
  const rows = sum(({ rows, refused, passed }) => rows + refused + passed);
  return { rows, lines: form === "lines" ? sum(({ lines, emptyLines }) => lines - emptyLines) : undefined };
}

/** Lines of a text that have something in them. */
function filledLines(bytes: Buffer): number {
  return bytes
    .toString("latin1")
    .split("\n")
    .filter((line) => line.trim() !== "").length;
}

/** What must hold where a damaged file was read to its end. */
function check(seed: Seed, { bytes, rows: known }: Damaged, whole: Account, found: Account): void {
  const told = `${found.rows} rows, undamaged ${whole.rows}`;
  if (seed.form === "lines") {
    const lines = filledLines(bytes);
    if (seed.read === "trades") {
      const aside = lines - found.rows; // a line of names
      if (aside !== 0 && aside !== 1) throw new Broken(`${told}, in ${lines} lines that are not empty`);
    } else if (found.rows !== lines - 1) throw new Broken(`${told}, in ${lines} lines`);
    return;
  }
  if (known === "kept" && found.rows !== whole.rows) throw new Broken(`${told}: no row was taken away`);
  if (known === "cut" && found.rows < whole.rows && seed.form !== "records" && seed.form !== "recording")
    throw new Broken(`${told}: it was cut`);
  if (seed.form === "document") checkDocument(bytes, found);
}

/** A document that is JSON has as many records as the platform's own parser finds. */
function checkDocument(bytes: Buffer, found: Account): void {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString().replace(/^\uFEFF/, ""));
  } catch {
    return;
  }
  const list = Array.isArray(value) ? value : (value as { data?: unknown }).data;
  if (Array.isArray(list) && list.length !== found.rows) throw new Broken(`${found.rows} rows of ${list.length} records`);
}

function command(path: string, { read: how, asked = {} }: Seed): void {
  const flags = Object.entries(asked).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const args = how === "table" ? ["risk", path] : ["validate", path, ...flags];
  const ran = spawnSync(process.execPath, [join(packageRoot(), "dist/src/cli/main.js"), ...args], { encoding: "utf8", timeout: 60_000 });
  const said = ran.stdout + ran.stderr;
  if (ran.status === null || ![0, 1, 2, 3].includes(ran.status))
    throw new Broken(`exit ${ran.status ?? ran.signal}: ${said.slice(0, 500)}`);
  if (/this should not have happened|E_INTERNAL|\n {4}at /.test(said)) throw new Broken(`exit ${ran.status}: ${said.slice(0, 800)}`);
}

export default async function files(seed: number): Promise<Attack> {
  const folder = mkdtempSync(join(tmpdir(), "tickforge-attack-"));
  const all = seeds();
  const whole = new Map<Seed, Account>();
  const accountOf = async (one: Seed): Promise<Account> => {
    const known = whole.get(one);
    if (known) return known;
    const path = join(folder, one.name);
    writeFileSync(path, one.bytes);
    const made = await read(path, one).catch((error) => {
      throw new Error(`${one.name} is not read undamaged: ${error.message}`);
    });
    whole.set(one, made);
    return made;
  };
  return {
    total: Number.POSITIVE_INFINITY,
    attempt(index) {
      const random = randomOf(seed, index);
      const one = all[Math.floor(random() * all.length)]!;
      const damaged = damage(one.bytes, random);
      return {
        what: `${one.name}: ${damaged.what}`,
        async run() {
          const before = await accountOf(one);
          const path = join(folder, `${index}-${one.name}`);
          writeFileSync(path, damaged.bytes);
          try {
            if (index % everyCommand === everyCommand - 1) command(path, one);
            else check(one, damaged, before, await read(path, one));
          } finally {
            unlinkSync(path);
          }
        },
      };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
