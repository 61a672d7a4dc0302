/** What stands around the records of a JSON document, by the grammar of RFC 8259: a bracket too many or too few is an error where it is. */
import { DataError } from "../../core/contract/errors.js";
import { problem } from "./unpack.js";

const quote = 0x22;
const backslash = 0x5c;
const [comma, colon] = [0x2c, 0x3a];
export const opens = (c: number) => c === 0x7b || c === 0x5b;
export const closes = (c: number) => c === 0x7d || c === 0x5d;
const isArray = (c: number) => c === 0x5b;
const isBlank = (c: number) => c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
const isDigit = (c: number) => c >= 0x30 && c <= 0x39;
const isPlain = (c: number) => isDigit(c) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || c === 0x2b || c === 0x2d || c === 0x2e;

/** Longest key that is told apart, and brackets that may be open. */
const longestKey = 256;
export const deepest = 64;

/** What may come next; `first` and `firstKey` stand behind an opening bracket, which may close at once. */
const next = {
  document: "a document",
  first: "a value or ]",
  value: "a value",
  firstKey: "a key or }",
  key: "a key",
  colon: "':'",
} as const;
type Next = (typeof next)[keyof typeof next] | "',' or ]" | "',' or }";

export class Frame {
  /** Records so far. */
  records = 0;
  private readonly open: number[] = [];
  private expected: Next = next.document;
  private inString = false;
  private escaped = false;
  private plain = false;
  private key: number[] = [];
  /** Key of the list, once there is one, and that of the list which is open. */
  private list: string | undefined;
  private listKey = "";
  /** Where the list which is open has a value that is no record. */
  private loose: number | undefined;
  /** Of the present document: where it begins, whether it has records, whether it has lists of such at another depth. */
  private document = { at: 0, records: false, others: false };

  constructor(
    private readonly file: string,
    private readonly depth: number,
  ) {}

  /** One byte of the document that is not within a record; true where it begins one. */
  take(c: number, at: number): boolean {
    if (c === 0)
      throw problem("E_FILE_BINARY", this.file, `has a zero byte among its records, at byte ${at}`, "it was not written to its end");
    if (this.inString) this.inText(c);
    else if (c === quote) this.beginText(at);
    else if (opens(c)) return this.openBracket(c, at);
    else if (closes(c)) this.closeBracket(c, at);
    else if (!isBlank(c)) this.between(c, at);
    if (!isPlain(c)) this.plain = false;
    return false;
  }

  /** The record that was begun is complete. */
  recordEnds(): void {
    this.expected = "',' or ]";
  }

  /** The text is complete. */
  end(): void {
    if (this.open.length > 0 || this.inString) throw this.cut();
  }

  cut(): DataError {
    const what = `ends in the middle of its JSON document, after record ${this.records}`;
    return problem(
      "E_FILE_TRUNCATED",
      this.file,
      what,
      "it was cut off, or a bracket or quote is missing in it: download or copy it again",
    );
  }

  tooDeep(at: number): DataError {
    return this.bad(at, `brackets are more than ${deepest} deep`, "check that it is the right file");
  }

  private bad(at: number, what: string, hint = "the document is damaged there: download or copy it again"): DataError {
    const { file, records } = this;
    return new DataError("E_BAD_JSON", `${file}, byte ${at}, at record ${records}: ${what}`, { file, row: records, hint });
  }

  private wrong(at: number, c: number): DataError {
    const seen = c > 0x20 && c < 0x7f ? `'${String.fromCharCode(c)}'` : `byte 0x${c.toString(16)}`;
    return this.bad(at, `${seen} where ${this.expected} is expected`);
  }

  private get inList(): boolean {
    return this.open.length === this.depth && isArray(this.open.at(-1)!);
  }

  private inText(c: number): void {
    if (this.escaped) this.escaped = false;
    else if (c === backslash) this.escaped = true;
    else if (c === quote) {
      this.inString = false;
      if (this.expected === next.key || this.expected === next.firstKey) this.expected = next.colon;
      else this.valueEnds();
    } else if (this.key.length < longestKey) this.key.push(c);
  }

  private beginText(at: number): void {
    if (this.expected === next.key || this.expected === next.firstKey) this.key = [];
    else this.beginValue(quote, at);
    this.inString = true;
  }

  /** A value that is no record: not at the top, and not among records. */
  private beginValue(c: number, at: number): void {
    if (this.expected !== next.value && this.expected !== next.first) throw this.wrong(at, c);
    if (!this.inList) return;
    this.loose ??= at;
    if (this.list === this.listKey) this.onlyRecords();
  }

  private onlyRecords(): void {
    if (this.loose !== undefined) throw this.bad(this.loose, "a value among the records that is none", "take it out of the list");
  }

  private valueEnds(): void {
    this.expected = this.open.length === 0 ? next.document : isArray(this.open.at(-1)!) ? "',' or ]" : "',' or }";
  }

  private between(c: number, at: number): void {
    const { expected } = this;
    if (this.plain && isPlain(c)) return;
    if (expected === next.document) {
      // A mark of UTF-8, or a number such as a time of receipt, may stand before it.
      if (!isDigit(c) && !(at < 3 && c >= 0x80)) throw this.wrong(at, c);
      this.plain = isDigit(c);
    } else if (c === comma && expected.startsWith("','")) this.expected = expected === "',' or ]" ? next.value : next.key;
    else if (c === colon && expected === next.colon) this.expected = next.value;
    else {
      if (!isPlain(c)) throw this.wrong(at, c);
      this.beginValue(c, at);
      this.plain = true;
      this.valueEnds();
    }
  }

  private openBracket(c: number, at: number): boolean {
    const { open, expected } = this;
    if (expected !== next.document && expected !== next.value && expected !== next.first) throw this.wrong(at, c);
    if (expected === next.document) this.document = { at, records: false, others: false };
    if (this.inList) {
      this.onlyList();
      this.onlyRecords();
      this.records++;
      this.document.records = true;
      return true;
    }
    if (open.length > 0 && isArray(open.at(-1)!)) this.document.others = true;
    if (open.push(c) > deepest) throw this.tooDeep(at);
    if (open.length === this.depth) {
      this.listKey = Buffer.from(this.key).toString();
      this.loose = undefined;
    }
    this.expected = isArray(c) ? next.first : next.firstKey;
    return false;
  }

  private closeBracket(c: number, at: number): void {
    const allowed: Next[] = c === 0x5d ? [next.first, "',' or ]"] : [next.firstKey, "',' or }"];
    if (!allowed.includes(this.expected)) throw this.wrong(at, c);
    this.open.pop();
    this.valueEnds();
    const { records, others, at: from } = this.document;
    if (this.open.length === 0 && others && !records && this.records > 0)
      throw this.bad(from, "the list of this document lies at another depth than that of the one before", "read the documents apart");
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
