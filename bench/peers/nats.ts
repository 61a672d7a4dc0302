/**
 * The same records through NATS (core, one server, the local machine): two processes; every number and checksum is verified. The
 * server drops what a reader does not fetch in time, so the reader tells how far it is and the writer waits for it. Skipped where
 * nats-server or its client is not installed.
 */
import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath, pathToFileURL } from "node:url";
import { median, percentiles, print } from "../bus/row.js";
import { checkOf, counts, RECORD_BYTES, verify } from "../bus/stream.js";

interface Job {
  batch: number;
  echo: boolean;
  port: number;
}
const values = RECORD_BYTES / 8;
/** Bytes written and not read, at most, and messages between two words of the reader's. */
const AHEAD_BYTES = 4 << 20;
const aheadOf = (batch: number) => Math.min(8192, Math.floor(AHEAD_BYTES / (batch * RECORD_BYTES)));
const saysAfter = (batch: number) => aheadOf(batch) >> 3;

async function connected(port: number) {
  const { connect } = await import("@nats-io/transport-node");
  return connect({ servers: `127.0.0.1:${port}`, waitOnFirstConnect: true, reconnectTimeWait: 20 });
}

async function child({ batch, echo, port }: Job): Promise<void> {
  const connection = await connected(port);
  if (echo) {
    connection.subscribe("ask", { callback: (_, message) => void message.respond(message.data) });
    await connection.flush();
    process.send!("ready");
    return;
  }
  let [sent, read] = [0, 0];
  connection.subscribe("place", { callback: (_, message) => void (read = Number(message.string())) });
  for (;;) {
    for (; sent - read < aheadOf(batch); sent++) {
      const message = new Float64Array(batch * values);
      for (let i = 0; i < batch; i++) {
        message[values * i] = sent * batch + i;
        message[values * i + values - 1] = checkOf(sent * batch + i);
      }
      connection.publish("flow", new Uint8Array(message.buffer));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

type Connection = Awaited<ReturnType<typeof connected>>;
async function beside<T>(job: Omit<Job, "port">, run: (connection: Connection, start: () => ChildProcess) => Promise<T>): Promise<T> {
  const port = await freePort();
  const server = spawn("nats-server", ["-a", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  let other: ChildProcess | undefined;
  const connection = await connected(port);
  try {
    return await run(connection, () => {
      other = fork(fileURLToPath(import.meta.url), [JSON.stringify({ ...job, port } satisfies Job)]);
      return other;
    });
  } finally {
    other?.kill("SIGKILL");
    await connection.close();
    server.kill("SIGKILL");
  }
}

const throughput = (batch: number, ms: number, total: ReturnType<typeof counts>) =>
  beside({ batch, echo: false }, async (connection, start) => {
    const subscription = connection.subscribe("flow");
    await connection.flush();
    start();
    const seen = counts();
    const copy = new Float64Array(batch * values);
    const bytes = new Uint8Array(copy.buffer);
    let [began, from, messages] = [0, 0, 0];
    for await (const { data } of subscription) {
      bytes.set(data);
      verify(seen, copy, copy, batch, values, values - 1);
      if (++messages % saysAfter(batch) === 0) connection.publish("place", String(messages));
      const now = performance.now();
      if (began === 0 && messages >= Math.max(500, 8 * aheadOf(batch))) [began, from] = [now, seen.records];
      if (began > 0 && now - began > ms) break;
    }
    for (const key of Object.keys(seen) as (keyof typeof seen)[]) total[key] += seen[key];
    return (seen.records - from) / ((performance.now() - began) / 1000);
  });

const roundTrips = (trips: number) =>
  beside({ batch: 1, echo: true }, async (connection, start) => {
    const other = start();
    await new Promise((resolve) => other.once("message", resolve));
    const took = new Float64Array(trips);
    const message = new Uint8Array(RECORD_BYTES);
    for (let i = -Math.ceil(trips / 10); i < trips; i++) {
      const began = performance.now();
      await connection.request("ask", message, { timeout: 5000 });
      if (i >= 0) took[i] = (performance.now() - began) * 1000;
    }
    return took.sort();
  });

async function missing(): Promise<string | undefined> {
  try {
    execFileSync("nats-server", ["--version"], { stdio: "ignore" });
  } catch {
    return "nats-server";
  }
  return import("@nats-io/transport-node").then(
    () => undefined,
    () => "@nats-io/transport-node",
  );
}

export async function natsRows(seconds: number, runs: number, memcpy: number): Promise<void> {
  const absent = await missing();
  if (absent) {
    process.stderr.write(`${absent} is not installed: the rows of NATS are left out\n`);
    return;
  }
  const trip = percentiles(await roundTrips(2000));
  for (const batch of [1, 256, 1000]) {
    const total = counts();
    const rates: number[] = [];
    for (let run = 0; run < runs; run++) rates.push(await throughput(batch, seconds * 1000, total));
    const rate = median(rates);
    const has = { recordsPerSecondMedian: Math.round(rate), memcpyFraction: memcpy > 0 ? rate / memcpy : null };
    print("nats core, tcp", batch, { ...has, ...(batch === 1 && trip) }, total);
  }
}

if (process.send && import.meta.url === pathToFileURL(process.argv[1]!).href) {
  process.on("disconnect", () => process.exit(1));
  await child(JSON.parse(process.argv[2]!) as Job);
}
