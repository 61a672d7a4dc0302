/** Whoever is killed at any moment goes on from its last snapshot, with the bits of a system that nobody disturbed. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { requireBuilt } from "../../support/cli.js";
import { hashes, membersOf, sickFolder, start, until } from "./sick.js";

const deep = process.env.TICKFORGE_DEEP !== undefined;
const folder = sickFolder();
afterAll(() => folder.remove());
beforeAll(requireBuilt);

/** xorshift32: the same seed, the same kills, as far as the machine goes with it. */
function randomOf(seed: number) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const seconds = deep ? 30_000 : 1000;
const wanted = deep ? 1000 : 15;
/** One kill in so many is of the whole system, which is then started again. */
const ofAll = 7;
const SLOW_MS = 40_000;
/** Rows of all topics between two kills. */
const mostRows = 2000;

const care = { limit: 1_000_000, backoffMs: 0 };
const instruments = ["A", "B"];
const features = { place: "process", care };
const alone = {
  market_data: { options: { speed: 0, seconds, tradesPerSecond: 40 }, place: "process", care },
  toxicity: { options: { bucketVolume: 50 }, care },
  risk: { group: "money", care },
  sum: { module: "sick", takes: { ticks: "ticks" }, group: "money", care },
  counter: { module: "counter", options: { rows: 20 * seconds }, care },
};
/** Which of several inputs comes first is chance, so its order is recorded and followed by the one that it is held against. */
const killed = { ...alone, features, recorder: { options: { folder: "./recordings" }, care } };
const replayed = {
  market_data: { options: { source: "recording", folder: "./recordings", speed: 0 }, gives: { features: "recorded" } },
  features,
};

const phase = (from: number, to: number) => `${((to - from) / 1000).toFixed(1)} s`;

const logText = ({ log }: { log: { path: string } }) => readFileSync(log.path, "utf8");

async function whole(engines: Record<string, object>): Promise<Record<string, string>> {
  const began = performance.now();
  const { supervisor } = await start(folder.file(engines, { instruments }));
  await until(() => supervisor.state === "ended", "the undisturbed run", 600_000);
  if (!deep && performance.now() - began > SLOW_MS / 2) console.log(`undisturbed ${phase(began, performance.now())}`, logText(supervisor));
  return hashes(supervisor.status());
}

it(`${wanted} kills of threads, processes and the whole system leave every topic as it is without them`, async () => {
  const began = performance.now();
  const expected = await whole(alone);
  const seed = Number(process.env.TICKFORGE_SEED ?? 1);
  const random = randomOf(seed);
  const path = folder.file(killed, { instruments });
  let { supervisor } = await start(path, { fresh: true });
  const killing = performance.now();
  const kills = { thread: 0, process: 0, system: 0 };
  const count = () => kills.thread + kills.process + kills.system;
  const given = () => supervisor.status().topics.reduce((sum, { rows }) => sum + rows, 0);
  while (count() < wanted) {
    // Where nothing has moved since the last kill there is nothing to be put right.
    const more = given() + random() * mostRows;
    await until(() => supervisor.state === "ended" || given() > more, "some rows");
    if (supervisor.state === "ended") break;
    if (random() * ofAll < 1) {
      supervisor.kill();
      kills.system++;
      ({ supervisor } = await start(path));
      continue;
    }
    const members = [...membersOf(supervisor).values()];
    const member = members[Math.floor(random() * members.length)];
    if (!member) continue;
    if (member.pid === process.pid) kills.thread++;
    else kills.process++;
    member.kill();
  }
  await until(() => supervisor.state === "ended", "the end", 600_000);
  const done = performance.now();
  if (deep) console.log(`seed ${seed}: ${JSON.stringify(kills)} in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  const status = supervisor.status();
  for (const { name, state, lost } of status.engines) expect({ name, state, lost }).toEqual({ name, state: "ended", lost: 0 });
  const { features: found, ...others } = hashes(status);
  expect(others).toMatchObject(expected);
  expect(found).toBe((await whole(replayed)).features);
  // Two seconds a kill are much, so a run that took longer shows what it waited for.
  if (!deep && performance.now() - began > SLOW_MS)
    console.log(
      `undisturbed ${phase(began, killing)}, killed ${phase(killing, done)}, replayed ${phase(done, performance.now())}`,
      logText(supervisor),
    );
  expect(count(), "the run was over too soon: let it last longer").toBeGreaterThanOrEqual(wanted);
}, 3_600_000);
