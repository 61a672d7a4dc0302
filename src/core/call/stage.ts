/** Rows staged in JS memory, one push at a time: no native call until there are many. */
import { type Contract, ports, type Real, type View } from "../contract/contract.js";
import { KernelError } from "../contract/errors.js";
import { type StagedColumn as Column, columnOf, NoColumn, type Value } from "./staged_column.js";

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
    const columns = used.map(
      ([port, { dtype }]) => new columnOf[dtype === "real" ? real : dtype](capacity, { kernel: contract.name, port }),
    );
    this.names = used.map(([key]) => key);
    this.columns = columns.map((column) => column.view);
    const all = [...columns, ...Array.from({ length: most - count }, () => new NoColumn(contract.name, this.names.join(", ")))] as Column[];
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
