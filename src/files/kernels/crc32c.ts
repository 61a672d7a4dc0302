import { kernel } from "../../core/call/kernel.js";

const exact = { f64: { exact: true }, f32: { exact: true } } as const;

/** Checksum of the frames of a recording, and of the rows of a topic. */
export const crc32c = kernel({
  name: "crc32c",
  rows: "byte",
  doc: "CRC-32C of bytes: the checksum of iSCSI, ext4 and this package's recordings.",
  source: "RFC 3720, 12.1 and appendix B.4; Castagnoli, Braeuer & Herrmann (1993), IEEE Trans. Commun. 41(6)",
  inputs: {
    bytes: { dtype: "u8", shape: ["byte"], unit: "-", doc: "all of them" },
    before: { dtype: "u32", shape: [1], optional: true, unit: "-", doc: "checksum of what comes before these bytes; 0 where left out" },
  },
  params: {},
  outputs: { crc: { dtype: "u32", shape: [1], unit: "-", doc: "checksum" } },
  compare: { crc: exact },
  cost: ({ byte = 0 }) => ({ flops: byte, bytes: byte }),
  reference({ in: { bytes, before }, out: { crc } }) {
    let register = ~(before?.[0] ?? 0);
    for (const byte of bytes) {
      register ^= byte;
      for (let bit = 0; bit < 8; bit++) register = register & 1 ? (register >>> 1) ^ 0x82f63b78 : register >>> 1;
    }
    crc[0] = ~register;
  },
  sample: ({ byte = 0 }, random) => ({
    bytes: Uint8Array.from({ length: byte }, (_, i) => (i > 0.4 * byte && i < 0.5 * byte ? 0 : 256 * random())),
    ...(byte % 2 === 1 && { before: Uint32Array.of(2 ** 32 * random()) }),
  }),
  golden: [
    {
      source: "RFC 3720 appendix B.4 and the catalogue's check value of CRC-32/ISCSI",
      inputs: { bytes: [...Buffer.from("123456789")] },
      outputs: { crc: [0xe3069283] },
      relative: 0,
    },
    {
      source: "the same check value, its bytes taken in two parts",
      inputs: { bytes: [...Buffer.from("56789")], before: [0xf63af4ee] },
      outputs: { crc: [0xe3069283] },
      relative: 0,
    },
    {
      source: "RFC 3720 appendix B.4: 32 bytes of zeros",
      inputs: { bytes: Array(32).fill(0) },
      outputs: { crc: [0x8a9136aa] },
      relative: 0,
    },
    {
      source: "RFC 3720 appendix B.4: 32 bytes of ones",
      inputs: { bytes: Array(32).fill(255) },
      outputs: { crc: [0x62a8ab43] },
      relative: 0,
    },
  ],
  parity: [{ dims: { byte: 1 } }, { dims: { byte: 7 } }, { dims: { byte: 8 } }, { dims: { byte: 1_003 } }, { dims: { byte: 40_000 } }],
  bench: [{ dims: { byte: 1_000_000 } }],
});
