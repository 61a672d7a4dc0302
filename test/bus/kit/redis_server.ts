/** Servers of the tests: Debian's redis-server, on a unix socket or port of its own, gone in the end. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const redisServer = ["redis-server", "valkey-server"].find((name) => {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});
export const whyNoRedis = "redis-server is not installed";

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface Server {
  readonly folder: string;
  readonly socket: string;
  process: ChildProcess;
  readonly args: readonly string[];
  cli(...words: string[]): string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** On a unix socket alone, unless `args` give it a port. */
export async function startRedis(args: readonly string[] = []): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "tickforge-redis-"));
  const socket = join(folder, "s");
  const password = args[args.indexOf("--requirepass") + 1];
  const cli = (...words: string[]) =>
    execFileSync("redis-cli", ["-s", socket, ...(args.includes("--requirepass") ? ["--no-auth-warning", "-a", password!] : []), ...words], {
      encoding: "utf8",
    }).trim();
  const server: Server = {
    ...{ folder, socket, args, cli },
    process: undefined as unknown as ChildProcess,
    async start() {
      const given = [
        "--unixsocket",
        socket,
        "--dir",
        folder,
        "--save",
        "",
        "--daemonize",
        "no",
        "--repl-diskless-sync-delay",
        "0",
        ...(args.includes("--port") || args.includes("--tls-port") ? [] : ["--port", "0"]),
      ];
      server.process = spawn(redisServer!, [...given, ...args], { stdio: "ignore" });
      for (let i = 0; i < 500; i++) {
        try {
          if (existsSync(socket) && /PONG|LOADING/.test(cli("ping"))) return;
        } catch {}
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`${redisServer} did not start: ${args.join(" ")}`);
    },
    async stop() {
      if (server.process.exitCode === null && server.process.signalCode === null) {
        const gone = new Promise((resolve) => server.process.once("exit", resolve));
        server.process.kill("SIGKILL");
        await gone;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** Certificates that openssl makes: an authority and a server named localhost. */
export function certificates(folder: string): { ca: string; cert: string; key: string } {
  const at = (name: string) => join(folder, name);
  const openssl = (...words: string[]) => execFileSync("openssl", words, { stdio: "ignore" });
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=tests",
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.crt"),
  );
  openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", at("server.key"), "-out", at("server.csr"));
  writeFileSync(at("ext"), "subjectAltName=DNS:localhost\n");
  openssl(
    "x509",
    "-req",
    "-in",
    at("server.csr"),
    "-CA",
    at("ca.crt"),
    "-CAkey",
    at("ca.key"),
    "-CAcreateserial",
    "-days",
    "2",
    "-extfile",
    at("ext"),
    "-out",
    at("server.crt"),
  );
  return { ca: at("ca.crt"), cert: at("server.crt"), key: at("server.key") };
}
