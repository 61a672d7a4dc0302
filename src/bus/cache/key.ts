import { needBytes, needObject, needPlain, needText } from "../../core/contract/arguments.js";

type Option = number | bigint | string | boolean | undefined;

/**
 * A key that equal calls share. With `inputs` as arrays their bytes are hashed, at 0.4 ns a byte: 1 us for 2 kB, milliseconds
 * for a million rows, which is what fast kernels take themselves. Where the inputs have a name already, such as topic, epoch
 * and sequence of a batch, pass that instead: the key is made in 0.6 us then, or kept and used again.
 * Arrays that differ have different keys but for chance (128 bits), not against somebody who searches for equal ones.
 */
export function callKey(
  kernel: string,
  options: Readonly<Record<string, Option>>,
  inputs: string | number | Readonly<Record<string, ArrayBufferView | undefined>>,
): string {
  needText("callKey: kernel", kernel);
  needObject("callKey: options", options);
  let key = kernel;
  for (const name of Object.keys(options).sort()) {
    const value = options[name];
    if (value === undefined) continue;
    needPlain(`callKey: option '${name}'`, value);
    key += `|${name}=${written(value)}`;
  }
  if (typeof inputs === "string" || typeof inputs === "number") return `${key}#${inputs}`;
  needObject("callKey: inputs", inputs);
  for (const name of Object.keys(inputs).sort()) {
    const view = inputs[name];
    if (view === undefined) continue;
    needBytes(`callKey: input '${name}'`, view);
    key += `#${name}:${view.constructor.name}:${contentHash(view)}`;
  }
  return key;
}

function written(value: NonNullable<Option>): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Object.is(value, -0)) return "-0";
  return typeof value === "bigint" ? `${value}n` : String(value);
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
const mixed = (x: number): number => {
  let h = Math.imul(x ^ (x >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
};
const C1 = 0x239b_961b;
const C2 = 0xab0e_9789;
const C3 = 0x38b3_4ae5;
const C4 = 0xa1e3_8b93;
const k1 = (k: number) => Math.imul(rotate(Math.imul(k, C1), 15), C2);
const k2 = (k: number) => Math.imul(rotate(Math.imul(k, C2), 16), C3);
const k3 = (k: number) => Math.imul(rotate(Math.imul(k, C3), 17), C4);
const k4 = (k: number) => Math.imul(rotate(Math.imul(k, C4), 18), C1);

/** The last bytes of an input, padded with zeros; made once, for making it takes longer than hashing a hundred numbers. */
const rest = new Int32Array(4);
const restBytes = new Uint8Array(rest.buffer);

/**
 * MurmurHash3_x86_128 (Austin Appleby, public domain) of the bytes, seed 0: four words in decimal, signed, which JS writes
 * fastest; its 32-bit lanes are what JS multiplies fast.
 */
export function contentHash(view: ArrayBufferView): string {
  needBytes("contentHash: view", view);
  const length = view.byteLength;
  const whole = (length >> 4) << 2;
  // Words must lie at multiples of four.
  const words =
    view.byteOffset % 4 === 0
      ? new Int32Array(view.buffer, view.byteOffset, whole)
      : new Int32Array(new Uint8Array(view.buffer, view.byteOffset, whole * 4).slice().buffer);
  let [h1, h2, h3, h4] = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 4) {
    h1 = (Math.imul(rotate(h1 ^ k1(words[i]!), 19) + h2, 5) + 0x561c_cd1b) | 0;
    h2 = (Math.imul(rotate(h2 ^ k2(words[i + 1]!), 17) + h3, 5) + 0x0bca_a747) | 0;
    h3 = (Math.imul(rotate(h3 ^ k3(words[i + 2]!), 15) + h4, 5) + 0x96cd_1c35) | 0;
    h4 = (Math.imul(rotate(h4 ^ k4(words[i + 3]!), 13) + h1, 5) + 0x32ac_3b17) | 0;
  }
  rest.fill(0);
  if (whole * 4 < length) restBytes.set(new Uint8Array(view.buffer, view.byteOffset + whole * 4, length - whole * 4));
  h1 ^= k1(rest[0]!) ^ length;
  h2 ^= k2(rest[1]!) ^ length;
  h3 ^= k3(rest[2]!) ^ length;
  h4 ^= k4(rest[3]!) ^ length;
  return finished(h1, h2, h3, h4);
}

function finished(a: number, b: number, c: number, d: number): string {
  let h1 = (a + b + c + d) | 0;
  const h2 = mixed(b + h1);
  const h3 = mixed(c + h1);
  const h4 = mixed(d + h1);
  h1 = (mixed(h1) + h2 + h3 + h4) | 0;
  return `${h1}.${(h2 + h1) | 0}.${(h3 + h1) | 0}.${(h4 + h1) | 0}`;
}
