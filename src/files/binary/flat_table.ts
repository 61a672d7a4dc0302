/** Tables of the FlatBuffers format, read where they lie; what points outside of the bytes is an error before anything is made of it. */
export class FlatTable {
  private readonly view: DataView;
  private readonly fields: number;
  private readonly vtable: number;

  private constructor(
    private readonly bytes: Uint8Array,
    private readonly at: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.vtable = at - this.within(at, 4, () => this.view.getInt32(at, true));
    this.fields = this.within(this.vtable, 4, () => this.view.getUint16(this.vtable, true));
    const own = this.view.getUint16(this.vtable + 2, true);
    this.within(this.vtable, this.fields, () => this.within(at, own, () => undefined));
  }

  /** The table that a buffer is of. */
  static root(bytes: Uint8Array): FlatTable {
    if (bytes.length < 8) throw new Error(`a head of ${bytes.length} bytes is none`);
    return new FlatTable(bytes, new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true));
  }

  private within<T>(at: number, count: number, read: () => T): T {
    if (!(at >= 0 && at + count <= this.bytes.length)) throw new Error(`something in a head lies at byte ${at} of ${this.bytes.length}`);
    return read();
  }

  /** Where a field lies; undefined where it has its default. */
  private field(index: number): number | undefined {
    const entry = 4 + 2 * index;
    if (entry + 2 > this.fields) return undefined;
    const offset = this.within(this.vtable + entry, 2, () => this.view.getUint16(this.vtable + entry, true));
    return offset === 0 ? undefined : this.at + offset;
  }

  byte(index: number): number {
    const at = this.field(index);
    return at === undefined ? 0 : this.within(at, 1, () => this.bytes[at]!);
  }

  long(index: number): number {
    const at = this.field(index);
    return at === undefined ? 0 : this.within(at, 8, () => Number(this.view.getBigInt64(at, true)));
  }

  table(index: number): FlatTable | undefined {
    const at = this.field(index);
    return at === undefined ? undefined : new FlatTable(this.bytes, at + this.within(at, 4, () => this.view.getUint32(at, true)));
  }

  /** The tables of a vector. */
  tables(index: number): FlatTable[] {
    const [at, count] = this.vector(index, 4);
    return Array.from({ length: count }, (_, i) => {
      const place = at + 4 * i;
      return new FlatTable(this.bytes, place + this.view.getUint32(place, true));
    });
  }

  /** Where the members of a vector lie, and how many there are: all of them within the bytes. */
  vector(index: number, memberBytes: number): readonly [at: number, count: number] {
    const field = this.field(index);
    if (field === undefined) return [0, 0];
    const at = field + this.within(field, 4, () => this.view.getUint32(field, true));
    const count = this.within(at, 4, () => this.view.getUint32(at, true));
    return this.within(at + 4, memberBytes * count, () => [at + 4, count]);
  }

  /** Structs of `words` numbers of 64 bits each, of which some are made. */
  structs(index: number, words: number): number[][] {
    const [at, count] = this.vector(index, 8 * words);
    const long = (place: number) => Number(this.view.getBigInt64(place, true));
    return Array.from({ length: count }, (_, i) => Array.from({ length: words }, (__, word) => long(at + 8 * (words * i + word))));
  }
}
