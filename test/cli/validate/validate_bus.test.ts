/** tickforge validate bus as a user runs it; and with faults planted, which it must find and name. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type BusValidation, faultsOf, scoreOf } from "../../../src/analysis/bus_validation.js";
import type { Bus, Columns, Publisher, Topic } from "../../../src/bus/bus.js";
import { redisServer, whyNoRedis } from "../../bus/kit/redis_server.js";
import { built, requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

const folder = temporaryFolder();
const validate = (...args: string[]) => tickforge(["validate", "bus", ...args], { cwd: folder });
const left = () => (existsSync("/dev/shm") ? readdirSync("/dev/shm").filter((name) => name.startsWith("tickforge-validate-")) : []);
const checksOf = (found: BusValidation) => found.topologies.flatMap(({ topology, checks }) => checks.map((of) => ({ topology, ...of })));

beforeAll(requireBuilt);

describe("validate bus", () => {
  it("on rings: every topology delivers and survives a kill, engines answer, and the score has its formula", async () => {
    const { code, stdout } = await validate("--quick", "--report", "bus.html", "--out", "bus.json");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^buses of single, dual, triple, quick {3}/);
    for (const bus of ["single +rings +main", "dual +rings +market", "dual +rings +engine", "triple +rings +compute"])
      expect(stdout).toMatch(new RegExp(`^${bus} +ok +ok +ok +[\\d,]+ of [\\d,]+ `, "m"));
    for (const pair of ["risk to collateral", "factor to portfolio", "toxicity to risk"])
      expect(stdout.match(new RegExp(`^${pair} +\\w+ +rings +100 +[\\d.]+ ms +[\\d.]+ ms$`, "gm"))).toHaveLength(3);
    expect(stdout).toMatch(/^skipped: legacy: it is a list on Redis: --redis starts a server for it$/m);
    expect(stdout).toMatch(/^score [\d.]+ of 100 {3}publish 20\.0\/20 {2}subscribe 20\.0\/20 {2}failover 20\.0\/20 {2}latency /m);
    expect(stdout).toMatch(/^ {2}score = 20 publish \+ 20 subscribe/m);
    expect(stdout).toMatch(/\nwrote bus\.html, bus\.json\n$/);
    const saved = JSON.parse(readFileSync(join(folder, "bus.json"), "utf8"));
    expect(saved).toMatchObject({ schema: 1, command: "validate bus", ok: true, faults: [], quick: true });
    const found = saved as BusValidation & { score: number };
    expect(scoreOf(found).score).toBeCloseTo(found.score, 9);
    expect(checksOf(found).map(({ rows }) => rows.got - rows.expected)).toEqual(checksOf(found).map(() => 0));
    expect(checksOf(found).filter(({ check }) => check === "failover")).toHaveLength(6);
    const page = readFileSync(join(folder, "bus.html"), "utf8");
    expect(page).toContain("every check passed");
    expect(page).not.toMatch(/<script(?! type="application\/json")|https?:\/\//);
    expect(left()).toEqual([]);
  });

  it("takes topologies by name, prints one JSON object, and says what it does not understand", async () => {
    const { code, stdout } = await validate("single", "--quick", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout).topologies.map(({ topology }: { topology: string }) => topology)).toEqual(["single"]);
    const wrong: [string[], RegExp][] = [
      [["tripel"], /no topology is called 'tripel'[\s\S]*did you mean triple\?/],
      [["--json", "out.json"], /'out\.json' is no topology[\s\S]*--out FILE\.json/],
      [["legacy"], /legacy is a list on Redis, and there is no --redis/],
      [["--most", "3"], /--most is no flag of validate bus/],
      [["--out", "bus.csv"], /the ending says the format, expected \.json/],
    ];
    for (const [args, says] of wrong) {
      const ran = await validate(...args);
      expect([ran.code, ran.stdout], args.join(" ")).toEqual([2, ""]);
      expect(ran.stderr).toMatch(says);
    }
    expect(await tickforge(["validate", "trades.csv", "--quick"], { cwd: folder })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--quick is a flag of validate bus/),
    });
  });

  it("Ctrl-C ends it and everything that it started", async () => {
    const { code, stdout, stderr } = await tickforge(["validate", "bus"], {
      cwd: folder,
      meanwhile: (child) => {
        const look = setInterval(() => {
          if (left().length === 0) return;
          clearInterval(look);
          setTimeout(() => child.kill("SIGINT"), 300);
        }, 20);
      },
    });
    expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: "", stderr: "tickforge: stopped. Nothing was written.\n" });
    expect(left()).toEqual([]);
  });

  it("where no server is installed says so, how to install one, and validates the rest", async () => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    symlinkSync(process.execPath, join(bin, "node"));
    const { code, stdout } = await tickforge(["validate", "bus", "single", "legacy", "--redis", "--quick"], {
      cwd: folder,
      env: { PATH: bin },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^skipped: Redis: neither redis-server nor valkey-server is installed: apt-get install redis-server /m);
    expect(stdout).toMatch(/^single +rings +main +ok +ok +ok /m);
  });
});

describe.skipIf(!redisServer)(redisServer ? "validate bus on servers" : `skipped: ${whyNoRedis}`, () => {
  it("starts them, kills one of each bus, and compares with a list of before", async () => {
    const { code, stdout } = await validate("dual", "legacy", "--redis", "--quick", "--json");
    const found = JSON.parse(stdout) as BusValidation & { ok: boolean };
    expect([found.topologies.map(({ topology, transport }) => `${topology} ${transport}`), faultsOf(found)]).toEqual([
      ["dual rings", "dual redis", "legacy list"],
      [],
    ]);
    expect(code).toBe(0);
    const redis = checksOf(found).filter((of) =>
      found.topologies[1]!.checks.some(({ done }) => done === of.done && of.topology === "dual"),
    );
    expect(redis.filter(({ check }) => check === "failover").map(({ rows }) => rows.got)).toContain(2000);
    expect(found.topologies[2]!.checks.map(({ check }) => check)).toEqual(["publish", "subscribe", "failover"]);
    expect(found.topologies[2]!.compared).toBe(true);
  });

  it("a server that refuses what is published fails its checks by name, with exit code 3", async () => {
    const bin = join(folder, "small");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "redis-server"),
      `#!/bin/sh\nPATH="$REAL_PATH"; exec ${redisServer} "$@" --maxmemory 1mb --maxmemory-policy noeviction\n`,
    );
    chmodSync(join(bin, "redis-server"), 0o755);
    const PATH = `${bin}:${process.env.PATH}`;
    const { code, stdout } = await tickforge(["validate", "bus", "single", "--redis", "--quick"], {
      cwd: folder,
      env: { PATH, REAL_PATH: process.env.PATH! },
    });
    expect(code).toBe(3);
    expect(stdout).toMatch(/^single +rings +main +ok +ok +ok /m);
    expect(stdout).toMatch(/^failed: single: publish on main: /m);
    expect(Number(/^score ([\d.]+)/m.exec(stdout)![1])).toBeLessThan(85);
  });
});

/** The bus, but for what `spoil` does to the publishers of topics of this name. */
const spoiled =
  (name: RegExp, spoil: (publisher: Publisher) => Partial<Publisher>) =>
  (bus: Bus): Bus =>
    new Proxy(bus, {
      get: (of, key) => {
        if (key !== "publisher") return typeof (of as never)[key] === "function" ? (of as any)[key].bind(of) : (of as any)[key];
        return (topic: Topic<Columns>) => {
          const publisher = of.publisher(topic);
          if (!name.test(topic.name)) return publisher;
          const other = spoil(publisher) as Record<PropertyKey, unknown>;
          return new Proxy(publisher, {
            get: (one, property) =>
              other[property] ?? (typeof (one as any)[property] === "function" ? (one as any)[property].bind(one) : (one as any)[property]),
          });
        };
      },
    });

const once = (at: number, act: (columns: any) => number, otherwise: (columns: any) => number) => {
  let count = 0;
  return (columns: any) => (++count === at ? act(columns) : otherwise(columns));
};
const publishTwice = (publisher: Publisher) => (columns: any) => publisher.publish(columns) && publisher.publish(columns);

it("planted faults lower the score, each part by its own, and are named with their place", async () => {
  const faults: [RegExp, (publisher: Publisher) => Partial<Publisher>][] = [
    // A batch that is swallowed, one that comes twice, values that are changed on the way.
    [
      /^risk_alert$/,
      (publisher) => ({
        publish: once(
          2,
          ({ time }) => time.length,
          (columns) => publisher.publish(columns),
        ),
      }),
    ],
    [/^vpin_calculation$/, (publisher) => ({ publish: once(2, publishTwice(publisher), (columns) => publisher.publish(columns)) })],
    [
      /^price_update$/,
      (publisher) => ({
        publish: (columns) => publisher.publish({ ...columns, price: (columns.price as Float64Array).map((price) => price + 1) }),
      }),
    ],
    // A router's bus that loses its seventh batch, and requests that go nowhere.
    [
      /^analytics_result\.least_loaded$/,
      (publisher) => {
        let count = 0;
        return { commit: (rows, timeNs) => (++count === 7 ? publisher.abort() : publisher.commit(rows, timeNs)) };
      },
    ],
    [/^trades\.validation$/, () => ({ publish: () => 4 })],
  ];
  const [{ install }, { runValidation }] = [
    await built<typeof import("../../../src/backends/index.js")>("backends/index.js"),
    await built<typeof import("../../../src/cli/validate_bus/validate_run.js")>("cli/validate_bus/validate_run.js"),
  ];
  install();
  const through = (bus: Bus) => faults.reduce((of, [name, spoil]) => spoiled(name, spoil)(of), bus);
  const found = await runValidation({ topologies: ["single"], redis: false, quick: true, through });
  expect(faultsOf(found)).toEqual([
    "single: publish on main: of 30,000 rows 250 lost, 250 twice",
    "single: subscribe on main: of 30,000 rows 250 lost, 250 twice, 1,000 with other values",
    "single: toxicity to risk: toxicity to risk, request 0: nothing came for 2 s",
    expect.stringMatching(/^balance: least_loaded: of 80 rows \d+ lost$/),
  ]);
  const { parts, score } = scoreOf(found);
  expect(parts).toMatchObject({ publish: 0, subscribe: 0, failover: 1, balance: 0 });
  expect(parts.latency).toBeLessThanOrEqual(2 / 3);
  expect(score).toBeLessThan(20 + (25 * 2) / 3 + 0.01);
  expect(left()).toEqual([]);
});

describe("the score", () => {
  const check = (name: "publish" | "subscribe" | "failover", fault = "") => ({
    ...{
      check: name,
      bus: "main",
      rows: { expected: 1, got: 1, duplicates: 0, disordered: 0, wrong: 0 },
      rowsPerSecond: 1,
      silenceMs: 1,
      done: "",
      fault,
    },
  });
  const topology = (fault = "", compared = false, p99 = 20_000) => ({
    ...{ topology: "single", transport: "rings" as const, compared },
    checks: [check("publish"), check("subscribe"), check("failover", fault)],
    pairs: [{ pair: "a to b", requests: 1, p50: 1, p99, fault: "" }],
  });
  const even = [{ strategy: "least_loaded", batches: 1, shares: {}, variation: 0.2, fault: "" }];

  it("is that of the formula, by hand", () => {
    // 20 + 20 + 20 * 1/2 + 25 * 10 ms / 20 ms + 15 * 0.8
    expect(scoreOf({ topologies: [topology(), topology("lost")], balance: even }).score).toBeCloseTo(20 + 20 + 10 + 12.5 + 12, 12);
    // Without a router: of 85.
    expect(scoreOf({ topologies: [topology()], balance: [] }).score).toBeCloseTo((100 * 72.5) / 85, 12);
    expect(scoreOf({ topologies: [topology("", false, 5)], balance: [{ ...even[0]!, variation: 0 }] }).score).toBe(100);
    expect(scoreOf({ topologies: [], balance: [] }).score).toBeNaN();
  });
  it("leaves out what is only compared", () => {
    const found = { topologies: [topology(), topology("lost", true)], balance: even };
    expect(scoreOf(found).parts.failover).toBe(1);
    expect(faultsOf(found)).toEqual([]);
  });
});
