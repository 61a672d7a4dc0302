/** Seeded DBN records for parity and benchmark: trades and what lies between them; and, where asked, records that are refused. */
import { headBytes, lengthUnit, tradeFields, undefinedPrice } from "./dbn_record.js";

const trades = 0;
const otherKinds = [18, 22, 23, 160] as const;

/** One record of any kind; `more`: bytes behind the fields of its kind. */
export function dbnRecord(of: {
  kind?: number;
  instrument?: number;
  time?: bigint;
  event?: bigint;
  price?: bigint;
  size?: number;
  action?: string;
  side?: string;
  bytes?: number;
}): Uint8Array {
  const { kind = trades, instrument = 1, time = 0n, event = time, price = 1_000_000_000n, size = 1, action = "T", side = "B" } = of;
  const fields = tradeFields(kind);
  const bytes = new Uint8Array(of.bytes ?? fields?.bytes ?? headBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = bytes.length / lengthUnit;
  bytes[1] = kind;
  view.setUint16(2, 1, true);
  view.setUint32(4, instrument, true);
  view.setBigUint64(8, event, true);
  if (!fields) return bytes;
  view.setBigInt64(fields.price, price, true);
  view.setUint32(fields.size, size, true);
  bytes[fields.action] = action.charCodeAt(0);
  bytes[fields.side] = side.charCodeAt(0);
  view.setBigUint64(fields.tsRecv, time, true);
  return bytes;
}

/** `bad`: share of records that are refused. */
export function sampleRecords(bytes: number, random: () => number, bad = 0): Uint8Array {
  const all = new Uint8Array(bytes);
  let time = 1_700_000_000_000_000_000n;
  for (let at = 0; at < bytes; ) {
    time += BigInt(Math.floor(random() * 3e6 * (random() < 0.01 ? 1e4 : 1)));
    const other = random() < 0.05 ? otherKinds[Math.floor(4 * random())] : undefined;
    const wrong = random() < bad ? Math.floor(6 * random()) : -1;
    const record = dbnRecord({
      ...(other === undefined ? {} : { kind: other, ...(other < 160 && { bytes: 16 + 4 * Math.floor(60 * random()) }) }),
      instrument: Math.floor(20 * random() ** 3) * 7_919,
      time: wrong === 0 ? 2n ** 64n - 1n : wrong === 1 ? time - 10n ** 18n : time,
      event: time - BigInt(Math.floor(1e5 * random())),
      price: wrong === 2 ? undefinedPrice : wrong === 3 ? -5n : BigInt(Math.floor(10 ** (6 + 6 * random()))),
      size: wrong === 4 ? 2 ** 32 - 1 : random() < 0.02 ? 0 : Math.floor(10 ** (6 * random())),
      action: random() < 0.02 ? "C" : "T",
      side: wrong === 5 ? "X" : random() < 0.55 ? "B" : random() < 0.9 ? "A" : "N",
    });
    all.set(record.subarray(0, bytes - at), at);
    at += record.length;
    if (random() < 0.05 && at + record.length <= bytes) {
      all.set(record, at);
      at += record.length;
    }
  }
  return all;
}
