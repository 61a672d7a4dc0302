/** Ctrl-C, SIGTERM and readers that go away. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { binance, builtFile, mainFile, requireBuilt, tape, temporaryFolder, tickforge } from "../support/cli.js";

const folder = temporaryFolder();
const text = binance(tape(20_000, 2));
writeFileSync(join(folder, "trades.csv"), text);
const out = (name: string) => join(folder, name);

/** A pipe that gives its rows and then stays open: a run that is in the middle whenever the signal comes. */
function openPipe(args: readonly string[]) {
  const child = spawn(process.execPath, [mainFile, "replay", "-", "--bucket-volume", "20", ...args], { cwd: folder });
  const ran = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => void (ran.stdout += data));
  child.stderr.on("data", (data) => void (ran.stderr += data));
  child.stdin.on("error", () => {});
  child.stdin.write(text);
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, ...ran })),
  );
  return { child, ended };
}

/** Until the recording on its way has frames: trades have gone through the kernels. */
async function underWay(part: string): Promise<void> {
  while (!existsSync(part) || readFileSync(part).length < 100_000) await new Promise((resolve) => setTimeout(resolve, 20));
}

beforeAll(requireBuilt);

describe("a run that is stopped", () => {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)
    it(`${signal}: keeps what there is under names that say so, and exits with ${code}`, async () => {
      const name = signal.toLowerCase();
      const { child, ended } = openPipe(["--out", `${name}.csv`, "--record", `${name}.tfr`, "--report", `${name}.html`]);
      await underWay(out(`${name}.tfr.part`));
      child.kill(signal);
      const ran = await ended;
      expect(ran.code).toBe(code);
      expect(ran.stdout).toBe("");
      expect(ran.stderr).toMatch(
        /^tickforge: stopped after [\d,]+ trades\. .*\.csv\.part holds the \d+ buckets up to there; .*\.tfr\.part holds those [\d,]+ trades\.\n$/,
      );
      for (const ending of ["csv", "tfr", "html", "html.part"]) expect(existsSync(out(`${name}.${ending}`)), ending).toBe(false);
      const trades = Number(/stopped after ([\d,]+)/.exec(ran.stderr)![1]!.replaceAll(",", ""));
      const buckets =
        readFileSync(out(`${name}.csv.part`), "utf8")
          .trimEnd()
          .split("\n").length - 1;
      const again = await tickforge(["replay", `${name}.tfr.part`, "--bucket-volume", "20", "--json"], { cwd: folder });
      expect(JSON.parse(again.stdout)).toMatchObject({ trades, buckets });
    });

  it("a command without an order of its own takes its line away and says that it stopped", async () => {
    const fifo = join(folder, "prices.fifo");
    execFileSync("mkfifo", [fifo]);
    for (const [args, signal] of [
      [["risk", fifo, "--periods-per-year", "252"], "SIGINT"],
      [["factors", fifo, "--factors", "size"], "SIGHUP"],
      [["validate", fifo], "SIGTERM"],
    ] as const) {
      const writer = spawn("/bin/sh", ["-c", 'exec 3> "$0"; echo open; echo date,a >&3; sleep 100', fifo]);
      const opened = new Promise((resolve) => writer.stdout.once("data", resolve));
      const run = tickforge([...args], {
        meanwhile: async (child) => {
          await opened;
          // Its line is begun half a second after the reading.
          setTimeout(() => child.kill(signal), 1500);
        },
      });
      const ran = await run;
      writer.kill();
      expect(ran).toMatchObject({ code: null, signal, stdout: "", stderr: "tickforge: stopped. Nothing was written.\n" });
    }
  });

  it("a pipe that is kept to be measured leaves nothing behind", async () => {
    const kept = out("spools");
    mkdirSync(kept);
    const child = spawn(process.execPath, [mainFile, "replay", "-"], { cwd: folder, env: { ...process.env, TMPDIR: kept } });
    let stderr = "";
    child.stderr.on("data", (data) => void (stderr += data));
    child.stdin.write(text);
    const size = () => readdirSync(kept, { recursive: true, encoding: "utf8" }).reduce((sum, at) => sum + statSync(join(kept, at)).size, 0);
    while (size() < text.length) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    await new Promise((resolve) => child.on("close", resolve));
    expect(stderr).toBe("tickforge: stopped. Nothing was written.\n");
    expect(readdirSync(kept)).toEqual([]);
  });

  it("a part that was begun is removed, and told", async () => {
    const script = `
      const { PartFile, complete } = await import(${JSON.stringify(builtFile("cli/kit/files.js"))});
      for (const name of ["whole", "half"]) new PartFile(name).write("x");
      complete("whole");
      setInterval(() => {}, 1000);
      process.kill(process.pid, "SIGHUP");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { cwd: folder });
    let stderr = "";
    child.stderr.on("data", (data) => void (stderr += data));
    const signal = await new Promise((resolve) => child.on("close", (_, by) => resolve(by)));
    expect({ signal, stderr }).toEqual({ signal: "SIGHUP", stderr: "tickforge: stopped. half.part was removed: it was not complete.\n" });
    expect(["whole", "half", "half.part"].map((name) => existsSync(out(name)))).toEqual([true, false, false]);
  });

  it("a second Ctrl-C ends it at once", async () => {
    const { child, ended } = openPipe(["--record", "twice.tfr"]);
    await underWay(out("twice.tfr.part"));
    child.kill("SIGINT");
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
    expect(existsSync(out("twice.tfr"))).toBe(false);
  });
});

describe("a reader that goes away", () => {
  for (const args of [["replay", "trades.csv"], ["replay", "trades.csv", "--json"], ["explain"], ["--help"]])
    it(`${args.join(" ")} | head -1: no complaint`, async () => {
      const script = `"$@" | head -1; echo "status \${PIPESTATUS[0]}"`;
      const { stdout, stderr } = await tickforge(args, { cwd: folder, through: ["/bin/bash", "-c", script, "bash"] });
      expect(stdout).toMatch(/^.+\nstatus 0\n$/);
      expect(stderr).toBe("");
    });

  it("that never read at all is no failure either", async () => {
    const script = `"$@" | true; echo "status \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await tickforge(["replay", "trades.csv"], { cwd: folder, through: ["/bin/bash", "-c", script, "bash"] });
    expect({ stdout, stderr }).toEqual({ stdout: "status 0\n", stderr: "" });
  });
});
