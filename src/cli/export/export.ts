/** tickforge export: a recording, held against its checksums -> a table of Parquet or Arrow. */
import { extname } from "node:path";
import { install } from "../../backends/index.js";
import { MappedRecording } from "../../bus/recording/mapped_recording.js";
import { TopicHash } from "../../bus/topic_hash.js";
import type { View } from "../../core/contract/contract.js";
import { checksum } from "../../engines/checksum.js";
import { text } from "../kit/args.js";
import type { Given } from "../kit/command.js";
import { exit, UsageError } from "../kit/exit.js";
import { checkTargets, complete, discardPart, optional, PartFile } from "../kit/files.js";
import { count, plural } from "../kit/format.js";
import { stoppable } from "../kit/interrupt.js";
import { Gathered, type TableColumn, type TableWriter, tableColumns } from "./export_columns.js";

/** Of a row group, and of a record batch. */
const rowsAtOnce = 65_536;

export async function exportRecording({ values, words, terminal }: Given): Promise<number> {
  const [path, ...more] = words;
  if (path === undefined || more.length > 0)
    throw new UsageError("export takes one recording", "tickforge export trades.tfr --out trades.parquet");
  const out = text(values.out);
  if (out === undefined) throw new UsageError("export needs --out", `--out ${path.replace(/\.tfr$/, "")}.parquet`);
  const ending = extname(out).toLowerCase();
  if (ending !== ".parquet" && ending !== ".arrow")
    throw new UsageError(`--out ${out}: the ending says the format, expected .parquet or .arrow`, `such as --out ${out}.parquet`);
  checkTargets({ out }, [path], values.force === true);
  const tableOf = await opener(ending);
  install(); // for a fast checksum
  const recording = new MappedRecording(path, { crc32c: checksum() });
  const at = { bytes: 0, totalBytes: 0, rows: 0 };
  const work = stoppable(terminal, () => `exporting ${path}`, at);
  const file = new PartFile(out);
  try {
    const asked = tableColumns(recording.topic, text(values.times), text(values.symbols));
    const { highest, digest, rows } = looked(recording, asked);
    const symbols = Array.from({ length: recording.symbols.size }, (_, id) => recording.symbols.at(id)!);
    const unnamed = asked.filter(({ kind, name }) => kind === "symbol" && highest.get(name)! >= symbols.length).map(({ name }) => name);
    const columns = asked.map((column) => (unnamed.includes(column.name) ? { ...column, kind: "number" as const } : column));
    const metadata = JSON.stringify({ schema: 1, topic: recording.topic.name, hash: digest });
    const table = tableOf(columns, symbols, metadata, (bytes) => file.write(bytes));
    const gathered = new Gathered(columns, rowsAtOnce, (part) => table.write(part));
    at.totalBytes = rows;
    for (const batch of recording) {
      if (work.signal.aborted) break;
      await gathered.take(batch.columns as Readonly<Record<string, View>>, batch.rows);
      at.bytes = at.rows += batch.rows;
      work.progress?.turn();
    }
    if (!work.signal.aborted) {
      await gathered.empty();
      await table.finish();
    }
    file.close();
    work.progress?.end();
    if (work.signal.aborted) {
      discardPart(out);
      terminal.error("tickforge: stopped. Nothing was written.\n");
      return work.code;
    }
    complete(out);
    for (const name of unnamed) terminal.note(`tickforge: '${name}' has ids without a symbol, so that it is written as numbers\n`);
    const facts = { file: path, topic: recording.topic.name, rows: at.rows, hash: digest, out, columns: columns.map(described) };
    if (values.json === true) terminal.answer(`${JSON.stringify({ schema: 1, command: "export", ...facts })}\n`);
    else
      terminal.screen(
        `${out}   ${count(at.rows)} rows of '${recording.topic.name}', ${plural(columns.length, "column")}   hash ${digest}\n`,
      );
    return exit.ok;
  } catch (error) {
    discardPart(out);
    throw error;
  } finally {
    work.end();
    recording.close();
  }
}

const described = ({ name, dtype, width, kind }: TableColumn) => ({ name, dtype, width, kind });

type Opened = (
  columns: readonly TableColumn[],
  symbols: readonly string[],
  metadata: string,
  into: (bytes: Uint8Array) => void,
) => TableWriter;

/** Loads what the format needs, before anything is read. */
async function opener(ending: ".parquet" | ".arrow"): Promise<Opened> {
  if (ending === ".parquet") {
    const parquet = await optional("--out *.parquet", "hyparquet-writer", import("hyparquet-writer"));
    const { parquetTable } = await import("./parquet_table.js");
    return (columns, symbols, metadata, into) => parquetTable(columns, (id) => symbols[id]!, metadata, into, parquet);
  }
  const arrow = await optional("--out *.arrow", "apache-arrow", import("apache-arrow"));
  const { arrowTable } = await import("./arrow_table.js");
  return (columns, symbols, metadata, into) => arrowTable(columns, symbols, metadata, into, arrow);
}

/** All rows are read once before one is written: they are those that were recorded, and it is known which symbols there are. */
function looked(recording: MappedRecording, columns: readonly TableColumn[]) {
  const hash = new TopicHash(recording.topic, { crc32c: checksum() });
  const highest = new Map(columns.filter(({ kind }) => kind === "symbol").map(({ name }) => [name, -1]));
  let all = 0;
  for (const { columns: views, rows } of recording) {
    hash.take(views, 0, rows);
    all += rows;
    for (const [name, before] of highest) {
      const ids = views[name] as unknown as Uint32Array;
      let most = before;
      for (let row = 0; row < rows; row++) if (ids[row]! > most) most = ids[row]!;
      highest.set(name, most);
    }
  }
  return { highest, digest: recording.held(hash).digest, rows: all };
}
