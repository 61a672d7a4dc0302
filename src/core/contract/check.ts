/** Checks a call against its contract: names, dtypes, lengths, options, and (for the reference) values. */
import {
  type Check,
  type Dims,
  type Dtype,
  type Param,
  type Params,
  type Port,
  type Ports,
  paramsOf,
  ports,
  type Real,
  type View,
  viewOf,
} from "./contract.js";
import { didYouMean, KernelError } from "./errors.js";
import { describe, isGone, isView, notAnObject, readObject, tagOf } from "./given.js";

export type ParamRecord = Readonly<Record<string, number | string>>;
export type Columns = Readonly<Record<string, View | undefined>>;
type Side = "input" | "output" | "state";
const none = Object.freeze({});

/** The dtype of a call: that of its first real view; f64 where none is given. */
export function realOf(columns: Columns, declared: Ports): Real {
  for (const [name, port] of ports(declared)) if (port.dtype === "real" && tagOf(columns[name]) === "Float32Array") return "f32";
  return "f64";
}

export const dtypeOf = (port: Port, real: Real): Dtype => (port.dtype === "real" ? real : port.dtype);

/** The columns that a caller gave, each read once; no name is unknown. */
export function takeColumns(kernel: string, declared: Ports, given: unknown, side: Side): Columns {
  if (typeof given !== "object" || given === null || ArrayBuffer.isView(given))
    throw new KernelError(
      "E_INPUT",
      `${kernel}: expected an object of ${side} columns { ${Object.keys(declared).join(", ")} }, got ${describe(given)}`,
      { kernel },
    );
  return readObject(kernel, `${side}s`, given, declared, (name) => {
    const near = didYouMean(name, Object.keys(declared));
    const hint = near ? `did you mean ${near}?` : `${side}s are ${Object.keys(declared).join(", ")}`;
    throw new KernelError("E_PORT_UNKNOWN", `${kernel}: no ${side} is called '${name}'; ${hint}`, { kernel, port: name, hint });
  }) as Columns;
}

/** Every view present has its declared dtype and its memory; none that must be there is missing. */
export function checkViews(kernel: string, declared: Ports, given: Columns, real: Real, side: Side): void {
  for (const [name, port] of ports(declared)) {
    const view = given[name];
    const expected = viewOf(dtypeOf(port, real)).name;
    if (view === undefined) {
      if (port.optional) continue;
      throw new KernelError("E_PORT_MISSING", `${kernel}: ${side} '${name}' is missing, expected ${expected} [${port.shape.join(", ")}]`, {
        kernel,
        port: name,
        hint: port.doc,
      });
    }
    const whole = isView(view) && typeof view.subarray === "function"; // its prototype may have been replaced
    if (!whole || tagOf(view) !== expected) {
      const hint = port.dtype === "real" ? "all real columns of a call are Float64Array, or all are Float32Array" : `use ${expected}`;
      const message = `${kernel}: '${name}' is ${whole ? tagOf(view) : describe(view)}, expected ${expected}; ${hint}`;
      throw new KernelError("E_DTYPE", message, { kernel, port: name, hint });
    }
    if (isGone(view)) throw gone(kernel, name);
  }
}

/** Arrays that are kept between calls lie in memory that keeps its size: an engine's own length checks cannot be trusted behind a buffer that does not. */
export function checkFixed(kernel: string, views: Columns): void {
  for (const [port, view] of Object.entries(views)) {
    const buffer = view?.buffer as { resizable?: boolean; growable?: boolean } | undefined;
    if (buffer?.resizable || buffer?.growable)
      throw new KernelError("E_RESIZABLE", `${kernel}: the buffer of '${port}' can be resized`, {
        kernel,
        port,
        hint: "bind and stream keep arrays between calls: give them buffers made without maxByteLength, or copy",
      });
  }
}

export const gone = (kernel: string, port: string): KernelError =>
  new KernelError("E_DETACHED", `${kernel}: the buffer of '${port}' was detached, or shrank until the view lies outside it`, {
    kernel,
    port,
    hint: "copy instead of transferring or resizing",
  });

const sizeAlong = (dim: string | number, dims: Dims, params: ParamRecord): number | undefined =>
  typeof dim === "number" ? dim : (dims[dim] ?? (typeof params[dim] === "number" ? (params[dim] as number) : undefined));

/** Solves the dimensions from the views' lengths; lengths that disagree are named. */
export function solveDims(kernel: string, declared: Ports, given: Columns, params: ParamRecord): Record<string, number> {
  const dims: Record<string, number> = {};
  const open: ([string, Port] | undefined)[] = ports(declared).filter(([name]) => given[name] !== undefined);
  for (let left = open.length; left > 0; left--) {
    const next = open.findIndex((entry) => entry !== undefined && isSolvable(entry[1], dims, params));
    if (next < 0) {
      const [name, port] = open.find((entry) => entry !== undefined)!;
      throw new KernelError("E_SHAPE", `${kernel}: lengths alone do not tell the shape of '${name}' [${port.shape.join(", ")}]`, {
        kernel,
      });
    }
    const [name, port] = open[next]!;
    open[next] = undefined;
    let unknown: string | undefined;
    let product = 1;
    for (const dim of port.shape) {
      const size = sizeAlong(dim, dims, params);
      if (size === undefined) unknown = dim as string;
      else product *= size;
    }
    const length = given[name]!.length;
    if (unknown !== undefined && product > 0 && length % product === 0) dims[unknown] = length / product;
    else if (unknown !== undefined || length !== product) throw lengthError(kernel, name, port, length, product, unknown !== undefined);
  }
  return dims;
}
/** Whether at most one of its sizes is not known yet. */
function isSolvable({ shape }: Port, dims: Dims, params: ParamRecord): boolean {
  let unknown = 0;
  for (const dim of shape) if (sizeAlong(dim, dims, params) === undefined) unknown++;
  return unknown <= 1;
}

/** `multiple`: any number of rows will do, if they are whole. */
export function lengthError(kernel: string, name: string, port: Port, length: number, expected: number, multiple = false): KernelError {
  const wanted = `[${port.shape.join(", ")}]${multiple ? `, a multiple of ${expected}` : ` = ${expected}`}`;
  return new KernelError("E_LENGTH", `${kernel}: '${name}' has ${length} values, expected ${wanted}`, {
    kernel,
    port: name,
    value: length,
    hint: multiple ? "a matrix is one array, row after row" : "all columns of a call have one length",
  });
}

/** New arrays; more memory than there is, is named. */
export function allocate(kernel: string, what: string, dtype: Dtype, length: number): View {
  try {
    return new (viewOf(dtype))(length);
  } catch (cause) {
    const message = `${kernel}: there is no memory for ${what} of ${length} values of ${dtype}`;
    throw new KernelError("E_MEMORY", message, { kernel, value: length, hint: "give fewer rows, or options that need less", cause });
  }
}

export function sizeOf(port: Port, dims: Dims, params: ParamRecord): number {
  let size = 1;
  for (const d of port.shape) size *= typeof d === "number" ? d : (dims[d] ?? (params[d] as number));
  return size;
}

/** Defaults filled in, every option known, of its type and in range. */
export function checkOptions(kernel: string, declared: Params, options: unknown = none): ParamRecord {
  if (typeof options !== "object" || options === null || Array.isArray(options) || ArrayBuffer.isView(options)) {
    const names = Object.keys(declared).join(", ");
    throw notAnObject(kernel, "options", options, names ? `options are ${names}` : "it has no options: leave them out, or pass {}");
  }
  const given = readObject(kernel, "options", options, declared, (name) => {
    const near = didYouMean(name, Object.keys(declared));
    const hint = near ? `did you mean ${near}?` : `options are ${Object.keys(declared).join(", ") || "none"}`;
    throw new KernelError("E_OPTION_UNKNOWN", `${kernel}: no option is called '${name}'; ${hint}`, { kernel, option: name, hint });
  });
  const params: Record<string, number | string> = {};
  for (const [name, param] of paramsOf(declared)) {
    const value = given[name] === undefined ? param.default : given[name];
    const wrong = value === undefined ? "is missing" : wrongValue(param, value);
    if (wrong)
      throw new KernelError(value === undefined ? "E_OPTION_MISSING" : "E_OPTION_RANGE", `${kernel}: option '${name}' ${wrong}`, {
        kernel,
        option: name,
        value,
        hint: param.doc,
      });
    params[name] = value as number | string;
    if (param.type === "i32" && param.derived) params[name] = derivedValue(kernel, name, param.derived(params), value as number, param.doc);
  }
  return params;
}

function derivedValue(kernel: string, option: string, derived: number, value: number, hint: string): number {
  if (value === 0 || value === derived) return derived;
  const message = `${kernel}: option '${option}' is ${value}, the other options make it ${derived}`;
  throw new KernelError("E_OPTION_RANGE", message, { kernel, option, value, hint });
}

function wrongValue(param: Param, value: unknown): string | undefined {
  if (param.type === "enum") {
    if (param.values.includes(value as string)) return undefined;
    const near = typeof value === "string" ? didYouMean(value, param.values) : undefined;
    return `is ${describe(value)}, expected one of ${param.values.join(", ")}${near ? `; did you mean ${near}?` : ""}`;
  }
  if (typeof value !== "number" || !Number.isFinite(value)) return `is ${describe(value)}, expected a finite number`;
  if (param.type === "i32" && (!Number.isInteger(value) || Math.abs(value) > 0x7fffffff)) return `is ${value}, expected an integer`;
  if (param.min !== undefined && value < param.min) return `is ${value}, expected >= ${param.min}`;
  if (param.type === "f64" && param.above !== undefined && !(value > param.above)) return `is ${value}, expected > ${param.above}`;
  if (param.max !== undefined && value > param.max) return `is ${value}, expected <= ${param.max}`;
  return undefined;
}

/** Two views on overlapping memory, one of them written. */
export function checkAliases(kernel: string, read: Columns, written: Columns): void {
  const span = (v: View) => ({ buffer: v.buffer, start: v.byteOffset, end: v.byteOffset + v.byteLength });
  const outs = Object.entries(written).filter((e): e is [string, View] => e[1] !== undefined && e[1].byteLength > 0);
  const all = [...Object.entries(read).filter((e): e is [string, View] => e[1] !== undefined && e[1].byteLength > 0), ...outs];
  for (const [outName, out] of outs)
    for (const [name, view] of all) {
      if (view === out && name === outName) continue;
      const a = span(out);
      const b = span(view);
      if (a.buffer === b.buffer && a.start < b.end && b.start < a.end)
        throw new KernelError("E_ALIAS", `${kernel}: output '${outName}' shares memory with '${name}'`, {
          kernel,
          port: outName,
          hint: "give each output memory of its own",
        });
    }
}

/** Inclusive bounds of a check as f64: what both backends compare with. */
export function boundsOf(check: Check, params: ParamRecord): { low: number; high: number } {
  const low = check.above === undefined ? (check.min ?? -Number.MAX_VALUE) : nextUp(check.above);
  let high = check.max ?? Number.MAX_VALUE;
  if (check.below !== undefined) high = Math.min(high, (params[check.below] as number) - 1);
  if (check.upTo !== undefined) high = Math.min(high, params[check.upTo] as number);
  return { low, high };
}

/** The same of an option; an enum's is that of its ordinals. */
export function rangeOf(param: Param): { low: number; high: number } {
  if (param.type === "enum") return { low: 0, high: param.values.length - 1 };
  const most = param.type === "i32" ? 0x7fffffff : Number.MAX_VALUE;
  const low = param.type === "f64" && param.above !== undefined ? nextUp(param.above) : (param.min ?? -most);
  return { low, high: param.max ?? most };
}

const scratch = new Float64Array(1);
const bits = new BigInt64Array(scratch.buffer);
function nextUp(x: number): number {
  if (x === 0) return Number.MIN_VALUE;
  scratch[0] = x;
  bits[0]! += x > 0 ? 1n : -1n;
  return scratch[0];
}

/** First row that the check refuses, or -1; of every `step`-th from `start` on. */
export function findBad(check: Check, view: View, params: ParamRecord, last: bigint | undefined, start = 0, step = 1): number {
  if (check.ascending !== undefined) {
    const times = view as BigInt64Array;
    for (let i = 0; i < times.length; i++) if (i > 0 ? times[i]! < times[i - 1]! : last !== undefined && times[0]! < last) return i;
    return -1;
  }
  const { low, high } = boundsOf(check, params);
  const whole = check.integer && !(view instanceof BigInt64Array);
  for (let i = start; i < view.length; i += step) {
    const value = view[i] as number;
    if (!(value >= low && value <= high) || (whole && !Number.isInteger(value))) return i;
  }
  return -1;
}

export function expectation(check: Check, params: ParamRecord): string {
  if (check.ascending !== undefined) return "a time not before the one above it";
  const parts: string[] = [];
  if (check.above !== undefined) parts.push(`> ${check.above}`);
  if (check.min !== undefined) parts.push(`>= ${check.min}`);
  if (check.max !== undefined) parts.push(`<= ${check.max}`);
  if (check.below !== undefined) parts.push(`< ${check.below} = ${params[check.below]}`);
  if (check.upTo !== undefined) parts.push(`<= ${check.upTo} = ${params[check.upTo]}`);
  if (check.integer) return `a whole number ${parts.join(" and ")}`;
  return parts.length > 0 ? `a number ${parts.join(" and ")}` : "a finite number";
}
