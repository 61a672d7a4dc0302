/** Columns whose length is known at their end alone. */
type Arrays = Float64Array | BigInt64Array | Uint32Array | Int32Array;

export class Growing<A extends Arrays> {
  length = 0;
  private values: A;
  constructor(private readonly make: new (length: number) => A) {
    this.values = new make(1024);
  }

  /** The next `rows` places. */
  room(rows: number): A {
    const from = this.length;
    this.length += rows;
    if (this.length > this.values.length) {
      const larger = new this.make(Math.max(this.length, 2 * this.values.length));
      larger.set(this.values as never);
      this.values = larger;
    }
    return this.values.subarray(from, this.length) as A;
  }

  push(value: A[number]): void {
    if (this.length < this.values.length) this.values[this.length++] = value;
    else this.room(1)[0] = value;
  }

  done(): A {
    return this.values.slice(0, this.length) as A;
  }
}

/** Texts by the order of their first row; id 0 is the empty one. */
export class Words {
  readonly ids = new Growing(Uint32Array);
  readonly list: string[] = [""];
  private readonly known = new Map<string, number>([["", 0]]);

  idOf(text: string): number {
    let id = this.known.get(text);
    if (id === undefined) {
      id = this.list.push(text) - 1;
      this.known.set(text, id);
    }
    return id;
  }

  add(text: string): void {
    this.ids.push(this.idOf(text));
  }
}
