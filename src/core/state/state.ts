/** A stream's state: one flat block of declared size that describes itself, so that it can be saved, shared and checked. */
import type { ParamRecord } from "../contract/check.js";
import { checkOptions, sizeOf } from "../contract/check.js";
import { type Contract, type Ports, ports, type View, viewOf } from "../contract/contract.js";
import { KernelError } from "../contract/errors.js";
import { isBuffer } from "../contract/given.js";
import { checksum } from "./checksum.js";
import { checkState } from "./state_values.js";

const magic = 0x54534654; // "TFST"
const version = 2;
/** Of a saved copy, whose bytes have a checksum; 0 in a block that is in use, since it changes with every row. */
const sealed = 0x4c414553; // "SEAL"
const headerBytes = 64;
const blockUnit = 64;
/** u32 of the header; `blocks`: the size of all in units of 64 bytes. */
const word = { magic: 0, version: 1, description: 2, blocks: 3, seal: 4, checksum: 5 } as const;
const aligned = (bytes: number) => Math.ceil(bytes / blockUnit) * blockUnit;

export type Memory = ArrayBufferLike | Uint8Array;

interface Layout {
  description: Uint8Array;
  offsets: number[];
  bytes: number;
}

/** Header of 64 bytes, description as JSON, then each port at a multiple of 64 bytes. */
function layout(contract: Contract, params: ParamRecord): Layout {
  const shapes = ports(contract.state).map(([name, port]) => [name, port.dtype, sizeOf(port, {}, params)]);
  const description = new TextEncoder().encode(JSON.stringify({ kernel: contract.name, options: params, ports: shapes }));
  let bytes = aligned(headerBytes + description.length);
  const offsets = ports(contract.state).map(([, port]) => {
    const at = bytes;
    bytes = aligned(bytes + sizeOf(port, {}, params) * viewOf(port.dtype as "f64").BYTES_PER_ELEMENT);
    return at;
  });
  return { description, offsets, bytes };
}

const wrong = (kernel: string, what: string, hint: string, cause?: unknown): KernelError =>
  new KernelError("E_STATE", `${kernel}: ${what}`, { kernel, hint, ...(cause === undefined ? {} : { cause }) });
const damaged = (kernel: string, what: string, cause?: unknown): KernelError =>
  wrong(kernel, `the state is damaged: ${what}`, "restore another copy of it, or start afresh", cause);

export const stateBytes = (contract: Contract, params: ParamRecord): number => layout(contract, params).bytes;

/** Zeroed memory for a state. */
export const newState = (contract: Contract, params: ParamRecord): Uint8Array => allocate(contract.name, stateBytes(contract, params));

function allocate(kernel: string, bytes: number): Uint8Array {
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    throw wrong(
      kernel,
      `its state of ${bytes} bytes finds no memory`,
      "use options that keep less: windows, histories, instruments",
      cause,
    );
  }
}

/** The bytes of what a caller gave as memory. */
export function bytesOf(kernel: string, memory: unknown): Uint8Array {
  const hint = "pass an ArrayBuffer, a SharedArrayBuffer or a Uint8Array of stateBytes(options) bytes";
  if (!isMemory(memory)) throw wrong(kernel, `state is ${memory === null ? "null" : `a ${typeof memory}`}, expected memory`, hint);
  try {
    return ArrayBuffer.isView(memory) ? new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength) : new Uint8Array(memory);
  } catch (cause) {
    throw wrong(kernel, "the memory of the state was detached", hint, cause);
  }
}

/** Whether it is a buffer, or a view of one, of any realm. */
export const isMemory = (given: unknown): given is Memory => ArrayBuffer.isView(given) || isBuffer(given);

/**
 * Views of the state ports in a block: zeroed memory is started fresh, a state of the same kernel and options is continued, and a saved
 * one is held against its checksum first. Without a block it is `newState`.
 */
export function openState(contract: Contract, params: ParamRecord, block?: Memory): Record<string, View> {
  const { name: kernel } = contract;
  const plan = layout(contract, params);
  const bytes = block === undefined ? allocate(kernel, plan.bytes) : bytesOf(kernel, block);
  if (bytes.byteOffset % 8 !== 0)
    throw wrong(kernel, `state starts at byte ${bytes.byteOffset} of its buffer`, "start it at a multiple of 8 bytes");
  if (bytes.length < plan.bytes)
    throw wrong(kernel, `state has ${bytes.length} bytes, expected ${plan.bytes}`, "allocate stateBytes(options)");
  const header = new Uint32Array(bytes.buffer, bytes.byteOffset, headerBytes / 4);
  const views: Record<string, View> = {};
  ports(contract.state).forEach(([name, port], i) => {
    views[name] = new (viewOf(port.dtype as "f64"))(bytes.buffer, bytes.byteOffset + plan.offsets[i]!, sizeOf(port, {}, params));
  });
  if (block === undefined) return begin(contract, plan, bytes, header, views);
  if (header.every((value) => value === 0)) {
    if (!isEmpty(bytes.subarray(0, plan.bytes)))
      throw wrong(kernel, "this is not a state block: it has no header, but is not empty", "pass zeroed memory to start");
    return begin(contract, plan, bytes, header, views);
  }
  checkHeader(kernel, header, bytes);
  if (header[word.seal] === sealed) checkSeal(kernel, header, bytes);
  checkDescription(kernel, plan, header, bytes);
  checkState(contract, params, views);
  header.fill(0, word.seal); // it lives on
  return views;
}

function isEmpty(bytes: Uint8Array): boolean {
  const whole = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8); // blocks are whole units
  return whole.every((value) => Object.is(value, 0));
}

function begin(
  contract: Contract,
  plan: Layout,
  bytes: Uint8Array,
  header: Uint32Array,
  views: Record<string, View>,
): Record<string, View> {
  for (const [name, port] of ports(contract.state as Ports))
    if (port.init !== undefined) (views[name] as Float64Array).fill(port.init as number);
  bytes.set(plan.description, headerBytes);
  header.set([magic, version, plan.description.length, plan.bytes / blockUnit]);
  return views;
}

/** What can be told without knowing the options: how much of it there is, and that it is a state. */
function checkHeader(kernel: string, header: Uint32Array, bytes: Uint8Array): void {
  if (header[word.magic] !== magic)
    throw wrong(kernel, "this is not a state block", "pass zeroed memory to start, or a block that a stream has used");
  if (header[word.version] !== version)
    throw wrong(kernel, `state has layout version ${header[word.version]}, this is ${version}`, "start afresh: pass zeroed memory");
  const whole = header[word.blocks]! * blockUnit;
  if (whole > bytes.length) throw damaged(kernel, `its header says ${whole} bytes, there are ${bytes.length}`);
  if (headerBytes + header[word.description]! > whole)
    throw damaged(kernel, `its header says a description of ${header[word.description]} bytes in ${whole}`);
  if (header[word.seal] !== sealed && header.subarray(word.seal).some((value) => value !== 0))
    throw damaged(kernel, "its header holds something else");
}

/** Of all bytes but those of the checksum itself. */
function checksumOf(block: Uint8Array): number {
  const at = 4 * word.checksum;
  return checksum(block.subarray(at + 4), checksum(block.subarray(0, at)));
}

/** `bytes` may go on behind the block. */
function checkSeal(kernel: string, header: Uint32Array, bytes: Uint8Array): void {
  const [wanted, found] = [header[word.checksum]!, checksumOf(bytes.subarray(0, header[word.blocks]! * blockUnit))];
  const hex = (value: number) => value.toString(16).padStart(8, "0");
  if (found !== wanted) throw damaged(kernel, `its checksum is ${hex(found)}, it was saved with ${hex(wanted)}`);
}

function checkDescription(kernel: string, plan: Layout, header: Uint32Array, bytes: Uint8Array): void {
  const found = new TextDecoder().decode(bytes.slice(headerBytes, headerBytes + header[word.description]!));
  const wanted = new TextDecoder().decode(plan.description);
  if (found === wanted && header[word.blocks]! * blockUnit === plan.bytes) return;
  if (found === wanted) throw damaged(kernel, `its header says ${header[word.blocks]! * blockUnit} bytes, expected ${plan.bytes}`);
  const told = found.length > 400 ? `${found.slice(0, 400)}...` : found;
  throw wrong(kernel, `state belongs to ${told}, expected ${wanted}`, "use the options that the state was made with, or start afresh");
}

/** A copy of a state in use, with a checksum over all of it. */
export function sealedCopy(block: Uint8Array): Uint8Array {
  const copy = block.slice();
  const header = new Uint32Array(copy.buffer, 0, headerBytes / 4);
  header[word.seal] = sealed;
  header[word.checksum] = checksumOf(copy.subarray(0, header[word.blocks]! * blockUnit));
  return copy;
}

/** The options that a saved state was made with, and the state, taken out of its seal, in `room` or in memory of its own. */
export function reopened(contract: Contract, saved: unknown, room?: Memory): { options: ParamRecord; block: Uint8Array } {
  const { name: kernel } = contract;
  const given = bytesOf(kernel, saved);
  if (given.length < headerBytes) throw noState(contract, new Error(`it has ${given.length} bytes`));
  const block = room === undefined ? given.slice() : bytesOf(kernel, room);
  if (block.length < given.length)
    throw wrong(kernel, `memory has ${block.length} bytes, the state ${given.length}`, "allocate stateBytes(options)");
  const header = new Uint32Array(given.slice(0, headerBytes).buffer);
  checkHeader(kernel, header, given);
  if (header[word.seal] === sealed) checkSeal(kernel, header, given);
  const options = describedOptions(contract, given.slice(headerBytes, headerBytes + header[word.description]!));
  block.set(given);
  block.fill(0, 4 * word.seal, 4 * word.checksum + 4);
  return { options, block };
}

const noState = (contract: Contract, cause: unknown): KernelError =>
  wrong(contract.name, `this is no saved state of ${contract.name}: ${(cause as Error).message}`, "pass what snapshot() returned", cause);

function describedOptions(contract: Contract, description: Uint8Array): ParamRecord {
  try {
    const { kernel, options } = JSON.parse(new TextDecoder().decode(description)) as { kernel: unknown; options: Record<string, unknown> };
    if (kernel !== contract.name) throw new Error(`it belongs to ${kernel}`);
    if (typeof options !== "object" || options === null) throw new Error("it names no options");
    const params = checkOptions(contract.name, contract.params, options);
    const refused = contract.refuse?.(params, "stream", undefined);
    if (refused !== undefined) throw new Error(refused);
    return params;
  } catch (cause) {
    throw noState(contract, cause);
  }
}
