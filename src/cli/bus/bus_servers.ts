/** Redis servers that a command starts for itself: each on a unix socket in a folder of this user, none on the network. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { RedisBus } from "../../bus/redis/redis_bus.js";
import { FailedError } from "../kit/exit.js";

export interface StartedServer {
  readonly url: string;
  readonly process: ChildProcess;
  /** Settles when it has ended, its files written. */
  stop(): Promise<void>;
}

export const serverCommands = ["redis-server", "valkey-server"];

function begin(command: string, args: string[]): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "ignore", detached: true });
    child.once("spawn", () => resolve(child)).once("error", reject);
  });
}

/** `durable`: what it has taken is in its append-only file a second later at most. */
export async function startServer(folder: string, name: string, durable: boolean): Promise<StartedServer> {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  chmodSync(place, 0o700);
  const url = join(place, "redis.sock");
  const aof = durable ? ["--appendonly", "yes", "--appendfsync", "everysec"] : ["--appendonly", "no"];
  const args = ["--port", "0", "--unixsocket", url, "--unixsocketperm", "700", "--dir", place, "--save", "", "--daemonize", "no", ...aof];
  let child: ChildProcess | undefined;
  for (const command of serverCommands) child ??= await begin(command, args).catch(() => undefined);
  if (!child)
    throw new FailedError("E_BUS_REDIS_DOWN", `bus '${name}': neither ${serverCommands.join(" nor ")} is installed`, {
      hint: "apt-get install redis-server, or point --redis at a server that runs",
    });
  const ended = new Promise<void>((resolve) => child!.once("exit", () => resolve()));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  const bus = new RedisBus({ url });
  try {
    await bus.answers(10_000);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    await bus.close();
  }
  return { url, process: child, stop };
}
