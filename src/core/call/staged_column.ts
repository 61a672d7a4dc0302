/** A column of pushed values, one class for each dtype, so that each store site sees one kind of array and is inlined. */
import type { Dtype, View } from "../contract/contract.js";
import { KernelError } from "../contract/errors.js";
import { said } from "../contract/given.js";

export type Value = number | bigint | undefined;

export interface StagedColumn {
  readonly view: View;
  /** Refuses a value that the column cannot hold as it is. */
  put(row: number, value: Value): void;
}

/** What a pushed column is called, for errors. */
export interface Pushed {
  readonly kernel: string;
  readonly port: string;
}

/** Another type is E_DTYPE, a number that does not fit E_BAD_VALUE. */
function refused({ kernel, port }: Pushed, value: unknown, expected: string): KernelError {
  const code = typeof value === "number" || typeof value === "bigint" ? "E_BAD_VALUE" : "E_DTYPE";
  const details = { kernel, port, value, hint: "push() takes the values in the order of the kernel's inputs" };
  return new KernelError(code, `${kernel}: '${port}' is ${said(value)}, expected ${expected}`, details);
}

class F64 implements StagedColumn {
  readonly view: Float64Array;
  constructor(
    rows: number,
    private readonly of: Pushed,
  ) {
    this.view = new Float64Array(rows);
  }
  put(row: number, value: Value): void {
    if (typeof value !== "number") throw refused(this.of, value, "a number");
    this.view[row] = value;
  }
}
class F32 implements StagedColumn {
  readonly view: Float32Array;
  constructor(
    rows: number,
    private readonly of: Pushed,
  ) {
    this.view = new Float32Array(rows);
  }
  put(row: number, value: Value): void {
    if (typeof value !== "number") throw refused(this.of, value, "a number");
    this.view[row] = value;
  }
}
class I64 implements StagedColumn {
  readonly view: BigInt64Array;
  private readonly halves: Uint32Array;
  constructor(
    rows: number,
    private readonly of: Pushed,
  ) {
    this.view = new BigInt64Array(rows);
    this.halves = new Uint32Array(this.view.buffer);
  }
  put(row: number, value: Value): void {
    if (typeof value === "bigint" && BigInt.asIntN(64, value) === value) this.view[row] = value;
    else if (typeof value === "number" && Math.abs(value) < 9.2e12) storeMilliseconds(this.halves, row, value);
    else throw refused(this.of, value, "a time: a number is epoch ms, a bigint epoch ns of 64 bits");
  }
}
class I8 implements StagedColumn {
  readonly view: Int8Array;
  constructor(
    rows: number,
    private readonly of: Pushed,
  ) {
    this.view = new Int8Array(rows);
  }
  put(row: number, value: Value): void {
    if (typeof value !== "number" || (value << 24) >> 24 !== value) throw refused(this.of, value, "an integer from -128 to 127");
    this.view[row] = value;
  }
}
class U32 implements StagedColumn {
  readonly view: Uint32Array;
  constructor(
    rows: number,
    private readonly of: Pushed,
  ) {
    this.view = new Uint32Array(rows);
  }
  put(row: number, value: Value): void {
    if (typeof value !== "number" || value >>> 0 !== value) throw refused(this.of, value, "an integer from 0 to 2^32 - 1");
    this.view[row] = value;
  }
}
class I32 implements StagedColumn {
  readonly view: Int32Array;
  constructor(
    rows: number,
    private readonly of: Pushed,
  ) {
    this.view = new Int32Array(rows);
  }
  put(row: number, value: Value): void {
    if (typeof value !== "number" || (value | 0) !== value) throw refused(this.of, value, "an integer from -2^31 to 2^31 - 1");
    this.view[row] = value;
  }
}
class U8 implements StagedColumn {
  readonly view: Uint8Array;
  constructor(
    rows: number,
    private readonly of: Pushed,
  ) {
    this.view = new Uint8Array(rows);
  }
  put(row: number, value: Value): void {
    if (typeof value !== "number" || (value & 255) !== value) throw refused(this.of, value, "an integer from 0 to 255");
    this.view[row] = value;
  }
}

/** Stands where no column is: a value for it would be lost. */
export class NoColumn implements StagedColumn {
  readonly view = new Uint8Array(0);
  constructor(
    private readonly kernel: string,
    private readonly names: string,
  ) {}
  put(_row: number, value: Value): void {
    if (value === undefined) return;
    const { kernel, names } = this;
    const hint = "give the same columns throughout a stream";
    throw new KernelError("E_PORTS_CHANGED", `${kernel}: this stream began with ${names}; push() got a value more`, {
      kernel,
      value,
      hint,
    });
  }
}

export const columnOf: Record<Dtype, new (rows: number, of: Pushed) => StagedColumn> = {
  f64: F64,
  f32: F32,
  i64: I64,
  i8: I8,
  u32: U32,
  i32: I32,
  u8: U8,
};

/** Epoch milliseconds to i64 nanoseconds in halves: every product and sum is exact in f64, and no BigInt is made. */
export function storeMilliseconds(halves: Uint32Array, row: number, milliseconds: number): void {
  const whole = Math.floor(milliseconds);
  const blocks = Math.floor(whole * 2 ** -16);
  const nanoseconds = blocks * 1e6;
  const high = Math.floor(nanoseconds * 2 ** -16);
  const low = (nanoseconds - high * 65_536) * 65_536 + (whole - blocks * 65_536) * 1e6 + Math.round((milliseconds - whole) * 1e6);
  const carry = Math.floor(low * 2 ** -32);
  halves[2 * row] = low - carry * 4_294_967_296;
  halves[2 * row + 1] = high + carry;
}
