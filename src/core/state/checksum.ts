/** CRC-32C (Castagnoli) of bytes, eight at a time by tables: what a saved state is sealed with, wherever it is read. */
const polynomial = 0x82f63b78;

/** Table t, entry b: what byte b does to the register t bytes later. */
const tables = makeTables();

function makeTables(): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let register = byte;
    for (let bit = 0; bit < 8; bit++) register = register & 1 ? (register >>> 1) ^ polynomial : register >>> 1;
    made[byte] = register;
  }
  for (let i = 256; i < made.length; i++) made[i] = (made[i - 256]! >>> 8) ^ made[made[i - 256]! & 255]!;
  return made;
}

/** `before`: the checksum of the bytes that these follow. */
export function checksum(bytes: Uint8Array, before = 0): number {
  const t = tables;
  let register = ~before;
  let i = 0;
  for (; i + 8 <= bytes.length; i += 8) {
    const low = register ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    register =
      t[1792 + (low & 255)]! ^
      t[1536 + ((low >>> 8) & 255)]! ^
      t[1280 + ((low >>> 16) & 255)]! ^
      t[1024 + (low >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) register = (register >>> 8) ^ t[(register ^ bytes[i]!) & 255]!;
  return ~register >>> 0;
}
