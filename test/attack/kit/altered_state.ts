/** Ways to alter a saved state: its bytes, its values, its length, its header and what it says of itself. */
import { type Dtype, type View, viewOf } from "../../../src/core/contract/contract.js";

export type Random = () => number;

interface PortIn {
  name: string;
  dtype: Dtype;
  offset: number;
  length: number;
}

const blockUnit = 64;
const below = (random: Random, end: number) => Math.floor(random() * end);
const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)]!;

/** Where the ports of a block lie, by its own description. */
function portsIn(block: Uint8Array): PortIn[] {
  const length = new DataView(block.buffer, block.byteOffset).getUint32(8, true);
  const described = JSON.parse(new TextDecoder().decode(block.slice(64, 64 + length))) as { ports: [string, Dtype, number][] };
  const aligned = (bytes: number) => Math.ceil(bytes / blockUnit) * blockUnit;
  let offset = aligned(64 + length);
  return described.ports.map(([name, dtype, length]) => {
    const port = { name, dtype, offset, length };
    offset = aligned(offset + length * viewOf(dtype).BYTES_PER_ELEMENT);
    return port;
  });
}

const viewIn = (block: Uint8Array, { dtype, offset, length }: PortIn): View =>
  new (viewOf(dtype))(block.buffer, block.byteOffset + offset, length);

/** Views of the ports of a block, whatever they hold. */
export const viewsIn = (block: Uint8Array): Record<string, View> =>
  Object.fromEntries(portsIn(block).map((port) => [port.name, viewIn(block, port)]));

const odd = {
  f64: [
    Number.NaN,
    -1,
    -0.5,
    0.5,
    7,
    2 ** 24,
    2 ** 24 + 2,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    2 ** 62,
    2 ** 63,
    1e300,
    -1e300,
    Infinity,
    -Infinity,
    5e-324,
  ],
  i64: [-1n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n), 131_072n, 131_073n],
  i32: [-1, 0, 1, 255, 1020, 1021, 131_072, 131_073, 2 ** 31 - 1, -(2 ** 31)],
  u32: [0, 1, 40, 41, 640, 641, 2 ** 31, 2 ** 32 - 1, 2 ** 32 - 2],
  i8: [-128, -2, 2, 127],
  u8: [0, 1, 10, 34, 44, 255],
} as const;

interface Change {
  what: string;
  apply(block: Uint8Array): void;
}

/** One value of a port, each port as likely; or all values of it. */
function setValue(saved: Uint8Array, random: Random): Change {
  const port = pick(
    random,
    portsIn(saved).filter(({ length }) => length > 0),
  );
  const value = pick(random, odd[port.dtype as "f64"] as readonly number[]);
  const [element, all] = [below(random, port.length), random() < 0.1];
  return {
    what: `${port.name}[${all ? "all" : element}] = ${value}`,
    apply(block) {
      const view = viewIn(block, port) as Float64Array;
      if (all) view.fill(value);
      else view[element] = value;
    },
  };
}

function setBytes(from: number, to: number, random: Random): Change {
  const at = from + below(random, to - from);
  const [bit, byte, count] = [1 << below(random, 8), below(random, 256), 1 + below(random, Math.min(128, to - at))];
  const changes: [string, (block: Uint8Array) => void][] = [
    [`bit ${bit} of byte ${at}`, (block) => void (block[at]! ^= bit)],
    [`byte ${at} = ${byte}`, (block) => void (block[at] = byte)],
    [`${count} bytes from ${at} on = ${byte}`, (block) => void block.fill(byte, at, at + count)],
    [`${count} bytes from ${at} on are those at ${from}`, (block) => void block.copyWithin(at, from, from + count)],
  ];
  const [what, apply] = pick(random, changes);
  return { what, apply };
}

/** What the values of a block are changed to: memory in use, whose header is not read again. */
export function alterPorts(saved: Uint8Array, random: Random): Change {
  const first = portsIn(saved)[0]!.offset;
  const make = () => (random() < 0.8 ? setValue(saved, random) : setBytes(first, saved.length, random));
  const changes = Array.from({ length: random() < 0.7 ? 1 : 2 + below(random, 3) }, make);
  return {
    what: changes.map(({ what }) => what).join(", "),
    apply(block) {
      for (const change of changes) change.apply(block);
    },
  };
}

/** The description with other options, another kernel, other ports, or no JSON at all; as long as it was, or its new length told. */
function redescribe(saved: Uint8Array, random: Random): Change {
  const length = new DataView(saved.buffer, saved.byteOffset).getUint32(8, true);
  const text = new TextDecoder().decode(saved.slice(64, 64 + length));
  const whole = JSON.parse(text) as { options: Record<string, unknown> };
  const key = pick(random, [...Object.keys(whole.options), "constructor", "__proto__"]);
  const value = pick(random, [0, -1, 1, 3, 2 ** 31 - 1, 1e300, null, "x", {}, [], true]);
  const texts = [
    JSON.stringify({ ...whole, options: { ...whole.options, [key]: value } }),
    JSON.stringify({ ...whole, options: value }),
    JSON.stringify({ ...whole, kernel: value }),
    JSON.stringify({ ...whole, ports: value }),
    JSON.stringify(value),
    text.slice(0, below(random, text.length)),
    text.replace(/\d/, "9"),
    "",
  ];
  const bytes = new TextEncoder().encode(pick(random, texts));
  const told = random() < 0.7;
  return {
    what: `description ${new TextDecoder().decode(bytes).slice(0, 120)}${told ? "" : ", of its old length"}`,
    apply(block) {
      block.set(bytes.subarray(0, block.length - 64), 64);
      if (told) new DataView(block.buffer, block.byteOffset).setUint32(8, bytes.length, true);
    },
  };
}

function setHeader(saved: Uint8Array, random: Random): Change {
  const at = below(random, 7);
  const value = pick(random, [0, 1, 2, 3, 63, 64, saved.length, saved.length / blockUnit + 1, 2 ** 26, 2 ** 31, 2 ** 32 - 1]);
  return {
    what: `header word ${at} = ${value}`,
    apply: (block) => new DataView(block.buffer, block.byteOffset).setUint32(4 * at, value, true),
  };
}

/** A copy that is altered, and how. */
export function alter(saved: Uint8Array, random: Random): { bytes: Uint8Array; what: string } {
  const kind = random();
  if (kind < 0.1) {
    const end = pick(random, [below(random, 200), below(random, saved.length), saved.length - 1 - below(random, 64)]);
    return { bytes: saved.slice(0, end), what: `cut to ${end} bytes` };
  }
  if (kind < 0.15) {
    const bytes = new Uint8Array(saved.length + 1 + below(random, 1000)).fill(below(random, 256));
    bytes.set(saved);
    return { bytes, what: `${bytes.length - saved.length} bytes more` };
  }
  const change =
    kind < 0.35
      ? setBytes(0, saved.length, random)
      : kind < 0.45
        ? setHeader(saved, random)
        : kind < 0.6
          ? redescribe(saved, random)
          : alterPorts(saved, random);
  const bytes = saved.slice();
  change.apply(bytes);
  return { bytes, what: change.what };
}
