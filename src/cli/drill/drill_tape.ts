/** What is played in a drill: recordings as they are, files of trades as a recording that is made of them, or the simulated market. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Frames, layoutOf } from "../../bus/frame.js";
import { RecordingReader } from "../../bus/recording/recording.js";
import { RecordingWriter } from "../../bus/recording/recording_writer.js";
import { Dictionary } from "../../bus/symbols.js";
import { checksum } from "../../engines/checksum.js";
import { tradesTopic } from "../../engines/trades.js";
import { mergeTrades } from "../../files/read/merge_trades.js";
import type { TradeSink } from "../../files/trades/intake.js";
import type { TradeArrays } from "../../market/trade_columns.js";
import { FailedError, UsageError } from "../kit/exit.js";

export interface DrillTape {
  /** In words: "3 recordings of day/, 1,234 trades of BTC in 3 h". */
  readonly says: string;
  /** Of the engine of market data. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly instruments: readonly string[];
  /** Trades in a second of the market, all instruments together. */
  readonly tradesPerSecond: number;
  /** Seconds of the market; Infinity where it does not end. */
  readonly seconds: number;
  /** Of a bucket, by instrument. */
  readonly bucketVolume: Readonly<Record<string, number>> | number;
}

const playable = ["trades", "quotes", "prices"];
const tradesABucket = 100;

/** `folder` is where a recording can be made. */
export async function tapeOf(word: string | undefined, folder: string): Promise<DrillTape> {
  if (word === undefined) return simulated;
  if (!existsSync(word))
    throw new FailedError("E_FILE_MISSING", `${word}: there is no such file or folder`, { file: word, hint: "check the path" });
  const isFolder = statSync(word).isDirectory();
  if (isFolder) return recorded(word, { folder: resolve(word), topics: playable }, tradesIn(word));
  if (word.endsWith(".tfr")) return recorded(word, { file: resolve(word) }, word);
  const made = join(folder, "trades.tfr");
  const leftOut = await record(word, made);
  const tape = recorded(word, { file: made }, made, basename(word).split(".")[0]!);
  return leftOut === 0 ? tape : { ...tape, says: `${tape.says}, ${leftOut.toLocaleString("en-US")} bad rows left out` };
}

/** About: informed traders and the crash trade on top. */
const simulated: DrillTape = {
  says: "a simulated market of three instruments, whose flash crash begins in the first burst",
  options: { source: "simulated" },
  instruments: ["ALPHA", "BETA", "GAMMA"],
  tradesPerSecond: 30,
  seconds: Number.POSITIVE_INFINITY,
  bucketVolume: 50,
};

function tradesIn(folder: string): string {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".tfr"))
    .sort();
  const found = names
    .map((name) => join(folder, name))
    .find((file) => {
      const reader = new RecordingReader(file);
      reader.close();
      return reader.topic.name === "trades";
    });
  if (found !== undefined) return found;
  const what = names.length === 0 ? "there are no recordings (.tfr)" : `none of ${names.length} recordings is of topic trades`;
  throw new UsageError(`${folder}: ${what}`, "tickforge replay TRADES --record trades.tfr makes one; a file of trades will do as it is");
}

/** Files of trades can be read once: a drill plays them again and again. Returns rows that could not be read. */
async function record(file: string, into: string): Promise<number> {
  const topic = tradesTopic();
  const symbols = new Dictionary();
  const writer = new RecordingWriter(into, topic, symbols, { crc32c: checksum() });
  const layout = layoutOf(topic);
  const slot = new Frames(layout, new ArrayBuffer(layout.stride), 0, 1).slots[0]!;
  let sequence = 0;
  try {
    const sink: TradeSink = {
      symbols,
      claim: () => ({ columns: slot.columns as unknown as TradeArrays }),
      commit(rows) {
        if (rows === 0) return;
        const { columns } = slot;
        const plain = { slot: 0, from: 0, lost: 0, timeNs: columns.time[0]!, producer: 0, epoch: 0, intact: () => true };
        writer.append({ ...plain, rows, sequence, columns });
        sequence += rows;
      },
    };
    return (await mergeTrades([file], sink, { onBad: "skip" })).refused;
  } finally {
    writer.close();
  }
}

function recorded(word: string, from: Readonly<Record<string, unknown>>, trades: string, alone?: string): DrillTape {
  const reader = new RecordingReader(trades, { crc32c: checksum() });
  const slot = new Frames(reader.layout, new ArrayBuffer(reader.layout.stride), 0, 1).slots[0]!;
  const { time, size, instrument } = slot.columns as unknown as TradeArrays;
  const [volumes, counts]: [number[], number[]] = [[], []];
  let [first, last]: [bigint | undefined, bigint] = [undefined, 0n];
  let all = 0;
  for (let info = reader.read(slot); info; info = reader.read(slot)) {
    for (let row = 0; row < info.rows; row++) {
      const id = instrument[row]!;
      volumes[id] = (volumes[id] ?? 0) + (Number.isFinite(size[row]) ? size[row]! : 0);
      counts[id] = (counts[id] ?? 0) + 1;
    }
    if (info.rows === 0) continue;
    first ??= time[0]!;
    last = time[info.rows - 1]!;
    all += info.rows;
  }
  const { symbols } = reader;
  reader.close();
  if (all < 2) throw new UsageError(`${word}: there are ${all} trades in it`, "a drill needs a recording with trades");
  const nameOf = (id: number) => symbols.at(id) ?? (volumes.length === 1 && alone ? alone : `I${id}`);
  const instruments = Array.from({ length: Math.max(volumes.length, symbols.size) }, (_, id) => nameOf(id));
  const seconds = Math.max(1e-3, Number(last - first!) / 1e9);
  const bucketVolume = Object.fromEntries(
    instruments.map((name, id) => [name, Math.max(1e-9, ((volumes[id] ?? 0) / (counts[id] ?? 1)) * tradesABucket || 1)]),
  );
  const who = instruments.length > 3 ? `${instruments.length} instruments` : instruments.join(", ");
  return {
    says: `${word}: ${all.toLocaleString("en-US")} trades of ${who}`,
    options: { source: "recording", loop: true, unknown: "ignore", ...from },
    ...{ instruments, tradesPerSecond: all / seconds, seconds, bucketVolume },
  };
}
