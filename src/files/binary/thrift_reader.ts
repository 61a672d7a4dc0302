/** The compact protocol of Thrift, as far as the headers of Parquet's pages need it; nothing is made before its bytes are known to be there. */
const types = {
  stop: 0,
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
} as const;
const deepest = 8;

/** Numbers and truth values of a struct by their fields, and structs in it. */
export type Fields = Map<number, number | Fields>;

export class ThriftReader {
  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
  ) {}

  struct(depth = 0): Fields {
    if (depth > deepest) throw new Error(`its structs are more than ${deepest} deep`);
    const fields: Fields = new Map();
    for (let field = 0; ; ) {
      const head = this.byte();
      const type = head & 15;
      if (type === types.stop) return fields;
      field = head >> 4 ? field + (head >> 4) : this.signed();
      const value = this.value(type, depth);
      if (value !== undefined) fields.set(field, value);
    }
  }

  private byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Error(`it ends at byte ${this.bytes.length}, in the middle of a header`);
    return byte;
  }

  private signed(): number {
    let [value, scale] = [0, 1];
    for (let byte = this.byte(); ; byte = this.byte()) {
      value += (byte & 127) * scale;
      if (byte < 128) break;
      scale *= 128;
      if (scale > 2 ** 63) throw new Error("a number has more than 64 bits");
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  private skip(bytes: number): void {
    if (!(bytes >= 0 && bytes <= this.bytes.length - this.at)) throw new Error(`something in a header says it has ${bytes} bytes`);
    this.at += bytes;
  }

  private value(type: number, depth: number): number | Fields | undefined {
    if (type === types.true || type === types.false) return 2 - type;
    if (type === types.byte) return this.byte();
    if (type === types.i16 || type === types.i32 || type === types.i64) return this.signed();
    if (type === types.struct) return this.struct(depth + 1);
    if (type === types.double) this.skip(8);
    else if (type === types.binary) this.skip(this.length());
    else if (type === types.list || type === types.set) this.list(depth);
    else throw new Error(`a header has a field of type ${type}`);
    return undefined;
  }

  private length(): number {
    const signed = this.signed();
    return signed >= 0 ? 2 * signed : -2 * signed - 1; // lengths are not zigzag numbers
  }

  private list(depth: number): void {
    const head = this.byte();
    const count = head >> 4 === 15 ? this.length() : head >> 4;
    if (count > this.bytes.length - this.at) throw new Error(`a list in a header says it has ${count} members`);
    const type = head & 15;
    for (let i = 0; i < count; i++) {
      if (type === types.true || type === types.false) this.byte();
      else this.value(type, depth + 1);
    }
  }
}
