/** A JSON document that holds a list of records -> one record a line, wherever the chunks are cut. */
import { problem } from "./unpack.js";

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;
const carriage = 0x0d;
const space = 0x20;
const opens = (c: number) => c === 0x7b || c === 0x5b;
const closes = (c: number) => c === 0x7d || c === 0x5d;
const isArray = (c: number) => c === 0x5b;

/** How many brackets are open where the first record of a list begins; undefined where there is none. */
export function recordDepth(head: Uint8Array): number | undefined {
  const open: number[] = [];
  let inside = false;
  for (let i = 0; i < head.length; i++) {
    const c = head[i]!;
    if (inside) {
      if (c === backslash) i++;
      else if (c === quote) inside = false;
    } else if (c === quote) inside = true;
    else if (opens(c)) {
      if (open.length > 0 && isArray(open.at(-1)!)) return open.length;
      open.push(c);
    } else if (closes(c)) open.pop();
  }
  return undefined;
}

/** Longest key that is told apart, and brackets that may be open around a list. */
const longestKey = 256;
const deepest = 64;

/** Takes the records out of the list at `depth`; what lies around it is dropped. */
export class Records {
  private open: number[] = [];
  private inString = false;
  private escaped = false;
  /** Brackets open within a record. */
  private within = 0;
  private key: number[] = [];
  /** Key of the list, once there is one. */
  private list: string | undefined;
  private listKey = "";
  /** Bytes that go out of this chunk so far. */
  private length = 0;

  constructor(
    private readonly file: string,
    private readonly depth: number,
  ) {}

  push(chunk: Uint8Array): Uint8Array {
    const out = Buffer.allocUnsafe(Math.ceil(1.5 * chunk.length) + 1); // {}{} has an end after every second byte
    this.length = 0;
    for (let i = 0; i < chunk.length; )
      if (this.within > 0) i = this.inside(chunk, i, out);
      else this.around(chunk[i++]!, out);
    return out.subarray(0, this.length);
  }

  /** The document is complete. */
  end(): void {
    if (this.open.length === 0 && this.within === 0 && !this.inString) return;
    throw problem("E_FILE_TRUNCATED", this.file, "ends in the middle of its JSON document", "it was cut off: download or copy it again");
  }

  /** Copies up to the end of the record, or of the chunk; where that is. */
  private inside(chunk: Uint8Array, from: number, out: Uint8Array): number {
    let { within, inString, escaped, length } = this;
    let i = from;
    for (; i < chunk.length && within > 0; i++) {
      const c = chunk[i]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (c === backslash) escaped = true;
        else if (c === quote) inString = false;
      } else if (c === quote) inString = true;
      else if (opens(c)) within++;
      else if (closes(c)) within--;
      out[length++] = c === newline || c === carriage ? space : c;
    }
    if (within === 0) out[length++] = newline;
    Object.assign(this, { within, inString, escaped, length });
    return i;
  }

  /** One byte that is not within a record; that which begins one goes out. */
  private around(c: number, out: Uint8Array): void {
    if (c === 0) throw problem("E_FILE_BINARY", this.file, "has zero bytes among its records", "it was not written to its end");
    if (this.inString) {
      if (this.escaped) this.escaped = false;
      else if (c === backslash) this.escaped = true;
      else if (c === quote) this.inString = false;
      else if (this.key.length < longestKey) this.key.push(c);
    } else if (c === quote) {
      this.inString = true;
      this.key = [];
    } else if (opens(c)) {
      this.openBracket(c);
      if (this.within > 0) out[this.length++] = c;
    } else if (closes(c)) this.open.pop();
  }

  private openBracket(c: number): void {
    if (this.open.length === this.depth && isArray(this.open.at(-1)!)) {
      this.within = 1;
      this.onlyList();
    } else {
      if (this.open.push(c) > deepest)
        throw problem("E_BAD_JSON", this.file, `has brackets more than ${deepest} deep`, "check that it is the right file");
      if (this.open.length === this.depth) this.listKey = Buffer.from(this.key).toString();
    }
  }

  /** Lists under different keys may be different instruments, and which is not in the records. */
  private onlyList(): void {
    this.list ??= this.listKey;
    if (this.list === this.listKey) return;
    throw problem(
      "E_JSON_LISTS",
      this.file,
      `holds several lists of records: '${this.list}' and '${this.listKey}'`,
      `take one of them out, for instance: jq -c '.. | .["${this.list}"]? // empty | .[]'`,
    );
  }
}

export async function* recordLines(file: string, chunks: AsyncIterable<Uint8Array>, depth: number): AsyncGenerator<Uint8Array> {
  const records = new Records(file, depth);
  for await (const chunk of chunks) yield records.push(chunk);
  records.end();
}
