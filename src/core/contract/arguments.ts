/** Arguments of functions and classes that are no kernels: what is not of its kind is named at the door. */
import { TickforgeError } from "./errors.js";
import { isBuffer, said } from "./given.js";

function wrong(where: string, value: unknown, expected: string): never {
  throw new TickforgeError("E_ARGUMENT", `${where} is ${said(value)}, expected ${expected}`, { value, hint: `pass ${expected}` });
}

/** `where` names the caller and the argument: "fromRows: rows". */
export function needObject(where: string, value: unknown): asserts value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) wrong(where, value, "an object");
}
export function needArray(where: string, value: unknown): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) wrong(where, value, "an array");
}
/** What it was given, where that is an object. */
export function object<T>(where: string, value: T): T {
  needObject(where, value);
  return value;
}
export function needBuffer(where: string, value: unknown): asserts value is ArrayBufferLike {
  if (!isBuffer(value)) wrong(where, value, "an ArrayBuffer or a SharedArrayBuffer");
}
export function needText(where: string, value: unknown): asserts value is string {
  if (typeof value !== "string") wrong(where, value, "a text");
}
export function needNumber(where: string, value: unknown): asserts value is number {
  if (typeof value !== "number" || Number.isNaN(value)) wrong(where, value, "a number");
}
export function needFunction(where: string, value: unknown): void {
  if (typeof value !== "function") wrong(where, value, "a function");
}
/** An object of ours, or what has its methods. */
export function needMethods(where: string, value: unknown, expected: string, ...methods: string[]): void {
  let has = false;
  try {
    has = value !== null && value !== undefined && methods.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
  } catch {
    has = false;
  }
  if (!has) wrong(where, value, expected);
}
/** Buses by their names. */
export function needBuses(where: string, value: unknown): void {
  needObject(where, value);
  for (const [name, bus] of Object.entries(value)) needMethods(`${where}.${name}`, bus, "a bus", "publisher", "subscribe");
}
