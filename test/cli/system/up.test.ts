/** tickforge up as a process: how it ends, and what is left when it is ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SystemStatus } from "../../../src/system/supervisor/status.js";
import { built, mainFile, requireBuilt, tickforge } from "../../support/cli.js";
import { hashes, logOf, sickFolder, start, until } from "../../system/supervisor/sick.js";

const folder = sickFolder();
const children = new Set<ChildProcess>();
beforeAll(requireBuilt);
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  folder.remove();
});

const endless = {
  counter: { module: "counter", options: { each: 8, pause: 1 } },
  near: { module: "sick" },
  far: { module: "sick", place: "process" },
};
const own = (file: string) => file.replace(/\.json$/, "");

function up(file: string, ...args: string[]) {
  const child = spawn(process.execPath, [mainFile, "up", file, ...args], { env: { ...process.env, NO_COLOR: "1" } });
  children.add(child);
  const ran = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => void (ran.stdout += data));
  child.stderr.on("data", (data) => void (ran.stderr += data));
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal })),
  );
  return { child, ran, ended };
}
async function statusOf(file: string): Promise<SystemStatus | undefined> {
  const { ownerOf } = await built<typeof import("../../../src/system/supervisor/home.js")>("system/supervisor/home.js");
  const { request } = await built<typeof import("../../../src/system/supervisor/control.js")>("system/supervisor/control.js");
  const owner = ownerOf(own(file));
  return owner && request<SystemStatus>(owner.control, { ask: "status" }).catch(() => undefined);
}
async function when(file: string, ready: (status: SystemStatus) => boolean): Promise<SystemStatus> {
  for (const end = performance.now() + 20_000; performance.now() < end; ) {
    const status = await statusOf(file);
    if (status && ready(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("the system did not come so far");
}
const works = ({ engines }: SystemStatus) => engines.every(({ given }) => given > 100);
const gone = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

describe("a system that runs", () => {
  const signals = [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const;
  it("ends in order at a signal, with its code: everything given was taken, and no process is left", async () => {
    await Promise.all(
      signals.map(async ([signal, code]) => {
        const file = folder.file(endless);
        const { child, ran, ended } = up(file, "--json");
        const { engines } = await when(file, works);
        child.kill(signal);
        expect(await ended, signal).toEqual({ code, signal: null });
        const last = JSON.parse(ran.stdout.trimEnd().split("\n").at(-1)!) as SystemStatus;
        expect(last.engines.map(({ state, lag }) => `${state} ${lag}`)).toEqual(["ended 0", "ended 0", "ended 0"]);
        expect(new Set(Object.values(hashes(last)).map((hash) => hash.split(" ")[0])).size).toBe(1);
        for (const { pid } of engines) expect(gone(pid)).toBe(true);
      }),
    );
  });

  it("ends at once at the second signal, with what hangs in it; at SIGKILL its processes end too, and `up` goes on with the same bits", async () => {
    const rows = 800;
    const finite = { ...endless, counter: { module: "counter", options: { rows, each: 8, pause: 1 } } };
    const undisturbed = await start(folder.file(finite));
    await until(() => undisturbed.supervisor.state === "ended", "the undisturbed run");
    const spins = (once: string) => ({
      ...finite,
      far: {
        module: "sick",
        place: "process",
        options: { how: "spin", at: 300, once: join(folder.folder, once) },
        care: { lagSeconds: 60 },
      },
    });
    const stuck = ({ engines }: SystemStatus) => engines.some(({ name, given, lag }) => name === "far" && given > 200 && lag > 100);
    const twice = async () => {
      const file = folder.file(spins("twice"));
      const { child, ended } = up(file, "--json");
      const { engines } = await when(file, stuck);
      child.kill("SIGTERM");
      await when(file, ({ state }) => state === "draining");
      child.kill("SIGTERM");
      expect(await ended).toEqual({ code: 143, signal: null });
      await until(() => gone(engines.find(({ name }) => name === "far")!.pid), "the end of its process");
    };
    const killed = async () => {
      const file = folder.file(spins("killed"));
      const { child, ended } = up(file, "--json");
      const { engines } = await when(file, stuck);
      child.kill("SIGKILL");
      expect(await ended).toEqual({ code: null, signal: "SIGKILL" });
      await until(() => gone(engines.find(({ name }) => name === "far")!.pid), "the end of its process");
      const again = up(file, "--json");
      expect(await again.ended, again.ran.stderr).toEqual({ code: 0, signal: null });
      const last = JSON.parse(again.ran.stdout.trimEnd().split("\n").at(-1)!) as SystemStatus;
      expect(hashes(last)).toEqual(hashes(undisturbed.supervisor.status()));
    };
    await Promise.all([twice(), killed()]);
  });

  it("goes on when nobody reads what it shows, says so in its log, and is ended by `down`, both with 0", async () => {
    const file = folder.file(endless);
    const { child, ended } = up(file);
    child.stdout!.destroy();
    await when(file, works);
    await until(
      () => logOf(own(file)).some(({ message }) => message.startsWith("stdout: its reader went away; the system goes on")),
      "the line",
    );
    expect((await statusOf(file))?.state).toBe("running");
    const down = await tickforge(["down", file, "--folder", own(file)]);
    expect(down).toMatchObject({ code: 0, stdout: expect.stringMatching(/has ended after .* its states are in/) });
    expect(await ended).toEqual({ code: 0, signal: null });
    const none = await tickforge(["down", file, "--folder", own(file)]);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain("[E_SYSTEM_NONE]");
  });

  it("ends with 1 where an engine is held, which status, log and stderr name", async () => {
    const care = { limit: 0 };
    const { child, ran, ended } = up(
      folder.file({ counter: { module: "counter", options: { rows: 100 } }, bad: { module: "sick", options: { how: "throws" }, care } }),
    );
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(child.pid).toBeGreaterThan(0);
    expect(ran.stderr).toMatch(/error bad: engine 'bad' in rows 0 to 63 of topic ticks: the moon is full {3}\[E_ENGINE\]/);
    expect(ran.stderr).toMatch(/error bad: is held: .*\[E_ENGINE_HELD\]\n {2}mend what it says/);
  });
});
