/** Servers of the benchmarks, each on a unix socket of its own and gone in the end. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RedisBus } from "../../src/bus/redis/redis_bus.js";

/** Says so where it is not. */
export function installed(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    process.stderr.write("redis-server is not installed: its rows are left out\n");
    return false;
  }
}

export interface Server {
  readonly url: string;
  readonly process: ChildProcess;
  stop(): void;
}
export async function server(): Promise<Server> {
  const folder = fs.mkdtempSync(join(tmpdir(), "tickforge-bench-"));
  const url = join(folder, "socket");
  const child = spawn("redis-server", ["--port", "0", "--unixsocket", url, "--save", "", "--dir", folder], { stdio: "ignore" });
  const stop = () => {
    child.kill("SIGKILL");
    fs.rmSync(folder, { recursive: true, force: true });
  };
  const bus = new RedisBus({ url });
  try {
    await bus.answers(10_000);
  } catch (cause) {
    stop();
    throw cause;
  } finally {
    await bus.close();
  }
  return { url, process: child, stop };
}
