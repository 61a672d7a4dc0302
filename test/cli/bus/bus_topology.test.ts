/** tickforge bus up --topology: rings by default, servers of its own or of others with --redis. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { RedisBus } from "../../../src/bus/redis/redis_bus.js";
import { types } from "../../../src/bus/routing/message_types.js";
import { messageTopic } from "../../../src/bus/routing/topology.js";
import { SharedBus } from "../../../src/bus/shared/shared_bus.js";
import { redisServer } from "../../bus/kit/redis_server.js";
import { mainFile, requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

const folder = temporaryFolder();
let running: ChildProcess | undefined;
beforeAll(requireBuilt);
afterEach(() => void running?.kill("SIGKILL"));

/** The rows of the table, once it holds; and its end on Ctrl-C. */
async function up(
  ...args: string[]
): Promise<{ rows: { type: string; bus: string; at: string; kind: string; varies?: string }[]; end(): Promise<number | null> }> {
  const child = spawn(process.execPath, [mainFile, "bus", "up", "--json", ...args]);
  running = child;
  let [answer, said] = ["", ""];
  child.stdout.on("data", (data) => (answer += data));
  child.stderr.on("data", (data) => (said += data));
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  while (!said.includes("holding")) {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const end = async () => {
    child.kill("SIGINT");
    return closed;
  };
  return {
    rows: answer
      .trim()
      .split("\n")
      .map((row) => JSON.parse(row)),
    end,
  };
}

describe("tickforge bus up --topology", () => {
  it("triple on rings: every type on three buses, which others open", async () => {
    const { rows, end } = await up("--topology", "triple", "--folder", join(folder, "rings"));
    expect(rows.length).toBe(types.length);
    expect(new Set(rows.map(({ bus }) => bus))).toEqual(new Set(["market", "engine", "compute"]));
    const alert = rows.find(({ type }) => type === "risk_alert")!;
    const bus = new SharedBus({ folder: alert.at });
    expect(bus.names().sort()).toContain("risk_alert");
    bus.find("risk_alert").publisher().close();
    // Options of the engine decide on its columns, so nobody holds it before.
    expect([rows.find(({ type }) => type === "margin")!.varies, bus.names().includes("margin")]).toEqual([
      "marginTopic({ accounts })",
      false,
    ]);
    bus.close();
    const other = await tickforge(["bus", "up", "--topology", "dual", "--folder", join(folder, "rings")]);
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/bus 'market' is used with topology triple, not with dual/)]);
    expect(await end()).toBe(130);
  });

  it.skipIf(!redisServer)(
    "dual on servers that it starts: rows go through them, orders lie in an append-only file, and they end with it",
    async () => {
      const { rows, end } = await up("--topology", "dual", "--redis", "start", "--folder", join(folder, "servers"));
      const { at, kind } = rows.find(({ type }) => type === "trade_execution")!;
      expect(kind).toBe("redis, started here");
      const of = messageTopic("trade_execution", { rows: 4 });
      const bus = new RedisBus({ url: at });
      const subscription = bus.subscribe(of);
      await subscription.ready;
      const publisher = bus.publisher(of);
      publisher.claim()!.columns.price[0] = 101.5;
      publisher.commit(1);
      for await (const { columns } of subscription) {
        expect(columns.price[0]).toBe(101.5);
        break;
      }
      expect(await bus.command("CONFIG", "GET", "appendonly")).toEqual(["appendonly", "yes"]);
      expect(await bus.command("CONFIG", "GET", "port")).toEqual(["port", "0"]);
      await bus.close();
      // Others' servers are used as they are.
      const market = rows.find(({ type }) => type === "market_data")!.at;
      const other = await tickforge(["bus", "up", "--topology", "dual", "--redis", `${market},/nowhere`]);
      expect([other.code, /E_BUS_REDIS_DOWN/.test(other.stderr)]).toEqual([1, true]);
      expect(await end()).toBe(130);
      const late = new RedisBus({ url: at });
      await expect(late.answers(200)).rejects.toMatchObject({ code: "E_BUS_REDIS_DOWN" });
      await late.close().catch(() => {});
    },
  );

  it("refuses what does not fit", async () => {
    expect((await tickforge(["bus", "up", "--topology", "tripel"])).stderr).toMatch(/did you mean triple/i);
    expect((await tickforge(["bus", "up", "--topology", "dual", "--redis", "a,b,c"])).code).toBe(2);
    expect((await tickforge(["bus", "up", "topics.json", "--redis", "start"])).code).toBe(2);
  });
});
