/** What a venue said, line by line: recordings of its messages, and tapes of any length made here. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { DataError } from "../../core/contract/errors.js";
import { Random } from "../../market/random.js";
import type { Dialect } from "./dialect.js";

export interface TapeLine {
  /** Ms since 1970. */
  readonly ms: number;
  readonly text: string;
}
export type Tape = AsyncIterable<TapeLine> | Iterable<TapeLine>;

/** `<epoch seconds>: <message>`, `<epoch ns> <message>`; of answers over REST `URL -> <epoch seconds>: <body>`. */
const recorded = /^(?:(https?:\S+) -> )?(\d+(?:\.\d+)?)(:?) ([[{].*)$/;

/** Messages of a recording, gzipped or plain; answers over REST are handed to `rest`. */
export async function* recordedTape(path: string, rest?: (url: URL, body: string) => void): AsyncGenerator<TapeLine> {
  const file = createReadStream(path);
  const missing = new Promise<never>((_, reject) => {
    file.once("error", (cause) =>
      reject(new DataError("E_FILE_MISSING", `${path}: cannot be read: ${cause.message}`, { file: path, cause, hint: "check the path" })),
    );
  });
  const ready = new Promise<void>((resolve) => file.once("open", () => resolve()));
  await Promise.race([ready, missing]);
  missing.catch(() => {});
  const bytes = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  let [line, found] = [0, 0];
  for await (const text of createInterface({ input: bytes, crlfDelay: Infinity })) {
    line++;
    const [, url, time, colon, message] = recorded.exec(text) ?? [];
    if (time === undefined) continue;
    found++;
    if (url !== undefined) rest?.(new URL(url), message!);
    else yield { ms: colon === ":" ? Number(time) * 1000 : Number(time) / 1e6, text: message! };
  }
  if (found > 0) return;
  throw new DataError("E_VENUE_TAPE", `${path}: none of its ${line} lines is a message of a venue with the time of its receipt`, {
    ...{ file: path, hint: 'a line is "<epoch seconds>: {message}" or "<epoch ns> {message}"' },
  });
}

export interface SimulatedOptions {
  readonly dialect: Dialect;
  readonly symbols: readonly string[];
  readonly trades: number;
  readonly seed?: number;
  readonly tradesPerSecond?: number;
  readonly firstId?: number;
  readonly startMs?: number;
}

/** Trades of random walks: as many as are asked for, the same for the same seed. */
export function* simulatedTape(options: SimulatedOptions): Generator<TapeLine> {
  const { dialect, symbols, trades, seed = 1, tradesPerSecond = 1000, firstId = 1_000_000, startMs = 1_770_000_000_000 } = options;
  const random = Random.fromSeed(seed);
  const state = symbols.map(() => ({ id: firstId, ticks: 1_000_000 }));
  let ms = startMs;
  for (let i = 0; i < trades; i++) {
    ms += (1000 / tradesPerSecond) * random.exponential();
    const which = random.uint32() % symbols.length;
    const of = state[which]!;
    of.ticks = Math.max(1, of.ticks + (random.uint32() % 5) - 2);
    const at = Math.floor(ms);
    const price = (of.ticks / 100).toFixed(8);
    const size = ((1 + (random.uint32() % 100_000)) / 1e5).toFixed(8);
    const trade = { id: of.id++, price, size, ms: at, buyerIsMaker: random.uint32() % 2 === 0 };
    yield { ms, text: dialect.form(symbols[which]!, trade) };
  }
}
