/** What a caller gave, read once: a getter may throw, or answer otherwise the next time. */
import type { View } from "./contract.js";
import { KernelError, TickforgeError } from "./errors.js";

const tag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Int8Array.prototype), Symbol.toStringTag)!.get!;
/** `Float64Array` and its like for a typed array of any realm, whatever it says of itself; undefined for all else. */
export const tagOf = (value: unknown): string | undefined => tag.call(value) as string | undefined;
export const isView = (value: unknown): value is View => tagOf(value) !== undefined;

const bufferName = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")!.get!;
const sharedName =
  typeof SharedArrayBuffer === "function" && Object.getOwnPropertyDescriptor(SharedArrayBuffer.prototype, "byteLength")!.get!;
const answers = (getter: (() => unknown) | false, of: unknown): boolean => {
  try {
    return getter !== false && getter.call(of) !== undefined;
  } catch {
    return false;
  }
};
/** Of any realm. */
export const isBuffer = (value: unknown): value is ArrayBufferLike => answers(bufferName, value) || answers(sharedName, value);

/** Whether its memory is gone: the buffer was detached, or shrank until the view lies outside it. */
export function isGone(view: View): boolean {
  if (view.length > 0) return false;
  try {
    Uint8Array.prototype.keys.call(view as Uint8Array); // refuses such a view, whatever its type
    return false;
  } catch {
    return true;
  }
}

export const isObject = (value: unknown): value is object => (typeof value === "object" && value !== null) || typeof value === "function";

/** A value in an error's words. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (!isObject(value)) return `${typeof value} ${typeof value === "string" ? value.slice(0, 40) : String(value)}`;
  const name = quietly(() => (value as object).constructor?.name);
  return typeof name === "string" && name !== "" ? name : typeof value;
}

/** The same, a number as it is. */
export const said = (value: unknown): string => (typeof value === "number" ? String(value) : describe(value));

function quietly(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Runs `read` on what a caller gave; what its getters or traps throw is named. */
export function reading<T>(kernel: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof TickforgeError) throw cause;
    const why = quietly(() => String((cause as Error).message ?? cause));
    const hint = "pass plain objects, or ones whose getters and traps answer";
    throw new KernelError("E_ARGUMENT", `${kernel}: reading its ${what} failed: ${why}`, { kernel, hint, cause });
  }
}

/** The named properties of `given` that are not undefined; `unknown` is told of each other one that it has of its own. */
export function readObject(
  kernel: string,
  what: string,
  given: object,
  declared: object,
  unknown: (name: string) => never,
): Record<string, unknown> {
  return reading(kernel, what, () => {
    for (const name of Object.keys(given))
      if (!Object.hasOwn(declared, name) && (given as Record<string, unknown>)[name] !== undefined) unknown(name);
    const found: Record<string, unknown> = {};
    for (const name in declared) {
      const value = (given as Record<string, unknown>)[name];
      if (value !== undefined) found[name] = value;
    }
    return found;
  });
}

/** An argument that must be an object and is none. */
export const notAnObject = (kernel: string, argument: string, value: unknown, hint: string): KernelError =>
  new KernelError("E_ARGUMENT", `${kernel}: ${argument} is ${describe(value)}, expected an object`, { kernel, value, hint });
