/** A JSON document that holds a list of records -> one record a line, wherever the chunks are cut. */
import { closes, deepest, Frame, opens } from "./json_frame.js";

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;
const carriage = 0x0d;
const space = 0x20;

/** Goes over the brackets of a text that are not in strings, until `see` says true: whether it did, and where. */
function brackets(text: Uint8Array, see: (c: number, at: number) => boolean): number | undefined {
  let inside = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (inside) {
      if (c === backslash) i++;
      else if (c === quote) inside = false;
    } else if (c === quote) inside = true;
    else if ((opens(c) || closes(c)) && see(c, i)) return i;
  }
  return undefined;
}

/** How many brackets are open where the first record of a list begins; undefined where there is none. */
export function recordDepth(head: Uint8Array): number | undefined {
  const open: number[] = [];
  const found = brackets(head, (c) => {
    if (opens(c) && open.at(-1) === 0x5b) return true;
    if (opens(c)) open.push(c);
    else open.pop();
    return false;
  });
  return found === undefined ? undefined : open.length;
}

/** The byte at which a text has more brackets open than are read. */
export function tooDeepAt(text: Uint8Array): number | undefined {
  let depth = 0;
  return brackets(text, (c) => {
    depth = Math.max(0, depth + (opens(c) ? 1 : -1));
    return depth > deepest;
  });
}

/** Takes the records out of the list at `depth`; what lies around it is dropped. */
export class Records {
  private readonly frame: Frame;
  private inString = false;
  private escaped = false;
  /** Brackets open within a record. */
  private within = 0;
  /** Bytes before this chunk, and those that go out of it so far. */
  private before = 0;
  private length = 0;

  constructor(file: string, depth: number) {
    this.frame = new Frame(file, depth);
  }

  push(chunk: Uint8Array): Uint8Array {
    const out = Buffer.allocUnsafe(Math.ceil(1.5 * chunk.length) + 1); // {}{} has an end after every second byte
    this.length = 0;
    for (let i = 0; i < chunk.length; )
      if (this.within > 0) i = this.inside(chunk, i, out);
      else {
        const c = chunk[i]!;
        if (this.frame.take(c, this.before + i)) {
          this.within = 1;
          out[this.length++] = c;
        }
        i++;
      }
    this.before += chunk.length;
    return out.subarray(0, this.length);
  }

  /** The document is complete. */
  end(): void {
    if (this.within > 0) throw this.frame.cut();
    this.frame.end();
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
      else if (opens(c)) {
        if (++within > deepest) throw this.frame.tooDeep(this.before + i);
      } else if (closes(c)) within--;
      out[length++] = c === newline || c === carriage ? space : c;
    }
    if (within === 0) {
      out[length++] = newline;
      this.frame.recordEnds();
    }
    Object.assign(this, { within, inString, escaped, length });
    return i;
  }
}

export async function* recordLines(file: string, chunks: AsyncIterable<Uint8Array>, depth: number): AsyncGenerator<Uint8Array> {
  const records = new Records(file, depth);
  for await (const chunk of chunks) yield records.push(chunk);
  records.end();
}
