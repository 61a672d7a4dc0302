/** What a text is, told from its first bytes: its layout, and where its rows begin. */
import { RECORDING_MAGIC } from "../../bus/recording/recording.js";
import { recordLines } from "../bytes/json_records.js";
import { peek, type Source } from "../bytes/source.js";
import { problem } from "../bytes/unpack.js";
import { detectLayout, type LayoutOf } from "./detect.js";
import { detectJson, isJson, jsonHeadBytes } from "./json_detect.js";
import type { ColumnOptions } from "./layout.js";

const headBytes = 1 << 16;

/** The layout of a source, all its chunks, and where its first trade begins. */
export async function recognise(source: Source, options: ColumnOptions, of?: LayoutOf) {
  const { head, chunks } = await peek(source.chunks, headBytes);
  refuseBinary(source.name, head);
  const mark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  if (isJson(head.subarray(mark))) return recogniseJson(source.name, chunks, mark, options, of);
  const layout = detectLayout(source.name, head.subarray(mark), head.length < headBytes, options, of);
  let start = mark;
  let skipped = 0;
  for (let header = layout.header; header; skipped++) {
    const end = head.indexOf(10, start);
    const next = end < 0 ? head.length : end + 1;
    header = Buffer.from(head.subarray(start, next)).toString("latin1").trim() === "" && next < head.length;
    start = next;
  }
  return { layout, chunks, start, skipped };
}

async function recogniseJson(file: string, from: AsyncIterable<Uint8Array>, mark: number, options: ColumnOptions, of?: LayoutOf) {
  const { head, chunks } = await peek(from, jsonHeadBytes);
  const layout = detectJson(file, head.subarray(mark), head.length < jsonHeadBytes, options, of);
  const { depth } = layout.json!;
  // A mark before a document lies outside its records.
  return depth === undefined
    ? { layout, chunks, start: mark, skipped: 0 }
    : { layout, chunks: recordLines(file, chunks, depth), start: 0, skipped: 0 };
}

const starts = (head: Uint8Array, text: string) => Buffer.from(head.subarray(0, text.length)).toString("latin1") === text;

/** Whether these first bytes are a recording of the bus. */
export function isRecording(head: Uint8Array): boolean {
  return head.length >= 4 && new DataView(head.buffer, head.byteOffset).getUint32(0, true) === RECORDING_MAGIC;
}

export function refuseBinary(file: string, head: Uint8Array): void {
  const refuse = (code: string, what: string, hint: string): never => {
    throw problem(code, file, what, hint);
  };
  if (isRecording(head))
    refuse("E_FILE_RECORDING", "is a recording of the bus, not a text file", "open it with RecordingReader or MappedRecording");
  if (starts(head, "\xff\xfe") || starts(head, "\xfe\xff"))
    refuse("E_FILE_ENCODING", "is UTF-16 text", `save it as UTF-8, for instance: iconv -f UTF-16 -t UTF-8 ${file}`);
  const zeros = head.subarray(0, 4096).filter((b) => b < 9 || (b > 13 && b < 32)).length;
  if (zeros > 0)
    refuse("E_FILE_BINARY", "is not text: it has control bytes in its first 4096", "check that it is the right file, and not damaged");
}
