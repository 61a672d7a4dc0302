/** One system on two hosts, here two supervisors with folders of their own, and a Redis between them. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { redisServer, type Server, startRedis, whyNoRedis } from "../../bus/kit/redis_server.js";
import { requireBuilt } from "../../support/cli.js";
import { hashes, type Started, sickFolder, start, until } from "../supervisor/sick.js";

const folder = sickFolder();
afterAll(() => folder.remove());
beforeAll(requireBuilt);

const care = { limit: 1000, backoffMs: 1, lagSeconds: 1 };
const rows = 4_800;
const pair = (pause: number, place: object) => ({
  counter: { module: "counter", options: { rows, each: 64, pause }, care },
  well: { module: "sick", care, ...place },
});
let count = 0;

describe.skipIf(!redisServer)(`a system on two hosts${redisServer ? "" : ` (${whyNoRedis})`}`, () => {
  let server: Server;
  let alone: Record<string, string>;
  const running: Started[] = [];
  beforeAll(async () => {
    server = await startRedis(["--appendonly", "yes", "--appendfsync", "no"]);
    const { supervisor } = await start(folder.file(pair(0, {})));
    await supervisor.ended;
    alone = hashes(supervisor.status());
  });
  afterAll(async () => {
    for (const { supervisor } of running) supervisor.kill();
    await server.stop();
  });

  const system = (pause = 0, redis = server.socket, name = `s${++count}`) => {
    const file = folder.file(pair(pause, { place: { host: "B" } }), { name, host: "A", redis });
    return async (host: "A" | "B", more: { fresh?: boolean } = {}) => {
      const one = await start(file, { ...more, host, folder: join(folder.folder, `${name}.${host}`) });
      running.push(one);
      return one;
    };
  };
  const rowsOf = ({ supervisor }: Started, topic = "ticks") => supervisor.status().topics.find(({ name }) => name === topic)!.rows;
  const same = (a: Started, b: Started) => {
    expect(hashes(a.supervisor.status()).ticks).toBe(alone.ticks);
    expect(hashes(b.supervisor.status())).toEqual(alone);
    expect(b.engine("in.ticks")).toMatchObject({ state: "ended", given: rows, lost: 0 });
  };
  const crash = async ({ process }: Server) => {
    process.kill("SIGKILL");
    await new Promise((resolve) => process.once("exit", resolve));
  };

  it("gives the same rows and results as on one, and leaves nothing behind", async () => {
    const on = system();
    const [b, a] = [await on("B"), await on("A")];
    await Promise.all([a.supervisor.ended, b.supervisor.ended]);
    same(a, b);
    expect(server.cli("--scan")).toBe("");
  });

  it("loses nothing and gives nothing twice when bridges, supervisors and Redis are killed", async () => {
    const on = system(1);
    let [a, b] = [await on("A"), await on("B")];
    const past = async (share: number) =>
      until(() => rowsOf(b) > share * rows, `${share} of the rows: ${JSON.stringify(b.engine("in.ticks"))}`);
    await past(0.1);
    a.supervisor.killEngine("out.ticks");
    await past(0.2);
    b.supervisor.killEngine("in.ticks");
    await past(0.3);
    a.supervisor.kill();
    a = await on("A");
    await past(0.5);
    b.supervisor.kill();
    b = await on("B");
    await past(0.7);
    await crash(server);
    await until(() => a.engine("out.ticks").why !== undefined, "what A says of Redis");
    expect(a.engine("out.ticks").why).toContain(`Redis at ${server.socket} does not take it`);
    await server.start();
    await Promise.all([a.supervisor.ended, b.supervisor.ended]);
    same(a, b);
    expect(a.said("out.ticks")).toContain("is held up no longer");
  });

  it("goes on where it was when it is taken down on both and started again", async () => {
    const on = system(1);
    const [a, b] = [await on("A"), await on("B")];
    await until(() => rowsOf(b) > rows / 4, "a part");
    await Promise.all([a.supervisor.stop(), b.supervisor.stop()]);
    const [a2, b2] = [await on("A"), await on("B")];
    await Promise.all([a2.supervisor.ended, b2.supervisor.ended]);
    same(a2, b2);
  });

  it("waits for a host that is not started, and says which", async () => {
    const on = system();
    const a = await on("A");
    await until(() => a.engine("out.ticks").why !== undefined, "the host that is missing");
    expect(a.engine("out.ticks")).toMatchObject({
      state: "running",
      restarts: 0,
      why: "host 'B' has read nothing of it yet: start it there with tickforge up --host B",
    });
    expect(a.engine("out.ticks").lag).toBeGreaterThan(0);
    const b = await on("B");
    await Promise.all([a.supervisor.ended, b.supervisor.ended]);
    same(a, b);
  });

  it("says what was lost with a Redis that forgot it", async () => {
    const forgetful = await startRedis();
    try {
      const on = system(0, forgetful.socket);
      const a = await on("A");
      await until(() => rowsOf(a) >= 32 * 64, "full rings");
      await crash(forgetful);
      await forgetful.start();
      const b = await on("B");
      await Promise.all([a.supervisor.ended, b.supervisor.ended]);
      const { given, lost } = b.engine("in.ticks");
      expect(given + lost).toBe(rows);
      if (lost > 0)
        expect(b.said("in.ticks")).toContainEqual(expect.stringMatching(/^rows \d+ to \d+ of topic ticks from host 'A' are lost/));
    } finally {
      await forgetful.stop();
    }
  });

  it("begun anew on the host that gives is not continued on the other", async () => {
    const on = system(1);
    const [a, b] = [await on("A"), await on("B")];
    await until(() => rowsOf(b) > rows / 8, "a part");
    await Promise.all([a.supervisor.stop(), b.supervisor.stop()]);
    await on("A", { fresh: true });
    const late = await on("B");
    await until(() => late.engine("in.ticks").why?.includes("anew") === true, "the refusal");
    expect(late.engine("in.ticks").why).toContain("host 'A' has begun system 's");
    late.supervisor.kill();
    const anew = await on("B", { fresh: true });
    await anew.supervisor.ended;
    expect(hashes(anew.supervisor.status())).toEqual(alone);
  });

  it("is refused where Redis is not there, or has its topics with other columns", async () => {
    await expect(system(0, "redis://:secret@127.0.0.1:1")("A")).rejects.toMatchObject({
      code: "E_SYSTEM_REDIS",
      message: expect.stringMatching(/^system 's\d+': Redis at redis:\/\/127.0.0.1:1, .* host 'A', cannot be used: .*ECONNREFUSED/),
    });
    server.cli("hset", "{tickforge.system.other.ticks}:ticks:facts", "topic", `{"rows":64,"columns":[["time","i64",1]]}`);
    await expect(system(0, server.socket, "other")("A")).rejects.toMatchObject({
      code: "E_SYSTEM_REDIS",
      message: expect.stringContaining("on Redis it has 64 rows a slot of time i64"),
      hint: expect.stringContaining("another system of the name 'other'"),
    });
  });
});
