/** Buses as programs had them before: a list on Redis, one message at a time, as JSON. For comparison. */
import { type BusCheck, faultOf, type Rows } from "../../analysis/bus_validation.js";
import { RedisBus } from "../../bus/redis/redis_bus.js";
import { type StartedServer, startServer } from "../bus/bus_servers.js";
import type { Delivery } from "./validate_delivery.js";
import { start } from "./validate_places.js";
import { checkedTopic, rowsOf } from "./validate_rows.js";

const topic = checkedTopic("market_data");
const messageOf = (row: number): string =>
  JSON.stringify(Object.fromEntries(Object.entries(rowsOf(topic, row, 1)).map(([name, [value]]) => [name, Number(value)])));

/** `again`: the server is killed half-way and started anew, as it is configured by default without saving. */
export async function legacyChecks(folder: string, rows: number, { ends, step }: Pick<Delivery, "ends" | "step">): Promise<BusCheck[]> {
  const server = await startServer(folder, "legacy", false);
  ends.push(() => server.stop());
  const quiet = await run(server, rows, undefined, ends, step);
  await server.stop();
  const first = await startServer(folder, "legacy", false);
  ends.push(() => first.stop());
  const again = async () => {
    first.process.kill("SIGKILL");
    const next = await startServer(folder, "legacy", false);
    ends.push(() => next.stop());
  };
  const killed = await run(first, rows, again, ends, step);
  const check = (name: BusCheck["check"], of: Ran, got: Rows, done: string): BusCheck => {
    const silenceMs = name === "failover" ? of.silence : Number.NaN;
    return { check: name, bus: "list", rows: got, rowsPerSecond: rows / of.seconds, silenceMs, done, fault: faultOf(got) };
  };
  const sent = { expected: rows, got: quiet.sent, duplicates: 0, disordered: 0, wrong: 0 };
  return [
    check("publish", quiet, sent, "RPUSH, a message at a time"),
    check("subscribe", quiet, quiet.rows, "BLPOP in another process"),
    check("failover", killed, killed.rows, "the server killed and started again"),
  ];
}

interface Ran {
  readonly rows: Rows;
  readonly sent: number;
  readonly silence: number;
  readonly seconds: number;
}
async function run(
  server: StartedServer,
  rows: number,
  kill: (() => Promise<void>) | undefined,
  ends: Delivery["ends"],
  step: Delivery["step"],
): Promise<Ran> {
  const helper = await start({ role: "pop", url: server.url, rows }, ends);
  const bus = new RedisBus({ url: server.url });
  ends.push(() => bus.close());
  await bus.answers(5000);
  const started = performance.now();
  let sent = 0;
  let restart: Promise<void> | undefined;
  for (let row = 0; row <= rows; row++) {
    if (kill && row === Math.floor(rows / 2)) restart = kill();
    // Whoever gets no answer sends again: it cannot know whether the message was taken.
    for (const until = performance.now() + 5000; performance.now() < until; await new Promise((resolve) => setTimeout(resolve, 5)))
      if (
        await bus.command("RPUSH", "legacy", row === rows ? JSON.stringify({ time: rows }) : messageOf(row)).then(
          () => true,
          () => false,
        )
      ) {
        if (row < rows) sent++;
        break;
      }
    step(1);
  }
  const seconds = (performance.now() - started) / 1000;
  await restart;
  const { rows: got, silence } = await helper.said<{ rows: Rows; silence: number }>("the count of the list's reader");
  await bus.close();
  return { rows: got, sent, silence, seconds };
}
