/** Wrong arguments of every kind: what is no value of that kind at all, and what nearly is one. */
import type { View } from "../../../src/core/contract/contract.js";

export type Random = () => number;
export const pick = <T>(from: readonly T[], random: Random): T => from[Math.floor(random() * from.length)]!;

/** One thing to put in place of what is right. `refused`: an answer to it would be a fault. */
export interface Wrong {
  name: string;
  value: unknown;
  refused: boolean;
}
/** The same, made when it is wanted. */
export type Kind = readonly [name: string, make: () => unknown, refused?: boolean];
export const made = ([name, make, refused = true]: Kind): Wrong => ({ name, value: make(), refused });
export const oneOf = (kinds: readonly Kind[], random: Random): Wrong => made(pick(kinds, random));

class Loud {
  constructor() {
    Object.defineProperty(this, "constructor", { get: fail });
  }
  toString(): string {
    return fail();
  }
}
function fail(): never {
  throw new Error("this getter throws");
}
const traps: ProxyHandler<object> = { get: fail, ownKeys: fail, has: fail, getOwnPropertyDescriptor: fail };

/** What is neither an object of columns, nor a view, nor a number in range. */
export const nothings: readonly Kind[] = [
  ["null", () => null],
  ["5", () => 5],
  ["NaN", () => Number.NaN],
  ["a text", () => "x"],
  ["true", () => true],
  ["a symbol", () => Symbol("s")],
  ["a bigint", () => 5n],
  ["a function", () => () => 1],
  ["an array", () => [1, 2]],
  ["a class", () => class Wrong {}],
  ["a proxy whose traps throw", () => new Proxy({}, traps)],
  ["a DataView", () => new DataView(new ArrayBuffer(64))],
  ["a date", () => new Date(0)],
  ["a promise", () => Promise.resolve(1)],
  ["a map", () => new Map()],
  ["an object without prototype", () => Object.create(null)],
  ["an object that throws when looked at", () => new Loud()],
  ["an ArrayBuffer", () => new ArrayBuffer(8)],
];
/** Those that are no object of settings either: the last ones have none of their names. */
export const noObjects = nothings.slice(0, 12);

type Made = new (buffer: ArrayBufferLike, offset?: number, length?: number) => View;
const makerOf = (view: View) => view.constructor as unknown as Made;
const copyInto = (view: View, buffer: ArrayBufferLike, offset = 0, length = view.length): View => {
  const made = new (makerOf(view))(buffer, offset, length);
  made.set(view.subarray(0, Math.min(length, view.length)) as never);
  return made;
};
const resizable = (bytes: number, most: number): ArrayBuffer & { resize(bytes: number): void } =>
  new (ArrayBuffer as any)(bytes, { maxByteLength: most });

function detached(view: View): View {
  const made = view.slice() as View;
  structuredClone(made.buffer, { transfer: [made.buffer as ArrayBuffer] });
  return made;
}

/** A view of another length: what lies behind stays as the sample repeats. */
function ofLength(view: View, length: number): View {
  const made = new (makerOf(view) as unknown as new (length: number) => View)(length);
  for (let i = 0; i < length; i++) made[i] = (view.length > 0 ? view[i % view.length]! : made[i]!) as never;
  return made;
}

function onResizable(view: View, before: number, after: number, tracking: boolean): View {
  const { BYTES_PER_ELEMENT: size } = view;
  const buffer = resizable(Math.max(before, view.byteLength), 2 * Math.max(before, view.byteLength) + size);
  const made = tracking ? new (makerOf(view))(buffer) : new (makerOf(view))(buffer, 0, view.length);
  made.set(view as never);
  buffer.resize(after);
  return made;
}

/** In place of a view of the right dtype and length. */
export function wrongViews(view: View): Kind[] {
  const bytes = view.byteLength;
  const others = [Float64Array, Float32Array, BigInt64Array, BigUint64Array, Int32Array, Uint32Array, Int16Array, Int8Array, Uint8Array]
    .concat(Uint8ClampedArray as never)
    .filter((other) => (other as unknown) !== view.constructor);
  const last = view.length > 0;
  return [
    ...nothings,
    ...others.map((other): Kind => [`a ${other.name} of ${view.length}`, () => new other(view.length), other !== Float32Array]), // that one alone makes a call in f32
    ["a detached view", () => detached(view), last],
    ["a view without length", () => ofLength(view, 0), false],
    ["a view one shorter", () => ofLength(view, Math.max(0, view.length - 1)), false],
    ["a view one longer", () => ofLength(view, view.length + 1), false],
    ["a view twice as long", () => ofLength(view, 2 * view.length), false],
    ["a view of 5,000", () => ofLength(view, 5_000), false],
    ["a view on shared memory", () => copyInto(view, new SharedArrayBuffer(bytes)), false],
    ["a view three elements into its buffer", () => copyInto(view, new ArrayBuffer(bytes + 24), 3 * view.BYTES_PER_ELEMENT), false],
    ["a view on a resizable buffer", () => onResizable(view, bytes, bytes, false), false],
    ["a view that follows a buffer that shrank", () => onResizable(view, bytes, (bytes / 2) & ~7, true), false],
    ["a view that follows a buffer that grew", () => onResizable(view, bytes, 2 * bytes, true), false],
    ["a view outside its buffer that shrank", () => onResizable(view, bytes, 0, false), last],
    ["a proxy of a view", () => new Proxy(view, {})],
    ["an object with a view as prototype", () => Object.create(view)],
    ["a view that says it has no constructor", () => Object.defineProperty(view.slice(), "constructor", { value: undefined }), false],
    ["a view that says it is longer", () => Object.defineProperty(view.slice(), "length", { value: 2 * view.length + 1 }), false],
    ["a view with a prototype of another", () => Object.setPrototypeOf(ofLength(view, view.length), Date.prototype), false],
  ];
}

/** Numbers that are none, or at the border of something; each cast to what the view holds. */
const extremes = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 1e300, 5e-324, -1, 2 ** 31, 2 ** 32 - 1, 2 ** 53];
const wide = [-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n, 2n ** 53n];
/** Sets one value of a view to something extreme, and says what. */
export function spoil(view: View, random: Random): string {
  const at = pick([0, view.length - 1, Math.floor(view.length / 2)], random);
  const value = view instanceof BigInt64Array ? pick(wide, random) : pick(extremes, random);
  if (view.length > 0) view[at] = value as never;
  return `[${at}] = ${value}`;
}

/** In place of an option. What is in range is left out: it may be much work, and no mistake. */
export function wrongOptions(param: { type: string; min?: number; max?: number; above?: number; values?: readonly string[] }): Kind[] {
  const { min, max, above, values } = param;
  if (values)
    return [
      ...nothings,
      ["no value of it", () => "no_such_value"],
      ["a value and a blank", () => `${values[0]} `],
      ["toString", () => "toString"],
    ];
  const numbers: [string, number | undefined][] = [
    ["Infinity", Number.POSITIVE_INFINITY],
    ["below its least", min === undefined ? undefined : min - 1],
    ["its open border", above],
    ["above its most", max === undefined ? undefined : max * (max > 0 ? 1.5 : 0.5) + 1],
    ["half a number", param.type === "i32" ? 2.5 : undefined],
    ["2^31", param.type === "i32" ? 2 ** 31 : undefined],
    ["-2^31 - 1", param.type === "i32" ? -(2 ** 31) - 1 : undefined],
  ];
  const given = numbers.flatMap(([name, value]): Kind[] => (value === undefined ? [] : [[name, () => value]]));
  return [...nothings.filter(([name]) => name !== "5"), ...given];
}

/** Names that an object inherits, or nearly has. */
export const strangeNames = ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf", "bakend", "", "0", "in", "x".repeat(300)];

/** The same object, made so that it is odd to read. */
export function oddly(given: object, random: Random): Wrong {
  const [first] = Object.keys(given);
  const throwing = { ...given };
  if (first !== undefined) Object.defineProperty(throwing, first, { get: fail, enumerable: true });
  let reads = 0;
  const turning = { ...given } as Record<string, unknown>;
  if (first !== undefined) {
    const value = turning[first];
    const get = () => (reads++ > 0 ? (ArrayBuffer.isView(value) ? new Float64Array(0) : null) : value);
    Object.defineProperty(turning, first, { get, enumerable: true });
  }
  return oneOf(
    [
      ["frozen", () => Object.freeze({ ...given }), false],
      ["inherited", () => Object.create(given), false],
      ["without prototype", () => Object.assign(Object.create(null), given), false],
      ["with a getter that throws", () => throwing, first !== undefined],
      ["with a getter that answers once", () => turning, false],
      ["behind a proxy", () => new Proxy({ ...given }, {}), false],
      ["behind a proxy whose traps throw", () => new Proxy({ ...given }, traps)],
      ["with a symbol for a name", () => ({ ...given, [Symbol("s")]: 1 }), false],
    ],
    random,
  );
}

/** The same object with a name that it must not have. */
export function withStrangeName(given: object, random: Random): Wrong {
  const name = pick(strangeNames, random);
  const value = pick([3, null, new Float64Array(2)], random);
  const odd = Object.defineProperty({ ...given }, name, { value, enumerable: true, configurable: true });
  return { name: `with '${name.slice(0, 20)}' of ${value === null ? "null" : typeof value}`, value: odd, refused: true };
}
