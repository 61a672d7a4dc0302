/** States, rings and folders that are not as they should be: told before anything starts, and nothing is lost by telling. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requireBuilt, tickforge } from "../../support/cli.js";
import { hashes, logOf, sickFolder, start, until } from "./sick.js";

const folder = sickFolder();
afterAll(() => folder.remove());

const counter = { module: "counter", options: { rows: 400, each: 8, pause: 1 } };
const engines = (options: object = {}) => ({ counter, sum: { module: "sick", options } });
let whole: Record<string, string>;
/** A system that was ended when it had come half-way: its file, and its folder with states. */
let template: string;

beforeAll(async () => {
  requireBuilt();
  const undisturbed = await start(folder.file(engines()));
  await until(() => undisturbed.supervisor.state === "ended", "the undisturbed run");
  whole = hashes(undisturbed.supervisor.status());
  const { supervisor, engine } = await start(folder.file(engines()));
  template = supervisor.plan.folder;
  await until(() => engine("sum").given > 100, "some rows");
  supervisor.kill();
});

/** The same system in another folder, with a state of `sum` that was meddled with. */
function meddled(change: (state: string) => void, options: object = {}, more: object = {}) {
  const file = folder.file(engines(options), more);
  const own = file.replace(/\.json$/, "");
  fs.cpSync(template, own, { recursive: true });
  change(join(own, "state", "sum.state"));
  return { file, own };
}
const poke = (path: string, at: number, bytes: number[]) => {
  const file = fs.openSync(path, "r+");
  fs.writeSync(file, Uint8Array.from(bytes), 0, bytes.length, at);
  fs.closeSync(file);
};
/** Where the copies begin, as the head says. */
const copiesOf = (path: string) => {
  const state = fs.readFileSync(path);
  const first = Math.ceil((64 + state.readUInt32LE(8)) / 64) * 64;
  return [first, first + (state.length - first - 64) / 2];
};

describe("a state that cannot be gone on from is refused, and `up --fresh` begins anew", () => {
  const cases: Record<string, [change: (path: string) => void, said: RegExp, options?: object, more?: object]> = {
    "of another version": [(path) => poke(path, 4, [9]), /is of version 9, this is version 1/],
    "cut in the middle": [(path) => fs.truncateSync(path, fs.statSync(path).size / 2), /was cut: it has \d+ bytes of \d+/],
    "cut to nothing": [(path) => fs.truncateSync(path, 0), /is no state of an engine/],
    garbage: [(path) => fs.writeFileSync(path, "garbage ".repeat(1000)), /is no state of an engine/],
    "with a damaged head": [(path) => poke(path, 70, [1, 2, 3]), /its description does not fit its checksum/],
    "with both copies damaged": [
      (path) => void copiesOf(path).map((at) => poke(path, at + 80, [1, 2, 3])),
      /no copy in it fits its checksum/,
    ],
    "with other options": [() => {}, /is of another engine: options was .*"at":0.*, is .*"at":7/, { at: 7 }],
    "with other instruments": [() => {}, /is of another engine: instruments was \["A"\], is \["A","B"\]/, {}, { instruments: ["A", "B"] }],
    "which is a folder": [(path) => void [fs.rmSync(path), fs.mkdirSync(path)], /cannot be opened: EISDIR/],
  };
  for (const [name, [change, said, options, more]] of Object.entries(cases))
    it(name, async () => {
      const { file, own } = meddled(change, options, more);
      const wrong = await start(file).then(
        () => expect.unreachable("it started"),
        (error: unknown) => error as { code: string; message: string; hint: string },
      );
      expect(wrong).toMatchObject({ code: "E_STATE_FILE", message: expect.stringMatching(said) });
      expect(wrong.message).toContain(join(own, "state"));
      expect(fs.existsSync(join(own, "owner.json")), "nobody runs it").toBe(false);
    });

  it("--fresh", async () => {
    const { file } = meddled((path) => fs.writeFileSync(path, "garbage"));
    const { supervisor } = await start(file, { fresh: true });
    await until(() => supervisor.state === "ended", "the end");
    expect(hashes(supervisor.status())).toEqual(whole);
  });
});

describe("a state with one damaged copy", () => {
  for (const which of [0, 1])
    it(`goes on from the other, and says so: copy ${which}`, async () => {
      const { file } = meddled((path) => poke(path, copiesOf(path)[which]! + 80, [1, 2, 3]));
      const { supervisor, said } = await start(file);
      await until(() => supervisor.state === "ended", "the end");
      expect(said("sum")[0]).toContain("one of the two copies of its state is damaged");
    });
});

describe("a folder", () => {
  it("is one system's: of ten that begin at one moment one does, the others say who", async () => {
    const file = folder.file(engines());
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => start(file)));
    const started = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(started.length).toBe(1);
    for (const one of all)
      if (one.status === "rejected")
        expect(one.reason).toMatchObject({ code: "E_SYSTEM_RUNS", message: expect.stringContaining("runs already") });
    await until(() => started[0]!.supervisor.state === "ended", "the end");
    expect(hashes(started[0]!.supervisor.status())).toEqual(whole);
  });

  it("with what a killed system left, its pid now somebody else's, is taken over", async () => {
    const { file, own } = meddled(() => {});
    const control = join(own, "left.sock");
    fs.writeFileSync(join(own, "owner.json"), JSON.stringify({ pid: process.ppid, birth: "1", since: "then", control }));
    const { supervisor } = await start(file);
    await until(() => supervisor.state === "ended", "the end");
    expect(hashes(supervisor.status())["out.sum"]!.split(" ")[0]).toBe("400");
  });

  it("that cannot be written to is refused with a sentence", async () => {
    const file = folder.file(engines());
    fs.writeFileSync(file.replace(/\.json$/, ""), "");
    const ran = await tickforge(["up", file]);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toMatch(/cannot be made or written to: .*\n.*--folder.*\[E_SYSTEM_FOLDER\]/s);
  });

  it("whose log is moved away, and then cannot be written: it is begun anew, the system goes on, and that is told", async () => {
    const file = folder.file({ counter: { ...counter, options: { ...counter.options, rows: 1e9 } }, sum: { module: "sick" } });
    const { supervisor, engine, lines } = await start(file);
    const log = join(supervisor.plan.folder, "log.jsonl");
    fs.renameSync(log, `${log}.1`);
    supervisor.log.write("info", "first of the new");
    expect(logOf(supervisor.plan.folder).map(({ message }) => message)).toEqual(["first of the new"]);
    fs.rmSync(log);
    fs.mkdirSync(log);
    supervisor.log.write("info", "lost");
    supervisor.log.write("info", "lost too");
    expect(lines.filter(({ message }) => message.startsWith("the log cannot be written")).length).toBe(1);
    fs.rmdirSync(log);
    supervisor.log.write("info", "there again");
    expect(logOf(supervisor.plan.folder)[0]).toMatchObject({ message: "there again", unwritten: 2 });
    expect(engine("sum").state).not.toBe("held");
    await supervisor.stop();
  });
});

it("rings of a killed system with other columns are made anew", async () => {
  const file = folder.file({ counter: { ...counter, gives: { ticks: { rows: 128 } } }, sum: { module: "sick" } });
  const first = await start(file);
  await until(() => first.engine("sum").given > 50, "some rows");
  first.supervisor.kill();
  fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace('"rows":128', '"rows":64'));
  const { supervisor } = await start(file, { fresh: true });
  await until(() => supervisor.state === "ended", "the end");
  expect(hashes(supervisor.status())).toEqual(whole);
});

const mounts = process.platform === "linux" && process.getuid?.() === 0;
it.skipIf(!mounts)("a disk without room for the states is told with what it has", async () => {
  const disk = join(folder.folder, "disk");
  fs.mkdirSync(disk);
  // The log takes the last page.
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=8k", "none", disk]).status !== 0) return;
  try {
    const care = { limit: 0 };
    const file = folder.file({ counter: { ...counter, care }, sum: { module: "sick", care } }, { folder: disk });
    const { supervisor, lines } = await start(file);
    await until(() => supervisor.state === "ended", "the end");
    const line = lines.find(({ code }) => code === "E_STATE_SPACE");
    expect(line).toMatchObject({
      message: expect.stringMatching(/no room for a state of \d+ bytes/),
      hint: expect.stringContaining("bytes free"),
    });
  } finally {
    spawnSync("umount", [disk]);
  }
});
