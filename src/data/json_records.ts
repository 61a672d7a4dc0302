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

/** Longest key that is told apart. */
const longestKey = 256;

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

  constructor(
    private readonly file: string,
    private readonly depth: number,
  ) {}

  push(chunk: Uint8Array): Uint8Array {
    const out = new Uint8Array(chunk.length + 1);
    let length = 0;
    for (let i = 0; i < chunk.length; i++) {
      const c = chunk[i]!;
      const recorded = this.within > 0;
      if (c === 0 && !recorded)
        throw problem("E_FILE_BINARY", this.file, "has zero bytes among its records", "it was not written to its end");
      if (this.inString) this.stringByte(c, recorded);
      else if (c === quote) {
        this.inString = true;
        if (!recorded) this.key = [];
      } else if (opens(c)) this.openBracket(c);
      else if (closes(c)) this.closeBracket();
      if (recorded || this.within > 0) out[length++] = c === newline || c === carriage ? space : c;
      if (recorded && this.within === 0) out[length++] = newline;
    }
    return out.subarray(0, length);
  }

  /** The document is complete. */
  end(): void {
    if (this.open.length === 0 && this.within === 0 && !this.inString) return;
    throw problem("E_FILE_TRUNCATED", this.file, "ends in the middle of its JSON document", "it was cut off: download or copy it again");
  }

  private stringByte(c: number, recorded: boolean): void {
    if (this.escaped) this.escaped = false;
    else if (c === backslash) this.escaped = true;
    else if (c === quote) this.inString = false;
    else if (!recorded && this.key.length < longestKey) this.key.push(c);
  }

  private openBracket(c: number): void {
    if (this.within > 0) this.within++;
    else if (this.open.length === this.depth && isArray(this.open.at(-1)!)) {
      this.within = 1;
      this.onlyList();
    } else {
      this.open.push(c);
      if (this.open.length === this.depth) this.listKey = Buffer.from(this.key).toString();
    }
  }
  private closeBracket(): void {
    if (this.within > 0) this.within--;
    else this.open.pop();
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
