/** The command line with wrong words, wrong values, wrong files and outputs that take nothing: a name, a hint and an exit code, and nothing left behind. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../../src/addon/addon.js";
import { explanations } from "../../../src/cli/explanations/explanations.js";
import { exit } from "../../../src/cli/kit/exit.js";
import type { Flag } from "../../../src/cli/kit/flag.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { allFlags } from "../../support/flags.js";
import { Broken, type MakeAttack } from "./harness.js";
import { filesOf, writeFiles } from "./screen_files.js";

const main = join(packageRoot(), "dist/src/cli/main.js");
/** Flags that an error may name: ours, and the one of containers. */
const known = new Set(["help", "version", "shm-size", ...Object.values(allFlags).flatMap((flags) => flags.map(({ name }) => name))]);
const outputs = ["report", "out", "record"];
const endings: readonly number[] = Object.values(exit);

/** A pipe with a name, which somebody writes. */
const fifo = "trades.fifo";
type Random = () => number;
const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(list.length * random())]!;

/** How the answer goes: read, to a full device, to a reader that goes away, or with files of no more than 4 kB. */
type Way = "read" | "full" | "gone" | "small" | "signal";
interface Run {
  command: string;
  args: string[];
  way: Way;
}
interface Ran {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

const wrongValues = [
  "",
  "NaN",
  "-1",
  "0",
  "1e308",
  "-1e-308",
  "Infinity",
  "2.5",
  "1,000",
  "text",
  "\u2603",
  "a,b,,c",
  "99999999999999999999",
  "../files",
  "--json",
  "null",
  "%s",
  "x".repeat(5000),
];

/** A value that the flag could have been meant to have. */
function rightValue(flag: Flag, random: Random): string {
  if (outputs.includes(flag.name))
    return pick(["new.html", "new.csv", "new.json", "new.arrow", "new.tfr", "mine.csv", "nowhere/new.csv", ".", "new.md"], random);
  if (flag.choices) return pick(flag.choices, random);
  if (flag.kind === "whole") return pick(["1", "2", "5", "20", "50"], random);
  if (flag.kind === "number") return pick(["0.5", "0.95", "0.99", "3", "252", "20"], random);
  if (flag.kind === "time") return pick(["2026-01-12", "2026-01-12T00:01", "1999-01-01"], random);
  if (flag.kind === "duration") return pick(["10s", "1ms", "5m"], random);
  if (/file/i.test(flag.value ?? "")) return `../files/${pick(filesOf("any"), random)}`;
  return pick(
    [
      "time",
      "price",
      "size",
      "side",
      "0",
      "1",
      "2",
      "buy",
      "sell",
      "A",
      "close",
      "momentum",
      "size,momentum",
      "native",
      "all",
      "lag",
      "America/New_York",
    ],
    random,
  );
}

function wordsFor(flag: Flag, random: Random): string[] {
  const near = `--${flag.name.slice(0, -1)}${pick(["x", "", "ss"], random)}`;
  if (random() < 0.06) return [near, "5"];
  if (!flag.value) return random() < 0.05 ? [`--${flag.name}=yes`] : [`--${flag.name}`];
  const value = random() < 0.65 ? rightValue(flag, random) : pick(wrongValues, random);
  if (random() < 0.04) return [`--${flag.name}`];
  return random() < 0.3 ? [`--${flag.name}=${value}`] : [`--${flag.name}`, value];
}

/** What each command cannot do without, most of the time; flags that would hold it for minutes. */
const usual = new Map<string, readonly string[]>(
  Object.entries({
    replay: ["--bucket-volume", "20"],
    risk: ["--periods-per-year", "252", "--backtest", "30"],
    factors: ["--factors", "size"],
  }),
);
const never = ["calibrate", "redis", "follow", "topology", "quick"];
const busWords = ["status", "tail", "play", "up", "stauts"];

function runOf(random: Random): Run {
  const command =
    random() < 0.03
      ? pick(["replya", "rsik", "", "-x", "--nothing", "constructor"], random)
      : pick(["replay", "replay", "replay", "risk", "risk", "risk", "factors", "factors", "validate", "bus", "explain", "doctor"], random);
  const flags = Object.hasOwn(allFlags, command) ? allFlags[command]!.filter(({ name }) => !never.includes(name)) : [];
  const given = Array.from({ length: flags.length > 0 ? Math.floor(5 * random()) : 0 }, () => pick(flags, random)).filter(
    ({ name }) => command !== "doctor" || name !== "report",
  );
  const file = () => (random() < 0.03 ? fifo : `../files/${pick(random() < 0.7 ? filesOf(command) : filesOf("any"), random)}`);
  const words = Array.from({ length: random() < 0.08 ? 0 : random() < 0.85 ? 1 : 2 }, file);
  if (command === "explain")
    words.splice(0, 9, ...(random() < 0.5 ? [pick(["E_BAD_VALUE", "E_NONE", "e_usage", "constructor", "toString"], random)] : []));
  if (command === "bus") words.unshift(pick(busWords, random));
  const more =
    random() < 0.85 ? (usual.get(command) ?? []).filter((_, i, all) => !given.some(({ name }) => all[i - (i % 2)] === `--${name}`)) : [];
  const folder = command === "bus" && !given.some(({ name }) => name === "folder") ? ["--folder", "."] : [];
  const args = [
    command,
    ...words,
    ...more,
    ...folder,
    ...given.flatMap((flag) => wordsFor(flag, random)),
    ...(random() < 0.35 ? ["--json"] : []),
  ];
  const way: Way = random() < 0.8 ? "read" : pick(["full", "gone", "small", "signal"], random);
  return { command, args, way };
}

function execute({ args, way }: Run, folder: string, stop: string, after: number): Promise<Ran> {
  const shells: Partial<Record<Way, string>> = {
    full: '"$@" > /dev/full',
    gone: 'set -o pipefail; "$@" | true',
    small: 'ulimit -f 4; trap "" XFSZ; exec "$@"',
  };
  const shell = shells[way] === undefined ? [] : ["/bin/bash", "-c", shells[way]!, "bash"];
  const [command, ...rest] = [...shell, process.execPath, main, ...args] as [string, ...string[]];
  const env = { ...process.env, NO_COLOR: "1", TICKFORGE_CALIBRATION: "none", NODE_OPTIONS: "", TICKFORGE_BACKEND: "" };
  const pipe =
    args.indexOf(fifo) < 0 ? undefined : spawn("/bin/sh", ["-c", `mkfifo ${fifo}; cat ../files/trades.csv > ${fifo}`], { cwd: folder });
  const child = spawn(command, rest, { cwd: folder, env });
  const ran: Ran = { code: null, signal: null, stdout: "", stderr: "" };
  child.stdout.on("data", (data) => void (ran.stdout += data));
  child.stderr.on("data", (data) => void (ran.stderr += data));
  child.stdin.on("error", () => {});
  child.stdin.end();
  // A bus that is held, and every run that is to be stopped, goes by a signal.
  const timer = way === "signal" || args[0] === "bus" ? setTimeout(() => child.kill(stop as NodeJS.Signals), after) : undefined;
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      pipe?.kill();
      resolve({ ...ran, code, signal });
    });
  });
}

const check = (holds: boolean, what: string, ran: Ran) => {
  if (!holds) throw new Broken(`${what}; exit ${ran.code ?? ran.signal}\n${ran.stderr.slice(0, 1500)}\n--- ${ran.stdout.slice(0, 300)}`);
};

function checkWords(run: Run, ran: Ran): void {
  const { stderr, code, signal } = ran;
  // A signal may come before anybody hears it: then it ends the process, which had begun nothing.
  if (signal !== null && (run.way === "signal" || run.command === "bus")) return;
  check(code !== null && endings.includes(code), "an exit code that is not documented", ran);
  check(!/\n {4}at |E_INTERNAL|should not have happened|node:internal/.test(stderr), "a stack", ran);
  const stopped = code! > 128;
  const answered = code === exit.ok || stopped || (run.command === "doctor" && ran.stdout !== "");
  const told = run.command === "validate" ? stderr + ran.stdout : stderr;
  const name = [...told.matchAll(/\[(E_[A-Z_0-9]+)\]|"(E_[A-Z_0-9]+)"/g)].map(([, screen, json]) => screen ?? json!).at(-1);
  const listed = run.command === "validate" && code === exit.badData && /bad row|"bad"/.test(ran.stdout);
  if (answered || listed || (run.command === "validate" && run.way === "gone")) return;
  check(name !== undefined && name in explanations, "an error without a name", ran);
  if (run.command === "validate") return;
  check(exit[explanations[name!]!.exit] === code, `${name} ends with another code`, ran);
  check(/\n {2}\S/.test(stderr), "an error without a hint", ran);
  const own = new Set(run.args.flatMap((arg) => /^--([^=]*)/.exec(arg)?.[1] ?? []));
  const unknown = [...stderr.matchAll(/(?<![\w-])--([a-z][a-z0-9-]*)/g)]
    .map((m) => m[1]!)
    .filter((flag) => !known.has(flag) && !own.has(flag));
  check(unknown.length === 0, `a flag that does not exist: ${unknown}`, ran);
}

function checkAnswer(run: Run, { stdout }: Ran, ran: Ran): void {
  if (
    !run.args.includes("--json") ||
    run.way === "full" ||
    run.way === "gone" ||
    run.way === "small" ||
    stdout === "" ||
    run.command === "explain" ||
    run.args.includes("--help")
  )
    return;
  const pieces = run.command === "bus" ? stdout.trimEnd().split("\n") : [stdout];
  for (const piece of pieces)
    try {
      JSON.parse(piece);
    } catch {
      check(false, "--json, and no JSON on stdout", ran);
    }
}

function checkFiles(run: Run, ran: Ran, folder: string): void {
  const found = readdirSync(folder).filter((name) => name !== "mine.csv" && name !== fifo);
  const kept = ran.stderr.includes("holds");
  const parts = found.filter((name) => name.endsWith(".part") && !(kept && ran.stderr.includes(name)));
  check(parts.length === 0 || ran.signal !== null, `left behind: ${parts}`, ran);
  // The answer alone may fail after the files are whole.
  const lost = /stdout: /.test(ran.stderr) || run.way === "gone" || run.command === "bus";
  const whole = found.filter((name) => !name.endsWith(".part"));
  check(ran.code === exit.ok || whole.length === 0 || lost, `written by a run that failed: ${whole}`, ran);
  const mine = readFileSync(join(folder, "mine.csv"), "utf8");
  check(
    mine === "mine" || (run.args.includes("--force") && ran.code === exit.ok) || (lost && run.args.includes("--force")),
    "an existing file is another",
    ran,
  );
}

const make: MakeAttack = (seed) => {
  const base = mkdtempSync(join(tmpdir(), "tickforge-screen-"));
  writeFiles(join(base, "files"));
  return {
    total: 1_000_000,
    attempt(index) {
      const random = seeded(1000 * seed + 7 * index + 1);
      for (let i = 0; i < 5; i++) random();
      const run = runOf(random);
      const [stop, after] = [pick(["SIGINT", "SIGTERM", "SIGHUP"], random), 300 + 900 * random()];
      return {
        what: `${run.way}: tickforge ${run.args.map((arg) => JSON.stringify(arg.slice(0, 60))).join(" ")}`,
        async run() {
          const folder = join(base, String(index));
          mkdirSync(folder);
          writeFileSync(join(folder, "mine.csv"), "mine");
          const ran = await execute(run, folder, stop, after);
          checkWords(run, ran);
          checkAnswer(run, ran, ran);
          checkFiles(run, ran, folder);
          rmSync(folder, { recursive: true });
        },
      };
    },
    close: () => rmSync(base, { recursive: true, force: true }),
  };
};
export default make;
