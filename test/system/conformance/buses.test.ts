/** An engine gives the same bits wherever its topics lie: in memory, in another thread, in another process, on Redis. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { install } from "../../../src/backends/index.js";
import type { Bus } from "../../../src/bus/bus.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { RedisBus } from "../../../src/bus/redis/redis_bus.js";
import { RingBus } from "../../../src/bus/ring/ring.js";
import { SharedBus } from "../../../src/bus/shared/shared_bus.js";
import { sharedFolder } from "../../bus/kit/folder.js";
import { bundleScript } from "../../bus/kit/processes.js";
import { redisServer, type Server, startRedis, whyNoRedis } from "../../bus/kit/redis_server.js";
import { temporaryFolder } from "../../support/cli.js";
import { Feed, runBare, Sinks } from "./bare.js";
import { type Case, sound } from "./cases.js";
import { expectSame } from "./expect_same.js";
import { type Made, make, type Results } from "./made.js";
import type { Job } from "./script.js";

install();
const folder = temporaryFolder();
const shared = sharedFolder();
let runs = 0;
const own = () => join(folder, `run ${runs++}`);

let script: Awaited<ReturnType<typeof bundleScript>>;
let worker: Worker;
let child: ChildProcess;
let server: Server | undefined;
beforeAll(async () => {
  script = await bundleScript("../../system/conformance/script.ts");
  worker = new Worker(script.file, { workerData: { conformance: true } });
  child = fork(script.file, ["conformance"], { serialization: "advanced" });
  server = redisServer ? await startRedis() : undefined;
});
afterAll(async () => {
  child.kill("SIGKILL");
  await worker.terminate();
  await server?.stop();
  script.remove();
  shared.remove();
});

/** Feeds and sinks here, the engine in the thread or process that is told. */
async function elsewhere(made: Made, bus: Bus, send: (of: Worker | ChildProcess) => void, to: Worker | ChildProcess): Promise<Results> {
  const ins = made.takes.map((of) => new Feed(of, bus, () => 23));
  const out = new Sinks(made, bus);
  for (const { topic } of made.gives) (bus as RingBus).ring(topic);
  const ready = once(to, "message");
  send(to);
  expect((await ready)[0]).toBe("ready");
  let done = false;
  const ended = once(to, "message").then(([said]) => {
    expect(said).toBe("done");
    done = true;
  });
  while (!out.ended || !done) {
    let did = false;
    for (const feed of ins) did = (await feed.step()) || did;
    did = out.step() || did;
    if (!did) await new Promise(setImmediate);
  }
  await ended;
  return out.results;
}

describe.each(sound)("$title", ({ engine, one }) => {
  let whole: Results;
  let written: unknown;
  beforeAll(async () => {
    const into = own();
    whole = await runBare(make(engine, one, into), new MemoryBus());
    written = one.written?.(into);
  });
  const held = (of: Case, into: string) => expect(of.written?.(into)).toEqual(written);

  it("in a thread, over rings", async () => {
    const into = own();
    const bus = new RingBus();
    const job = (): Job => ({ engine, title: one.title, folder: into, rings: bus.memories() });
    expectSame(await elsewhere(make(engine, one, into), bus, (to) => (to as Worker).postMessage(job()), worker), whole);
    held(one, into);
    bus.close();
  });

  it("in a process, over a shared bus", async () => {
    const into = own();
    const rings = join(shared.folder, `rings${runs}`);
    const bus = new SharedBus({ folder: rings });
    const job: Job = { engine, title: one.title, folder: into, rings };
    expectSame(await elsewhere(make(engine, one, into), bus, (to) => (to as ChildProcess).send(job), child), whole);
    held(one, into);
    bus.close();
  });

  it(`over Redis${redisServer ? "" : ` (skipped: ${whyNoRedis})`}`, { skip: !redisServer }, async () => {
    const into = own();
    const bus = new RedisBus({ url: server!.socket, namespace: `run${runs}` });
    expectSame(await runBare(make(engine, one, into), bus, { batch: 50 }), whole);
    held(one, into);
    await bus.close();
  });
});
