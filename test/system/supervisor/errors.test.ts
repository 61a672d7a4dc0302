/** Errors in the code of an engine, wherever they are thrown: told with the engine's name, and nobody else's failure. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requireBuilt } from "../../support/cli.js";
import { hashes, sickFolder, start, until } from "./sick.js";

const folder = sickFolder();
afterAll(() => folder.remove());
beforeAll(requireBuilt);

const rows = 800;
const counter = { module: "counter", options: { rows, each: 8, pause: 1 } };
const care = { limit: 1, backoffMs: 1 };
const told = {
  import: /^engine 'import' did not begin: its module cannot be loaded: no such license$/,
  begin: /^engine 'begin' did not begin: there is no key$/,
  "begin-rejects": /^engine 'begin-rejects' did not begin: there is no key$/,
  throws: /^engine 'throws' in rows 2\d\d to 2\d\d of topic ticks: the moon is full$/,
  turn: /^engine 'turn': it is Sunday$/,
  rejects: /^engine 'rejects' threw outside of its calls: nobody caught this$/,
  later: /^engine 'later' threw outside of its calls: thrown by a timer$/,
} as const;
const sick = (how: string, more: object = {}) =>
  how === "import" ? { module: "unlicensed", care, ...more } : { module: "sick", options: { how, at: 200 }, care, ...more };

describe("an engine that throws", () => {
  it("is named with what it said, begun again, then held; others of the same thread are not disturbed", async () => {
    const engines: Record<string, object> = { counter, well: { module: "sick", group: "all" } };
    for (const how of Object.keys(told)) engines[how] = sick(how, { group: "all" });
    const { supervisor, engine, said, lines } = await start(folder.file(engines));
    await until(() => supervisor.state === "ended", "the end");
    for (const [how, pattern] of Object.entries(told)) {
      expect(engine(how), how).toMatchObject({ state: "held", restarts: 1 });
      expect(said(how).filter((message) => pattern.test(message)).length, `${how}: ${said(how)}`).toBe(2);
      expect(engine(how).why, how).toMatch(/^failed more than 1 times in 60 s, the last time: engine '/);
    }
    expect(engine("well")).toMatchObject({ state: "ended", restarts: 0, lost: 0 });
    expect(said("well")).toEqual([]);
    expect(hashes(supervisor.status())["out.well"]).toMatch(new RegExp(`^${rows} ${rows} `));
    expect(lines.find(({ engine, code }) => engine === "throws" && code === "E_ENGINE")?.hint).toContain("its last snapshot");
  });

  it("process.exit ends the thread or process that it is called in: others of it begin again, and lose nothing", async () => {
    const engines: Record<string, object> = { counter, reference: { module: "sick" } };
    for (const place of ["thread", "process"]) {
      engines[`exits_${place}`] = sick("exits", { place, group: place });
      engines[`well_${place}`] = { module: "sick", place, group: place };
    }
    const { supervisor, engine, said } = await start(folder.file(engines));
    await until(() => supervisor.state === "ended", "the end");
    const { "out.reference": reference, ...others } = hashes(supervisor.status());
    for (const place of ["thread", "process"]) {
      expect(engine(`exits_${place}`)).toMatchObject({ state: "held", restarts: 1 });
      expect(engine(`exits_${place}`).why).toContain(`its ${place} ended with code 3, as by process.exit`);
      expect(said(`well_${place}`)).toContain(`begins again with exits_${place}, in one ${place}`);
      expect(engine(`well_${place}`)).toMatchObject({ state: "ended", restarts: 0, lost: 0 });
      expect(others[`out.well_${place}`]).toBe(reference);
    }
  });

  it("once: goes on where it was, with the bits of one that did not; in close: its results are whole all the same", async () => {
    const once = join(folder.folder, "once");
    const { supervisor, engine, said, lines } = await start(
      folder.file({
        ...{ counter, reference: { module: "sick" }, close: sick("close"), rejecting: sick("close-rejects") },
        moody: { module: "sick", options: { how: "throws", at: 300, once }, care },
      }),
    );
    await until(() => supervisor.state === "ended", "the end");
    expect(existsSync(once)).toBe(true);
    expect(engine("moody")).toMatchObject({ state: "ended", restarts: 1, lost: 0, stale: [] });
    expect(said("moody").some((message) => message.startsWith("goes on where it was"))).toBe(true);
    for (const name of ["close", "rejecting"]) expect(said(name)).toContain(`engine '${name}' did not close: will not leave`);
    const found = hashes(supervisor.status());
    for (const name of ["moody", "close", "rejecting"]) expect(found[`out.${name}`], name).toBe(found["out.reference"]);
    expect(lines.at(-1)).toMatchObject({ message: expect.stringContaining("finished") });
  });

  it("in the memory of its thread: V8 ends that thread alone, and its end is told", async () => {
    const care = { limit: 0, memoryMB: 16, lagSeconds: 30 };
    const { supervisor, engine } = await start(
      folder.file({ counter, well: { module: "sick" }, greedy: { module: "sick", options: { how: "gorge" }, care } }),
    );
    await until(() => supervisor.state === "ended", "the end", 40_000);
    expect(engine("greedy")).toMatchObject({ state: "held", why: expect.stringContaining("its thread ran out of memory") });
    expect(engine("well")).toMatchObject({ state: "ended", restarts: 0 });
  });

  it("what it writes to stdout and stderr is in the log, not between the answers of the system", async () => {
    const { supervisor, said } = await start(folder.file({ counter, loud: sick("loud"), louder: sick("loud", { place: "process" }) }));
    await until(() => supervisor.state === "ended", "the end");
    for (const name of ["loud", "louder"]) expect(said(name)).toEqual(expect.arrayContaining(["to stdout", "to stderr"]));
  });
});
