/** tickforge venue: a server until Ctrl-C. */

import type { Dialect } from "../../feeds/venue_server/dialect.js";
import { dialectOf, dialects } from "../../feeds/venue_server/dialects.js";
import type { ChaosOptions } from "../../feeds/venue_server/faults.js";
import { History } from "../../feeds/venue_server/history.js";
import { recordedTape, simulatedTape, type Tape } from "../../feeds/venue_server/tape.js";
import { VenueServer } from "../../feeds/venue_server/venue_server.js";
import type { Values } from "../kit/args.js";
import type { Given } from "../kit/command.js";
import { UsageError } from "../kit/exit.js";
import { count } from "../kit/format.js";
import { interruptible } from "../kit/interrupt.js";

export async function venue({ values, words, terminal }: Given): Promise<number> {
  if (words.length > 0) throw new UsageError(`venue takes no '${words[0]}'`, "tickforge venue --replay FILE");
  const { speed = 1, port = 0, life } = values as { speed?: number; port?: number; life?: bigint };
  if (!(speed >= 0)) throw new UsageError(`--speed is ${speed}, expected 0 or more`, "0 is as fast as clients read");
  if (port > 65_535) throw new UsageError(`--port is ${port}, expected at most 65535`);
  const { dialect, tape, history } = await tapeOf(values);
  const server = new VenueServer({
    ...{ dialect, tape, history, speed, port, chaos: chaosOf(values) },
    ...(life !== undefined && { lifeMs: Number(life) / 1e6 }),
  });
  const stop = new AbortController();
  const interrupt = interruptible(
    () => stop.abort(),
    () => {},
  );
  try {
    const at = await server.listen();
    terminal.answer(`${dialect.name} at ws://127.0.0.1:${at} and http://127.0.0.1:${at}\n`);
    terminal.note("tickforge: begins with the first subscription\n");
    const stopped = new Promise<"stopped">((resolve) => stop.signal.addEventListener("abort", () => resolve("stopped")));
    const ended = await Promise.race([server.play(), stopped]);
    if (ended !== "stopped") {
      terminal.note("tickforge: all is said; Ctrl-C ends it\n");
      await stopped;
    }
    terminal.answer(`${summary(server)}\n`);
    return interrupt.code;
  } finally {
    interrupt.end();
    await server.close();
  }
}

function summary({ said, connectionsAt, requestsAt, faults }: VenueServer): string {
  const done = [...faults].map(([fault, times]) => `${fault} ${count(times)}`).join(", ");
  const asked = `${count(connectionsAt.length)} connections, ${count(requestsAt.length)} requests`;
  return `${count(said)} messages, ${asked}${done && `; faults: ${done}`}`;
}

function chaosOf({ chaos, share }: Values): ChaosOptions | undefined {
  if (chaos === undefined) {
    if (share !== undefined) throw new UsageError("--share needs --chaos", "tickforge venue --replay FILE --chaos 1 --share 0.05");
    return undefined;
  }
  const messages = (share as number | undefined) ?? 0.02;
  if (!(messages >= 0 && messages <= 1)) throw new UsageError(`--share is ${messages}, expected a number from 0 to 1`);
  return { seed: chaos as number, messages, connections: messages / 40, answers: Math.min(0.5, 5 * messages) };
}

async function tapeOf(values: Given["values"]): Promise<{ dialect: Dialect; tape: Tape; history: History }> {
  const {
    replay,
    rest,
    simulate,
    as,
    trades = 100_000,
  } = values as Record<"replay" | "rest" | "simulate" | "as", string | undefined> & {
    trades?: number;
  };
  if ((replay === undefined) === (simulate === undefined))
    throw new UsageError(`venue needs --replay or --simulate${replay === undefined ? "" : ", not both"}`, "tickforge venue --replay FILE");
  const history = new History();
  if (simulate !== undefined) {
    const dialect = as === undefined ? dialects[0]! : dialects.find(({ name }) => name === as)!;
    const symbols = simulate.split(",").filter(Boolean);
    if (symbols.length === 0) throw new UsageError("--simulate names no symbol", "--simulate BTCUSDT,ETHUSDT");
    return { dialect, history, tape: simulatedTape({ dialect, symbols, trades, seed: (values.chaos as number | undefined) ?? 1 }) };
  }
  const dialect = as === undefined ? await dialectOf(replay!) : dialects.find(({ name }) => name === as)!;
  if (rest !== undefined) for await (const _ of recordedTape(rest, (url, body) => dialect.learn(url, body, history)));
  return { dialect, history, tape: recordedTape(replay!) };
}
