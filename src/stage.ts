/** Rows staged in JS memory, one push at a time: no native call until there are many. */
import { dtypeOf } from "./check.js";
import { type Contract, type Dtype, ports, type Real, type View } from "./contract.js";
import { KernelError } from "./errors.js";

export type Value = number | bigint | undefined;

/** A column being filled. One class per dtype, so that each store site sees one kind of array and is inlined. */
interface Column {
  readonly view: View;
  put(row: number, value: Value): void;
}

class F64 implements Column {
  readonly view: Float64Array;
  constructor(rows: number) {
    this.view = new Float64Array(rows);
  }
  put(row: number, value: Value): void {
    this.view[row] = value as number;
  }
}
class F32 implements Column {
  readonly view: Float32Array;
  constructor(rows: number) {
    this.view = new Float32Array(rows);
  }
  put(row: number, value: Value): void {
    this.view[row] = value as number;
  }
}
class I64 implements Column {
  readonly view: BigInt64Array;
  private readonly halves: Uint32Array;
  constructor(rows: number) {
    this.view = new BigInt64Array(rows);
    this.halves = new Uint32Array(this.view.buffer);
  }
  put(row: number, value: Value): void {
    if (typeof value === "bigint") this.view[row] = value;
    else storeMilliseconds(this.halves, row, value as number);
  }
}
class I8 implements Column {
  readonly view: Int8Array;
  constructor(rows: number) {
    this.view = new Int8Array(rows);
  }
  put(row: number, value: Value): void {
    this.view[row] = value as number;
  }
}
class U32 implements Column {
  readonly view: Uint32Array;
  constructor(rows: number) {
    this.view = new Uint32Array(rows);
  }
  put(row: number, value: Value): void {
    this.view[row] = value as number;
  }
}
class I32 implements Column {
  readonly view: Int32Array;
  constructor(rows: number) {
    this.view = new Int32Array(rows);
  }
  put(row: number, value: Value): void {
    this.view[row] = value as number;
  }
}
class U8 implements Column {
  readonly view: Uint8Array;
  constructor(rows: number) {
    this.view = new Uint8Array(rows);
  }
  put(row: number, value: Value): void {
    this.view[row] = value as number;
  }
}
class Nothing implements Column {
  readonly view = new Uint8Array(0);
  put(): void {}
}
const columnOf: Record<Dtype, new (rows: number) => Column> = { f64: F64, f32: F32, i64: I64, i8: I8, u32: U32, i32: I32, u8: U8 };
const most = 8;

export class Stage {
  rows = 0;
  /** Names and columns of the inputs that are staged, in the contract's order. */
  readonly names: readonly string[];
  readonly columns: readonly View[];
  private readonly c0: Column;
  private readonly c1: Column;
  private readonly c2: Column;
  private readonly c3: Column;
  private readonly c4: Column;
  private readonly c5: Column;
  private readonly c6: Column;
  private readonly c7: Column;

  /** The first row tells which inputs come: those given, in order; optional ones at the end may be left out. */
  constructor(
    contract: Contract,
    real: Real,
    readonly capacity: number,
    first: readonly Value[],
  ) {
    const declared = ports(contract.inputs).filter(([, port]) => port.shape[0] === contract.rows);
    const count = first.findLastIndex((value) => value !== undefined) + 1;
    const required = declared.findLastIndex(([, port]) => port.optional === undefined) + 1;
    if (first.slice(0, count).includes(undefined) || count < required || count > declared.length) {
      const names = declared.map(([key, port]) => key + (port.optional ? "?" : "")).join(", ");
      const hint = "use pushBatch with named columns to leave one out in the middle";
      throw new KernelError("E_PORT_MISSING", `${contract.name}: push() takes ${names}; got ${count} values`, {
        kernel: contract.name,
        hint,
      });
    }
    const used = declared.slice(0, count);
    const wide = used.find(([, port]) => port.shape.length > 1);
    if (wide)
      throw new KernelError(
        "E_STREAM",
        `${contract.name}: a row of '${wide[0]}' is [${wide[1].shape.slice(1).join(", ")}], push() takes single values`,
        {
          kernel: contract.name,
          port: wide[0],
          hint: "use pushBatch with whole rows",
        },
      );
    const columns = used.map(([, port]) => new columnOf[dtypeOf(port, real)](capacity));
    this.names = used.map(([key]) => key);
    this.columns = columns.map((column) => column.view);
    const all = [...columns, ...Array.from({ length: most - count }, () => new Nothing())] as Column[];
    [this.c0, this.c1, this.c2, this.c3, this.c4, this.c5, this.c6, this.c7] = all as [
      Column,
      Column,
      Column,
      Column,
      Column,
      Column,
      Column,
      Column,
    ];
  }

  /** True when the stage is full. */
  put(a: Value, b: Value, c: Value, d: Value, e: Value, f: Value, g: Value, h: Value): boolean {
    const { rows } = this;
    this.c0.put(rows, a);
    this.c1.put(rows, b);
    this.c2.put(rows, c);
    this.c3.put(rows, d);
    this.c4.put(rows, e);
    this.c5.put(rows, f);
    this.c6.put(rows, g);
    this.c7.put(rows, h);
    this.rows = rows + 1;
    return this.rows === this.capacity;
  }

  /** Drops the first `count` rows. */
  drop(count: number): void {
    if (count < this.rows) for (const column of this.columns) (column as Float64Array).copyWithin(0, count, this.rows);
    this.rows -= count;
  }
}

/** Epoch milliseconds to i64 nanoseconds in halves: every product and sum is exact in f64, and no BigInt is made. */
export function storeMilliseconds(halves: Uint32Array, row: number, milliseconds: number): void {
  if (typeof milliseconds !== "number" || !(Math.abs(milliseconds) < 9.2e12)) {
    const hint = "a number is epoch ms, a bigint epoch ns";
    throw new KernelError("E_BAD_VALUE", `${milliseconds} is no time in epoch milliseconds`, { value: milliseconds, hint });
  }
  const whole = Math.floor(milliseconds);
  const blocks = Math.floor(whole * 2 ** -16);
  const nanoseconds = blocks * 1e6;
  const high = Math.floor(nanoseconds * 2 ** -16);
  const low = (nanoseconds - high * 65_536) * 65_536 + (whole - blocks * 65_536) * 1e6 + Math.round((milliseconds - whole) * 1e6);
  const carry = Math.floor(low * 2 ** -32);
  halves[2 * row] = low - carry * 4_294_967_296;
  halves[2 * row + 1] = high + carry;
}
