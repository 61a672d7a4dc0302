/**
 * What a kernel declares. Everything else (types of a call, argument checks, native handshake, parity, golden numbers,
 * benchmark, documentation, bus columns) is derived from this object or measured against it.
 */
export type Real = "f64" | "f32";
export type Dtype = Real | "i64" | "i32" | "u32" | "i8" | "u8";

/** What the values of an input, or of a state that is restored, must be; a value outside is refused before any state changes. NaN never passes. */
export interface Check {
  /** Smallest value allowed. */
  min?: number;
  /** Values must be greater than this. */
  above?: number;
  /** Largest value allowed. */
  max?: number;
  /** Values must be smaller than this i32 parameter. */
  below?: string;
  /** State only: values must not be larger than this i32 parameter. */
  upTo?: string;
  /** Values never fall; the i64 state port named here holds the last value of the rows before ("": no rows come before). i64 ports only. */
  ascending?: string;
  /** Values must be whole numbers: f64 ports that count. */
  integer?: true;
}

export interface Port {
  /** "real" follows the call: f64 or f32, the same for all real ports. */
  dtype: "real" | Dtype;
  /** Dimension names, i32 parameters and constants; row-major. */
  shape: readonly (string | number)[];
  /** Inputs: may be left out. Outputs: written only where this input is given. */
  optional?: true | string;
  /** State only: the value that a fresh state holds (default 0). */
  init?: number | bigint;
  check?: Check;
  /** State only: what values must be at a place of the last dimension, where places differ. */
  places?: Readonly<Record<number, Check>>;
  /** What an error says of a value that the kernel itself refuses; where there is no `check` to say it. */
  expects?: string;
  unit: string;
  doc: string;
}

/** Values of state ports that count, up to where every whole number is an f64; that are signs, and that are 0 or 1. */
export const countCheck = { min: 0, max: 2 ** 53, integer: true } as const satisfies Check;
export const signCheck = { min: -1, max: 1, integer: true } as const satisfies Check;
export const flagCheck = { min: 0, max: 1, integer: true } as const satisfies Check;
/** A state port that counts what came so far: rings and windows are indexed by it. */
export const counter = (unit: string, doc: string) => ({ dtype: "f64", shape: [1], check: countCheck, unit, doc }) as const;

export type Param = {
  doc: string;
  unit?: string;
} /** `derived`: computed from the options before it; a caller may leave it out (its default is 0), or must give the same. */ & (
  | { type: "i32"; min?: number; max?: number; default?: number; derived?(params: Readonly<Record<string, any>>): number }
  | { type: "f64"; min?: number; above?: number; max?: number; default?: number }
  | { type: "enum"; values: readonly string[]; default: string }
);

/** What one execution did: rows taken from `from` on, rows written to the produced dimension. */
export interface Done {
  consumed: number;
  produced: number;
  /** A row that the kernel itself refuses; the rows before it were taken (none, where it is a row of a column of its own length). */
  refused?: Refused;
}
export interface Refused {
  code: "badValue" | "backwards" | "tooMany" | "notDefinite";
  input: string;
  /** A matrix: its element. */
  row: number;
}

/** What a contract says of a value that its kernel refused. */
export interface Refusal {
  /** A sentence behind the kernel's name. */
  why: string;
  hint: string;
  row?: number;
  column?: number;
  value?: number;
}

export type Ports = Readonly<Record<string, Port>>;
export type Params = Readonly<Record<string, Param>>;

export interface ViewOf {
  f64: Float64Array;
  f32: Float32Array;
  i64: BigInt64Array;
  i32: Int32Array;
  u32: Uint32Array;
  i8: Int8Array;
  u8: Uint8Array;
}
export type RealView = Float64Array | Float32Array;
export type View = ViewOf[Dtype];
export type PortView<P extends Port, R extends RealView = RealView> = P["dtype"] extends "real"
  ? R
  : P["dtype"] extends Dtype
    ? ViewOf[P["dtype"]]
    : never;

type OptionalKeys<I extends Ports> = { [K in keyof I]: I[K]["optional"] extends true | string ? K : never }[keyof I];
// Mapped over `keyof`, so that editors show what is said of each port.
export type Inputs<I extends Ports, R extends RealView = RealView> = {
  -readonly [K in keyof I as Exclude<K, OptionalKeys<I>>]: PortView<I[K], R>;
} & { -readonly [K in keyof I as Extract<K, OptionalKeys<I>>]?: PortView<I[K], R> | undefined };
export type Outputs<O extends Ports, R extends RealView = RealView> = { [K in keyof O]: PortView<O[K], R> };
/** Outputs that the caller supplies: those that depend on an optional input may be left out with it. */
export type GivenOutputs<O extends Ports, R extends RealView = RealView> = Inputs<O, R>;
export type ParamValue<P extends Param> = P extends { type: "enum"; values: readonly (infer V)[] } ? V : number;
type DefaultedKeys<P extends Params> = { [K in keyof P]: P[K] extends { default: string | number } ? K : never }[keyof P];
export type Options<P extends Params> = { -readonly [K in keyof P as Exclude<K, DefaultedKeys<P>>]: ParamValue<P[K]> } & {
  -readonly [K in keyof P as Extract<K, DefaultedKeys<P>>]?: ParamValue<P[K]> | undefined;
};
export type Dims = Readonly<Record<string, number>>;

/** What the reference is given: views already checked, real values in f64 or f32 as the call has them. */
export interface ReferenceCall<I extends Ports, P extends Params, S extends Ports, O extends Ports> {
  in: Inputs<I>;
  params: { readonly [K in keyof P]: ParamValue<P[K]> };
  state: Outputs<S>;
  out: GivenOutputs<O>;
  dims: Dims;
}

/** Largest distance |got - want| <= relative * max(|want|, floor) of the worst element; exact: equal to the bit. */
export interface Tolerance {
  relative?: number;
  floor?: number;
  exact?: true;
}

/** Numbers from outside this code that guard the reference itself. */
export interface Golden {
  source: string;
  inputs: Readonly<Record<string, readonly (number | bigint)[]>>;
  options?: Readonly<Record<string, string | number>>;
  outputs: Readonly<Record<string, readonly (number | bigint)[]>>;
  /** Digits of the source: |got - want| <= relative * max(|want|, floor), floor 1 where not said. */
  relative: number;
  floor?: number;
}

/** One case of the parity suite or the benchmark: dims for `sample`, and options. */
export interface Case {
  dims: Dims;
  options?: Readonly<Record<string, string | number>>;
  /** Optional inputs that this case leaves out. */
  without?: readonly string[];
  /** Tells apart benchmark cases of one kernel. */
  label?: string;
}

export interface Contract<I extends Ports = any, P extends Params = any, S extends Ports = any, O extends Ports = any> {
  name: string;
  doc: string;
  /** Paper and equation. */
  source: string;
  inputs: I;
  params: P;
  /** Present where rows may arrive in pieces: every port is a plain typed array. */
  state?: S;
  outputs: O;
  /** The dimension that `consumed` and ns-per-row count; or an i32 option, where the caller says how many rows there are. */
  rows: string;
  /** The output dimension whose length depends on the data; the call grows its arrays as needed. */
  produces?: string;
  /** Options and inputs that do not go together, or not with `stream`: a sentence, or undefined. `given` is unknown before the first row. */
  refuse?(params: Readonly<Record<string, any>>, how: "call" | "stream", given: ReadonlySet<string> | undefined): string | undefined;
  /** Says more of an input that the kernel refused than place and value do, or undefined; looked for only then, so it may take its time. */
  explain?(input: string, columns: Readonly<Record<string, unknown>>): Refusal | undefined;
  /** Smallest length of each dimension that the method needs; a call with less is refused before it runs. */
  needs?(params: Readonly<Record<string, any>>): Dims;
  /** The native kernel takes scratch memory: as much as it says itself, beside the code that lays it out. No reference needs any. */
  workspace?: true;
  /** The native kernel is lent threads: as many as its option `threads` says. Async calls of it tell progress and can be cancelled at any time. */
  threads?: true;
  /** Options under which rows cannot come in pieces: a call or bound call is one execution and leaves no state behind. */
  oneRun?(params: Readonly<Record<string, any>>): boolean;
  cost(dims: Dims, params: Readonly<Record<string, any>>): { flops: number; bytes: number };
  compare: { readonly [K in keyof O]: { f64: Tolerance; f32: Tolerance } };
  /** Plain, slow, obviously right: the specification. Returns nothing when all rows were taken and no length depends on data. */
  reference(call: ReferenceCall<I, P, S, O>): Done | undefined;
  /** Seeded inputs with a degenerate stretch, six decades of size, asymmetric. */
  sample(dims: Dims, random: () => number, params: Readonly<Record<string, any>>, without: ReadonlySet<string>): Inputs<I, Float64Array>;
  golden: readonly Golden[];
  parity: readonly Case[];
  bench: readonly Case[];
  /** Options of the parity and golden runs where a parameter has no default. */
  example?: Readonly<Record<string, string | number>>;
}

const shortPort =
  (real: Real) =>
  ([name, port]: readonly [string, Port]) =>
    `${name}:${port.dtype === "real" ? real : port.dtype}[]${port.optional ? "?" : ""}`;
/** A word that is no name in C++ has its `-` as `_` there. */
const shortParam = ([name, param]: readonly [string, Param]) =>
  `${name}:${param.type === "enum" ? param.values.join("|").replaceAll("-", "_") : param.type}`;

/**
 * `(price:f64[],window:i32,tail:exact|beyond;sums:f64[];workspace;threads)->(mean:f64[])`: inputs, parameters; state; whether there are scratch
 * memory and threads; outputs. The add-on makes the same of a function's own type, the names beside it, and the enums of its options.
 */
export function signature(of: Contract, real: Real): string {
  const short = shortPort(real);
  const ins = [...ports(of.inputs).map(short), ...paramsOf(of.params).map(shortParam)];
  const state = ports(of.state).map(short);
  const outs = ports(of.outputs).map(short);
  const scratch = of.workspace ? ";workspace" : "";
  const threads = of.threads ? ";threads" : "";
  return `(${ins.join(",")}${state.length ? `;${state.join(",")}` : ""}${scratch}${threads})->(${outs.join(",")})`;
}

/** Names of a signature's arguments, in its order. */
export const argumentNames = (of: Contract): string[] => [
  ...Object.keys(of.inputs),
  ...Object.keys(of.params),
  ...Object.keys(of.state ?? {}).map((key) => `state ${key}`),
  ...(of.workspace ? ["scratch memory"] : []),
  ...(of.threads ? ["threads lent"] : []),
  ...Object.keys(of.outputs),
];

const listed = new WeakMap<object, readonly [string, any][]>();
function entriesOf<T>(of: Readonly<Record<string, T>> | undefined): readonly [string, T][] {
  if (of === undefined) return [];
  let entries = listed.get(of);
  if (entries === undefined) listed.set(of, (entries = Object.entries(of)));
  return entries;
}
/** Declarations with their names, listed once: every call asks for them. */
export const ports = (of: Ports | undefined): readonly [string, Port][] => entriesOf(of);
export const paramsOf = (of: Params): readonly [string, Param][] => entriesOf(of);

/** Whether any port follows the dtype of the call. */
export const followsReal = (of: Contract): boolean =>
  [of.inputs, of.outputs].some((side: Ports) => ports(side).some(([, p]) => p.dtype === "real"));

const constructors = {
  f64: Float64Array,
  f32: Float32Array,
  i64: BigInt64Array,
  i32: Int32Array,
  u32: Uint32Array,
  i8: Int8Array,
  u8: Uint8Array,
} as const;
export const viewOf = (dtype: Dtype) => constructors[dtype] as unknown as ViewConstructor;
export interface ViewConstructor {
  readonly BYTES_PER_ELEMENT: number;
  readonly name: string;
  new (length: number): View;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): View;
}
