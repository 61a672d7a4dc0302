/** A stream's state: one flat block of declared size that describes itself, so that it can be saved, shared and checked. */
import type { ParamRecord } from "./check.js";
import { sizeOf } from "./check.js";
import { type Contract, type Ports, ports, type View, viewOf } from "./contract.js";
import { KernelError } from "./errors.js";

const magic = 0x54534654; // "TFST"
const version = 1;
const aligned = (bytes: number) => (bytes + 63) & ~63;

interface Layout {
  description: Uint8Array;
  offsets: number[];
  bytes: number;
}

/** Header of 64 bytes, description as JSON, then each port at a multiple of 64 bytes. */
function layout(contract: Contract, params: ParamRecord): Layout {
  const shapes = ports(contract.state).map(([name, port]) => [name, port.dtype, sizeOf(port, {}, params)]);
  const description = new TextEncoder().encode(JSON.stringify({ kernel: contract.name, options: params, ports: shapes }));
  let bytes = aligned(64 + description.length);
  const offsets = ports(contract.state).map(([, port]) => {
    const at = bytes;
    bytes = aligned(bytes + sizeOf(port, {}, params) * viewOf(port.dtype as "f64").BYTES_PER_ELEMENT);
    return at;
  });
  return { description, offsets, bytes };
}

export const stateBytes = (contract: Contract, params: ParamRecord): number => layout(contract, params).bytes;

/** Views of the state ports in a block: a zeroed block is started fresh, one of the same kernel and options is continued. */
export function openState(contract: Contract, params: ParamRecord, block?: ArrayBufferLike | Uint8Array): Record<string, View> {
  const plan = layout(contract, params);
  const bytes = block === undefined ? new Uint8Array(plan.bytes) : block instanceof Uint8Array ? block : new Uint8Array(block);
  const fail = (what: string, hint: string): never => {
    throw new KernelError("E_STATE", `${contract.name}: ${what}`, { kernel: contract.name, hint });
  };
  if (bytes.byteOffset % 8 !== 0) fail(`state starts at byte ${bytes.byteOffset} of its buffer`, "start it at a multiple of 8 bytes");
  if (bytes.length < plan.bytes) fail(`state has ${bytes.length} bytes, expected ${plan.bytes}`, "allocate stateBytes(options)");
  const header = new Uint32Array(bytes.buffer, bytes.byteOffset, 4);
  const views: Record<string, View> = {};
  ports(contract.state).forEach(([name, port], i) => {
    views[name] = new (viewOf(port.dtype as "f64"))(bytes.buffer, bytes.byteOffset + plan.offsets[i]!, sizeOf(port, {}, params));
  });
  if (header[0] === 0 && header[1] === 0) {
    for (const [name, port] of ports(contract.state as Ports))
      if (port.init !== undefined) (views[name] as Float64Array).fill(port.init as number);
    bytes.set(plan.description, 64);
    header.set([magic, version, plan.description.length, plan.bytes]);
    return views;
  }
  if (header[0] !== magic) fail("this is not a state block", "pass zeroed memory to start, or a block that a stream has used");
  if (header[1] !== version) fail(`state has layout version ${header[1]}, this is ${version}`, "start afresh: pass zeroed memory");
  const found = new TextDecoder().decode(bytes.slice(64, 64 + Math.min(header[2]!, bytes.length - 64)));
  const wanted = new TextDecoder().decode(plan.description);
  if (found !== wanted)
    fail(`state belongs to ${found}, expected ${wanted}`, "use the options that the state was made with, or start afresh");
  return views;
}

/** Options that a saved block was made with. */
export function optionsOf(contract: Contract, block: Uint8Array): ParamRecord {
  const header = block.byteLength >= 64 ? new DataView(block.buffer, block.byteOffset, 64) : undefined;
  const length = header?.getUint32(8, true) ?? 0;
  try {
    if (header?.getUint32(0, true) !== magic || 64 + length > block.byteLength) throw new Error("no header");
    const described = JSON.parse(new TextDecoder().decode(block.slice(64, 64 + length))) as { kernel: string; options: ParamRecord };
    if (described.kernel === contract.name) return described.options;
    throw new Error(`it belongs to ${described.kernel}`);
  } catch (cause) {
    throw new KernelError("E_STATE", `${contract.name}: this is no saved state of ${contract.name}: ${(cause as Error).message}`, {
      kernel: contract.name,
      hint: "pass what snapshot() returned",
      cause,
    });
  }
}
