/** What a right system file becomes. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createRing } from "../../../src/bus/ring/ring.js";
import { explain, planObject } from "../../../src/system/plan/explain.js";
import type { Plan } from "../../../src/system/plan/plan.js";
import { type Given, readSystem } from "../../../src/system/plan/read_system.js";
import { own, system, systemFolder, toxicity } from "./files.js";

let made: ReturnType<typeof systemFolder>;
beforeAll(() => {
  made = systemFolder();
});
afterAll(() => made.remove());
const plan = (text: string, more: Given = {}): Promise<Plan> => readSystem({ file: made.write(text), cores: 8, ...more });
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
/** Without the orders in which engines take their inputs. */
const topicsOf = ({ topics }: Plan) => names(topics.map(({ topic }) => topic)).filter((name) => !name.startsWith("order."));
const shares = ({ runners }: Plan) => runners.map(({ engines }) => engines.join(" "));

describe("wires", () => {
  it("join what engines declare, and what the file says otherwise; comments and trailing commas are allowed", async () => {
    const text = system(
      [
        `${toxicity(`"options": { "bucketVolume": { "A": 5, "BTC.X": 6 } }, "gives": { "toxicity": { "topic": "vpin", "rows": 32, "slots": 8, "backpressure": "evict" } }`)} /* first */ // not second\n`,
        own("reader", `"takes": { "trades": "vpin_trades" }, "gives": { "seen": false }`),
        own("feed", `"gives": { "trades": "vpin_trades" }`, "second"),
        own("feed", "", "first"),
      ],
      `/* a system */ "name": "mine", "instruments": ["A", "BTC.X",],`,
    );
    const read = await plan(`\ufeff${text}`);
    expect(read).toMatchObject({
      name: "mine",
      file: join(made.folder, "system.json"),
      instruments: ["A", "BTC.X"],
      topology: "single",
      host: "main",
      bridges: [],
    });
    expect(names(read.engines)).toEqual(["first", "toxicity", "second", "reader"]);
    const [, tox, , reader] = read.engines;
    expect(tox!.takes).toEqual([{ port: "trades", topic: "trades" }]);
    expect(tox!.gives).toEqual([{ port: "toxicity", topic: "vpin" }]);
    expect(tox!.options).toMatchObject({ bucketVolume: new Float64Array([5, 6]), window: 50, classify: "given", minHistory: undefined });
    expect(tox).toMatchObject({ engine: "toxicity", spin: 0, hashed: true });
    expect(tox!.care).toEqual({
      limit: 5,
      withinSeconds: 60,
      backoffMs: 100,
      mostBackoffMs: 10_000,
      onTrouble: "restart",
      memoryMB: 1024,
      rate: 1e9,
      lagSeconds: 10,
    });
    expect(tox!.stateBytes).toBeGreaterThan(1000);
    expect(tox).not.toHaveProperty("module");
    expect(reader).toMatchObject({
      module: join(made.folder, "engines/reader.mjs"),
      takes: [{ port: "trades", topic: "vpin_trades" }],
    });
    expect(reader!.gives.filter(({ port }) => port !== "order")).toEqual([]);
    const vpin = read.topics.find(({ topic }) => topic.name === "vpin")!;
    expect(vpin).toMatchObject({
      giver: "toxicity",
      takers: [],
      bus: "main",
      topic: { rows: 32, slots: 8, backpressure: "evict", symbols: ["A", "BTC.X"] },
    });
    expect(read.topics.find(({ topic }) => topic.name === "trades")!.takers).toEqual([{ engine: "toxicity", port: "trades" }]);
    expect(topicsOf(read)).toEqual(["vpin", "vpin_trades", "trades"]);
  });

  it("of a port that takes many are all topics of others that no port of its own takes", async () => {
    const read = await plan(system([own("all"), own("feed"), own("other"), own("crowd", `"takes": { "any": "other_trades" }`)]));
    expect(read.engines.find(({ name }) => name === "all")!.takes).toEqual([
      { port: "trades", topic: "trades" },
      { port: "other_trades", topic: "other_trades" },
    ]);
    expect(read.engines.find(({ name }) => name === "crowd")!.takes).toEqual([{ port: "other_trades", topic: "other_trades" }]);
    expect(read.engines.find(({ name }) => name === "other")!.hashed).toBe(false);
  });

  it("of an engine with several inputs have an order, which is a topic too; one input needs none", async () => {
    const orders = async (...engines: string[]) =>
      names((await plan(system([own("feed"), ...engines]))).topics.map(({ topic }) => topic)).filter((name) => name.startsWith("order."));
    expect(await orders(own("reader"))).toEqual([]);
    expect(await orders(own("reader"), own("feed", `"gives": { "trades": "extra" }`, "more"))).toEqual(["order.reader"]);
    expect(await orders(own("crowd"))).toEqual([]);
    expect(await orders(own("crowd"), own("other"))).toEqual(["order.crowd"]);
    expect(await orders(own("crowd"), own("all"), own("other"))).toEqual(["order.crowd", "order.all"]);
  });

  it("of an optional port hold where there is such a topic, unless the file says false", async () => {
    const extra = own("feed", `"gives": { "trades": "extra" }`, "more");
    const takes = async (...engines: string[]) =>
      (await plan(system([own("feed"), ...engines]))).engines.find(({ name }) => name === "reader")!.takes.length;
    expect(await takes(own("reader"))).toBe(1);
    expect(await takes(own("reader"), extra)).toBe(2);
    expect(await takes(own("reader", `"takes": { "extra": false }`), extra)).toBe(1);
  });

  it("may form a circle: givers come before takers as far as that goes, whatever stands first", async () => {
    const circle = [own("strategy"), own("execution"), own("feed")];
    expect(names((await plan(system(circle))).engines)).toEqual(["feed", "execution", "strategy"]);
    expect(names((await plan(system(circle.toReversed()))).engines)).toEqual(["feed", "strategy", "execution"]);
  });

  it("lie on the bus that the topology has for the type of the topic", async () => {
    const text = (topology: string) =>
      system(
        [
          own("feed", `"gives": { "trades": "market_data.A" }`),
          own("other", `"gives": { "other_trades": "mine" }`),
          own("optioned", `"gives": { "optioned": "vpin_calculation" }`),
        ],
        `"instruments": ["A"], "topology": "${topology}",`,
      );
    const buses = async (topology: string) => (await plan(text(topology))).topics.map(({ bus }) => bus);
    expect(await buses("single")).toEqual(["main", "main", "main"]);
    expect(await buses("dual")).toEqual(["market", "engine", "engine"]);
    expect(await buses("triple")).toEqual(["market", "engine", "compute"]);
  });
});

describe("the default system", () => {
  it("is a system", async () => {
    const read = await readSystem({ cores: 8 });
    expect(read).toMatchObject({
      name: "default",
      instruments: ["ALPHA", "BETA", "GAMMA"],
      folder: expect.stringMatching(/tickforge[^/]*\/default$/),
    });
    expect(read.file).toBeUndefined();
    expect(names(read.engines)[0]).toBe("market_data");
    expect(read.topics.find(({ topic }) => topic.name === "trades")!.takers).toContainEqual({ engine: "toxicity", port: "trades" });
  });
});

describe("runners", () => {
  const six = ["a", "b", "c", "d", "e", "f"].map((name) => own("feed", `"gives": { "trades": "t${name}" }`, name));

  it("are one for each engine, or as many as there are cores, each of neighbors", async () => {
    expect(shares(await plan(system(six), { cores: 6 }))).toEqual(["a", "b", "c", "d", "e", "f"]);
    const few = await plan(system(six), { cores: 4 });
    expect(shares(few)).toEqual(["a", "b c", "d", "e f"]);
    expect(few.runners.map(({ name, shared }) => [name, shared])).toEqual([
      ["a", undefined],
      ["b..c", true],
      ["d", undefined],
      ["e..f", true],
    ]);
    expect(few.engines.map(({ runner }) => runner)).toEqual([0, 1, 1, 2, 3, 3]);
    expect(shares(await plan(system(six), { cores: 1 }))).toEqual(["a b c d e f"]);
  });

  it("of groups, processes and event loops stand apart", async () => {
    const text = system([
      ...six.slice(0, 3),
      own("reader", `"group": "g", "takes": { "trades": "ta" }`),
      own("feed", `"group": "g"`),
      own("reader", `"place": "process", "gives": { "seen": false }`, "p"),
      own("sockets"),
      own("sockets", "", "more_sockets"),
    ]);
    const read = await plan(text, { cores: 2 });
    expect(read.runners).toEqual([
      { name: "a..c", place: "thread", loop: "blocking", engines: ["a", "b", "c"], shared: true },
      { name: "g", place: "thread", loop: "blocking", engines: ["reader", "feed"] },
      { name: "p", place: "process", loop: "blocking", engines: ["p"] },
      { name: "sockets..more_sockets", place: "thread", loop: "events", engines: ["sockets", "more_sockets"] },
    ]);
  });
});

describe("hosts", () => {
  const top = `"instruments": ["A"], "host": "A", "redis": "redis://:secret@db:6379",`;
  const text = system(
    [own("feed"), own("reader", `"place": { "host": "B" }`), own("strategy", `"place": { "host": "C" }, "takes": { "fills": "seen" }`)],
    top,
  );

  it("have their own engines, topics that are given or taken there, and bridges for what crosses", async () => {
    const a = await plan(text);
    expect([names(a.engines), topicsOf(a), a.host]).toEqual([["feed", "out.trades"], ["trades"], "A"]);
    expect(a.bridges).toEqual([
      { topic: "trades", from: "A", to: "B" },
      { topic: "trades", from: "A", to: "C" },
    ]);
    expect(a.topics[0]!.takers).toEqual([{ engine: "out.trades", port: "trades" }]);
    expect(a.runners.at(-1)).toEqual({ name: "out.trades", place: "thread", loop: "events", engines: ["out.trades"] });
    const b = await plan(text, { host: "B" });
    expect([names(b.engines), topicsOf(b)]).toEqual([
      ["reader", "in.trades", "out.seen"],
      ["trades", "seen"],
    ]);
    expect(b.topics[0]).toMatchObject({ giver: "in.trades", takers: [{ engine: "reader", port: "trades" }] });
    expect(b.bridges).toEqual([
      { topic: "trades", from: "A", to: "B" },
      { topic: "seen", from: "B", to: "C" },
    ]);
    expect(explain(b)).toContain("bridge seen: B -> C");
    expect(explain(b)).not.toContain("secret");
  });

  it("that no engine names are refused", async () => {
    await expect(plan(text, { host: "D" })).rejects.toMatchObject({
      code: "E_SYSTEM_HOST",
      hint: expect.stringMatching(/did you mean|hosts are A, B, C/),
    });
  });
});

describe("the folder", () => {
  const { XDG_STATE_HOME: state, HOME: home } = process.env;
  afterEach(() => {
    for (const [name, value] of Object.entries({ XDG_STATE_HOME: state, HOME: home }))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  });
  const one = system([own("feed")]);
  const folder = async (more: Given = {}, text = one) => (await plan(text, more)).folder;

  it("is the caller's, the file's, or one of the user's state, and is not made", async () => {
    process.env.XDG_STATE_HOME = join(made.folder, "state");
    const own = await folder();
    expect(own).toMatch(new RegExp(`^${made.folder}/state/tickforge/system-[0-9a-f]{8}$`));
    expect(await folder()).toBe(own);
    expect((await readSystem({ file: made.write(one, "my system.json") })).folder).toMatch(/\/my_system-[0-9a-f]{8}$/);
    expect((await readSystem({ file: made.write(one, "my system.json") })).name).toBe("my_system");
    expect(await folder({}, system([own_], `"instruments": ["A"], "folder": "./here",`))).toBe(join(made.folder, "here"));
    expect(await folder({ folder: "/there/x" })).toBe("/there/x");
    expect(existsSync(join(made.folder, "state"))).toBe(false);
  });
  const own_ = own("feed");

  it("lies below HOME, or without one in the temporary folder of the user", async () => {
    process.env.XDG_STATE_HOME = "relative";
    process.env.HOME = made.folder;
    expect(homedir()).toBe(made.folder);
    expect(await folder()).toMatch(new RegExp(`^${made.folder}/.local/state/tickforge/system-`));
    process.env.HOME = "/nowhere";
    expect(await folder()).toMatch(new RegExp(`/tickforge-${process.getuid!()}/system-`));
  });
});

describe("explain", () => {
  it("tells every engine, runner and topic, and the sums", async () => {
    const read = await plan(system([own("feed"), own("other"), toxicity()]), { cores: 2, folder: "/x" });
    const text = explain(read);
    expect(text).toContain("3 engines, 3 topics, 2 runners for 2 cores, topology single");
    expect(text).toContain("thread other..toxicity, shared: fewer cores than engines");
    expect(text).toMatch(/ {2}toxicity \(toxicity\), state [\d.]+ KiB\n {4}takes trades\n {4}gives toxicity\n/);
    expect(text).toContain("topic trades on bus main: feed -> toxicity\n  64 slots of 256 rows, block, ");
    expect(text).toContain("  time i64, price f64, size f64, side i8, instrument u32\n");
    expect(text).toContain(", live\n");
    const object = JSON.parse(JSON.stringify(planObject(read)));
    expect(object).toMatchObject({ schema: 1, name: "system", folder: "/x" });
    expect(object.ringBytes).toBe(object.topics.reduce((sum: number, { ringBytes }: { ringBytes: number }) => sum + ringBytes, 0));
    expect(object.engines.at(-1)).toMatchObject({ name: "toxicity", runner: "other..toxicity", options: { bucketVolume: [5, 5] } });
  });

  it("counts the bytes that a ring takes", async () => {
    const [first] = (await plan(system([own("feed")]))).topics;
    let bytes = 0;
    createRing(first!.topic, {
      ...{ subscribers: 32, spares: 7 },
      allocate: (wanted) => {
        bytes = wanted;
        return new SharedArrayBuffer(wanted);
      },
    });
    expect(first!.ringBytes).toBe(bytes);
  });
});
