/** tickforge validate bus as a user runs it; and with faults planted, which it must find and name. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { adviceOf } from "../../../src/analysis/bus_advice.js";
import { faultsOf, scoreOf } from "../../../src/analysis/bus_score.js";
import type { BusValidation } from "../../../src/analysis/bus_validation.js";
import type { Batch, Bus, Columns, Publisher, Topic } from "../../../src/bus/bus.js";
import { messageTypes } from "../../../src/bus/routing/message_types.js";
import { type RoutedBatch, RouterSubscription } from "../../../src/bus/routing/router_subscription.js";
import type { Reading } from "../../../src/cli/validate_bus/validate_order.js";
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
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/^buses of single, dual, triple, quick {3}/);
    for (const bus of ["single +rings +main", "dual +rings +market", "dual +rings +engine", "triple +rings +compute"])
      expect(stdout).toMatch(new RegExp(`^${bus} +ok +ok +ok +[\\d,]+ of [\\d,]+ `, "m"));
    for (const pair of ["risk to collateral", "factor to portfolio", "toxicity to risk"])
      expect(stdout.match(new RegExp(`^${pair} +\\w+ +rings +99 +[\\d.]+ ms +[\\d.]+ ms +[\\d.]+, [\\d.]+ ms$`, "gm"))).toHaveLength(3);
    expect(stdout).toMatch(/^skipped: legacy: it is a list on Redis: --redis starts a server for it$/m);
    for (const how of ["killed", "stopped"]) expect(stdout).toMatch(new RegExp(`^publisher ${how} +rings +3 .* 0$`, "m"));
    expect(stdout.match(/^a bare trip +\w+ +rings +\d+ +[\d.]+ ms +[\d.]+ ms$/gm)).toHaveLength(3);
    expect(stdout).toMatch(/^slow and fast bus +600 +[1-9]\d+ +[1-9]\d* +0 +0$/m);
    expect(stdout).toMatch(/^(nothing to recommend: |change: )/m);
    expect(stdout).toMatch(/^score [\d.]+ of 100 {3}publish 15\.0\/15 {2}subscribe 15\.0\/15 {2}failover 15\.0\/15 {2}silence /m);
    expect(stdout).toMatch(/^ {2}score = 15 publish \+ 15 subscribe/m);
    expect(stdout).toMatch(/\nwrote bus\.html, bus\.json\n$/);
    const saved = JSON.parse(readFileSync(join(folder, "bus.json"), "utf8"));
    expect(saved).toMatchObject({ schema: 1, command: "validate bus", ok: true, faults: [], quick: true });
    const found = saved as BusValidation & { score: number };
    expect(scoreOf(found).score).toBeCloseTo(found.score, 9);
    expect(checksOf(found).map(({ rows }) => rows.got - rows.expected)).toEqual(checksOf(found).map(() => 0));
    expect(checksOf(found).filter(({ check }) => check === "failover")).toHaveLength(6);
    expect(found.silences.map(({ how, failovers, rows }) => [how, failovers, rows.expected - rows.got])).toEqual([
      ["killed", 3, 0],
      ["stopped", 3, 0],
    ]);
    // Whoever stands still is missed after what the standby waits, and not before.
    expect(found.silences[1]!.medianMs).toBeGreaterThan(found.silences[1]!.waitsMs);
    expect(saved.advice).toEqual(adviceOf(found));
    expect(saved.goals.latency).toHaveLength(3);
    const page = readFileSync(join(folder, "bus.html"), "utf8");
    expect(page).toContain("every check passed");
    expect(page).not.toMatch(/<script(?! type="application\/json")|https?:\/\//);
    expect(left()).toEqual([]);
  });

  it("says what it does not understand", async () => {
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

  it("where no server is installed says so, and how to install one", async () => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    symlinkSync(process.execPath, join(bin, "node"));
    const { code, stdout } = await tickforge(["validate", "bus", "legacy", "--redis", "--quick"], {
      cwd: folder,
      env: { PATH: bin },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^skipped: Redis: neither redis-server nor valkey-server is installed: apt-get install redis-server /m);
    expect(stdout).toMatch(/^skipped: legacy: it is a list on Redis$/m);
    expect(stdout).toMatch(/^no score: nothing was checked that counts$/m);
    expect(stdout).not.toContain("recommend");
  });
});

describe.skipIf(!redisServer)(redisServer ? "validate bus on servers" : `skipped: ${whyNoRedis}`, () => {
  it("starts them, kills one of each bus, and compares with a list of before", async () => {
    const { code, stdout } = await validate("single", "legacy", "--redis", "--quick", "--json");
    const found = JSON.parse(stdout) as BusValidation & { ok: boolean };
    expect([found.topologies.map(({ topology, transport }) => `${topology} ${transport}`), faultsOf(found)]).toEqual([
      ["single rings", "single redis", "legacy list"],
      [],
    ]);
    expect(code).toBe(0);
    const redis = checksOf(found).filter((of) =>
      found.topologies[1]!.checks.some(({ done }) => done === of.done && of.topology === "single"),
    );
    expect(redis.filter(({ check }) => check === "failover").map(({ rows }) => rows.got)).toContain(2000);
    expect(found.topologies[2]!.checks.map(({ check }) => check)).toEqual(["publish", "subscribe", "failover"]);
    expect(found.topologies[2]!.compared).toBe(true);
    expect(found.silences.map(({ transport, who, how, rows }) => [`${transport}: ${who} ${how}`, rows.expected - rows.got])).toEqual(
      ["rings: publisher", "redis: publisher", "redis: server"].flatMap((of) => [
        [`${of} killed`, 0],
        [`${of} stopped`, 0],
      ]),
    );
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
    expect(stdout).toMatch(/^skipped: silence of a failover on Redis: /m);
    expect(stdout).toMatch(/^ {2}Raise maxmemory of the Redis server/m);
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
  const all = (1000 * Object.keys(messageTypes).length).toLocaleString("en-US");
  const through = (bus: Bus) => faults.reduce((of, [name, spoil]) => spoiled(name, spoil)(of), bus);
  const found = await runValidation({ topologies: ["single"], redis: false, quick: true, through, reading: unordered });
  expect(faultsOf(found)).toEqual([
    `single: publish on main: of ${all} rows 250 lost, 250 twice`,
    `single: subscribe on main: of ${all} rows 250 lost, 250 twice, 1,000 with other values`,
    "single: toxicity to risk: toxicity to risk, request 0: nothing came for 2 s",
    expect.stringMatching(/^order: keys between a slow bus and a fast one: of 2,400 rows [\d,]+ out of order$/),
    expect.stringMatching(/^balance: least_loaded: of 80 rows \d+ lost$/),
  ]);
  const { parts, score } = scoreOf(found);
  expect(parts).toMatchObject({ publish: 0, subscribe: 0, failover: 1, order: 0, balance: 0 });
  expect(parts.latency).toBeLessThanOrEqual(2 / 3);
  expect(score).toBeLessThan(15 + 15 + (20 * 2) / 3 + 0.01);
  expect(left()).toEqual([]);
});

/** A subscriber that hands over what comes as it comes: batches of a key that overtook others stay ahead of them. */
const unordered: Reading = (buses, topic) => {
  const take = (bus: string, batch: Batch<any>, give: (batch: RoutedBatch) => void) => {
    const { columns, rows } = batch;
    give({ key: columns.route_key[0], columns, rows, count: columns.route_count[0], bus, lost: 0 });
  };
  return Object.assign(new RouterSubscription(buses, topic) as object, { take }) as unknown as RouterSubscription;
};

describe("keys that move between a slow bus and a fast one", () => {
  const ends: (() => unknown)[] = [];
  const run = async (reading: Reading, slowAsFast = false) => {
    const { orderOf } = await built<typeof import("../../../src/cli/validate_bus/validate_order.js")>("cli/validate_bus/validate_order.js");
    const places = Object.fromEntries(["slow", "fast"].map((name) => [name, { folder: mkdtempSync(join(folder, name)) }]));
    const options = { ends, through: (bus: Bus) => bus, step: () => {}, reading, ...(slowAsFast && { lateness: 1 }) };
    return orderOf(places, 240, options);
  };
  const inOrder: Reading = (buses, topic) => new RouterSubscription(buses, topic, 5000);

  it("overtake each other, and only the rule of order hands them over in order", async () => {
    const [kept, off] = [await run(inOrder), await run(unordered)];
    expect([kept.fault, kept.rows]).toEqual(["", { expected: 960, got: 960, duplicates: 0, disordered: 0, wrong: 0 }]);
    expect(kept.overtook).toBeGreaterThan(10);
    expect(off.rows).toMatchObject({ got: 960, duplicates: 0, wrong: 0 });
    expect(off.rows.disordered).toBeGreaterThan(4 * 10);
    expect(off.fault).toMatch(/^of 960 rows \d+ out of order$/);
  });
  it("a run in which nothing could overtake fails: it would stay green whatever the order", async () => {
    expect((await run(inOrder, true)).fault).toMatch(/^no batch overtook another/);
  });
});
