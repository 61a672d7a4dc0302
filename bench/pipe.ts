/** From a file to its result: text parsed into columns, and whole replays as `tickforge replay` runs them, worker and ring included. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { RecordingWriter } from "../src/bus/recording/recording_writer.js";
import { worstOf } from "../src/core/contract/compare.js";
import type { Contract } from "../src/core/contract/contract.js";
import { checksum } from "../src/engines/checksum.js";
import { collectTrades, readTrades } from "../src/files/read/trades.js";
import type { Source } from "../src/importer/importer.js";
import { vpin } from "../src/kernels/index.js";
import { Tape, type TapeJob } from "../src/studies/tape/tape.js";
import { type Arrays, inputsOf, type Prepared, type Task } from "./case.js";
import { delimitedFiles, fileText, jsonFiles, type TradeFile } from "./trade_files.js";

const perBucket = 200;
const job: Omit<TapeJob, "source"> = {
  twice: true,
  bucketVolume: perBucket,
  window: 50,
  history: 1000,
  threshold: 0.99,
  minHistory: 100,
  classify: "given",
  barSeconds: 60,
  sensitivity: false,
};

/** A folder that goes with the process. */
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "tickforge-bench-"));
  process.on("exit", () => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Trades as an exchange writes them: ms, price, size, side in words. */
function writeText(rows: number): string {
  const without = ["instrument", "buyFraction", "bucketVolumes"];
  const one = { dims: { trade: rows, perBucket }, options: { bucketVolume: perBucket }, without };
  const { price, size, side } = inputsOf(vpin.contract, one) as Record<string, Float64Array>;
  const line = (_: unknown, i: number) =>
    `${1_700_000_000_000 + 3 * i},${price![i]!.toFixed(2)},${size![i]!.toFixed(4)},${side![i]! < 0 ? "sell" : "buy"}`;
  const path = join(folder(), "trades.csv");
  writeFileSync(path, `time,price,size,side\n${Array.from({ length: rows }, line).join("\n")}\n`);
  return path;
}

/** Times of work that waits for files and threads: one after the other, none in a calibrated loop. */
const timed = (work: () => Promise<unknown>) => async (repetitions: number) => {
  const times: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const started = performance.now();
    await work();
    times.push((performance.now() - started) * 1e6);
  }
  return times;
};

const columnBytes = 8 + 8 + 8 + 1 + 4;
const workOf = (rows: number, path: string) => {
  const bytes = statSync(path).size + columnBytes * rows;
  return { rows, flops: 0, bytes, workingSet: bytes, run: () => {} };
};

/** The engines take the backend from the environment, their worker too. */
async function on<T>(backend: string, work: () => Promise<T>): Promise<T> {
  const before = process.env.TICKFORGE_BACKEND;
  process.env.TICKFORGE_BACKEND = backend;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.TICKFORGE_BACKEND;
    else process.env.TICKFORGE_BACKEND = before;
  }
}

const parse =
  (write: (rows: number) => string) =>
  (backend: string, rows: number): Prepared => {
    const path = write(rows);
    const real = () => new Float64Array(1 << 14);
    const columns = {
      time: new BigInt64Array(1 << 14),
      price: real(),
      size: real(),
      side: new Int8Array(1 << 14),
      instrument: new Uint32Array(1 << 14),
    };
    const slot = { columns };
    const sink = { claim: () => slot, commit: () => {} };
    return {
      ...workOf(rows, path),
      times: timed(() => readTrades(path, sink, { backend })),
      outputs: async () => (await collectTrades(path, { backend })).columns as unknown as Arrays,
    };
  };

function writeFormat(format: TradeFile, rows: number): string {
  const path = join(folder(), format.file);
  writeFileSync(path, fileText(format, rows));
  return path;
}

/** Parsed values are equal to the bit or wrong. */
const exact = (() => {
  const same = { f64: { exact: true }, f32: { exact: true } };
  const names = ["time", "price", "size", "side", "instrument"];
  const of = (value: object) => Object.fromEntries(names.map((name) => [name, value]));
  return { outputs: of({}), compare: of(same) } as unknown as Contract;
})();

function replay(backend: string, path: string, rows: number, source: () => Promise<Source>): Prepared {
  const run = () => on(backend, async () => new Tape({ ...job, source: await source() }).run());
  return { ...workOf(rows, path), times: timed(run), outputs: async () => (await run()).buckets as unknown as Arrays };
}

const textOf = (path: string): Source => ({ kind: "files", paths: [path], options: {} });

function replayText(backend: string, rows: number): Prepared {
  const path = writeText(rows);
  return replay(backend, path, rows, async () => textOf(path));
}

function replayRecording(backend: string, rows: number): Prepared {
  const text = writeText(rows);
  const path = join(text, "..", "trades.tickforge");
  let recorded: Promise<unknown> | undefined;
  const record = async () => {
    let writer: RecordingWriter<any> | undefined;
    const recorder: TapeJob["recorder"] = (topic, symbols) => {
      writer = new RecordingWriter<any>(path, topic, symbols, { crc32c: checksum() });
      return (batch) => void writer!.append(batch);
    };
    await new Tape({ ...job, source: textOf(text), recorder }).run();
    writer!.close();
  };
  return replay(backend, text, rows, async () => {
    await (recorded ??= record());
    return { kind: "recording", path, options: {} };
  });
}

const sameColumns: Task["compare"] = (got, want) => worstOf(exact, "f64", got, want);
const buckets: Task["compare"] = (got, want) => worstOf(vpin.contract, "f64", got, want);
const pipe = (kernel: string, label: string, make: Task["make"], compare: Task["compare"]): Task => ({
  kernel,
  label,
  unit: "trade",
  rows: 1_000_000,
  least: 50_000,
  make,
  compare,
});

export const pipeTasks: Task[] = [
  pipe("read_trades", "CSV file to columns", parse(writeText), sameColumns),
  ...[...delimitedFiles, ...jsonFiles].map((format) => ({
    ...pipe(
      "read_trades",
      `${format.name}, ${extname(format.file).slice(1)}`,
      parse((rows) => writeFormat(format, rows)),
      sameColumns,
    ),
    rows: 300_000,
    least: 20_000,
    further: true,
  })),
  pipe("replay", "CSV file to VPIN", replayText, buckets),
  pipe("replay", "recording to VPIN", replayRecording, buckets),
];
