/** Columns of one buffer: what is asked of each buffer at every call of a kernel is asked once. */

type View = Float64Array | BigInt64Array | Int32Array | Uint32Array | Uint8Array | Int8Array;
type Maker = (new (buffer: ArrayBuffer, byteOffset: number, length: number) => View) & { readonly BYTES_PER_ELEMENT: number };

/** One of each shape: with the last of them the engine's fast code for it would go, and each run would make it anew. */
const kept = new WeakMap<object, unknown>();

/** Lines of the processor's memory. */
const lineBytes = 64;

export function together<T extends Readonly<Record<string, Maker>>>(
  rows: number,
  columns: T,
): { readonly [K in keyof T]: InstanceType<T[K]> } {
  let bytes = 0;
  const places = Object.entries(columns).map(([name, make]) => {
    const place = { name, make, at: bytes };
    bytes += Math.ceil((rows * make.BYTES_PER_ELEMENT) / lineBytes) * lineBytes;
    return place;
  });
  if (!kept.has(columns)) kept.set(columns, Object.fromEntries(places.map(({ name, make }) => [name, new make(new ArrayBuffer(0), 0, 0)])));
  const buffer = new ArrayBuffer(bytes);
  return Object.fromEntries(places.map(({ name, make, at }) => [name, new make(buffer, at, rows)])) as {
    [K in keyof T]: InstanceType<T[K]>;
  };
}
