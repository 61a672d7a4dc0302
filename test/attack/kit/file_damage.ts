/** What happens to files: on disks, in transfers, under scripts. The same random numbers do the same damage. */
export type Random = () => number;

export interface Damaged {
  bytes: Buffer;
  what: string;
  /** What is known of the rows: as many as there were, as many or fewer, nothing. */
  rows: "kept" | "cut" | "any";
}

const below = (random: Random, n: number) => Math.floor(random() * n);
const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)]!;

/** More often at the ends, where heads and tables of contents are. */
function place(bytes: Buffer, random: Random): number {
  const near = Math.min(bytes.length, 400);
  const where = random();
  if (where < 0.2) return below(random, near);
  return where < 0.4 ? bytes.length - 1 - below(random, near) : below(random, bytes.length);
}

const isLineEnd = (byte: number) => byte === 10 || byte === 13;
const extremes = [0n, 1n, -1n, 2n ** 15n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)];

type Damage = (bytes: Buffer, random: Random) => Damaged;

function overwritten(bytes: Buffer, at: number, by: Buffer, what: string): Damaged {
  const changed = Buffer.from(bytes);
  const written = by.subarray(0, bytes.length - at);
  const before = bytes.subarray(at, at + written.length);
  written.copy(changed, at);
  const kept = !before.some(isLineEnd) && !written.some(isLineEnd);
  return { bytes: changed, what: `${what} at ${at}`, rows: kept ? "kept" : "any" };
}

function spliced(bytes: Buffer, at: number, remove: number, add: Buffer | string, what: string): Damaged {
  const all = Buffer.concat([bytes.subarray(0, at), Buffer.from(add as string), bytes.subarray(at + remove)]);
  return { bytes: all, what: `${what} at ${at}`, rows: "any" };
}

const damages: readonly (readonly [weight: number, damage: Damage])[] = [
  [
    4,
    (bytes, random) => {
      const at = place(bytes, random);
      const bit = below(random, 8);
      return overwritten(bytes, at, Buffer.of(bytes[at]! ^ (1 << bit)), `bit ${bit} flipped`);
    },
  ],
  [
    4,
    (bytes, random) => {
      const byte = pick(random, [0, 0xff, 0x7f, 0x80, below(random, 256)]);
      return overwritten(bytes, place(bytes, random), Buffer.of(byte), `byte ${byte}`);
    },
  ],
  [
    2,
    (bytes, random) => {
      const byte = pick(random, [0, 0, 0xff, below(random, 256)]);
      const length = 1 + below(random, pick(random, [8, 64, 512, 4096]));
      return overwritten(bytes, place(bytes, random), Buffer.alloc(length, byte), `${length} bytes ${byte}`);
    },
  ],
  [
    3,
    (bytes, random) => {
      const length = pick(random, [2, 4, 8]);
      const value = Buffer.alloc(8);
      const number = pick(random, extremes);
      value.writeBigInt64LE(BigInt.asIntN(64, number));
      const at = place(bytes, random);
      return overwritten(bytes, random() < 0.7 ? at - (at % length) : at, value.subarray(0, length), `${length} bytes say ${number}`);
    },
  ],
  [
    2,
    (bytes, random) => {
      const at = random() < 0.5 ? place(bytes, random) : Math.max(0, bytes.lastIndexOf(10, place(bytes, random)) + below(random, 2));
      return { bytes: Buffer.from(bytes.subarray(0, at)), what: `cut at ${at}`, rows: "cut" };
    },
  ],
  [
    1,
    (bytes, random) => {
      const length = 1 + below(random, pick(random, [4, 300]));
      const add = Buffer.from(Array.from({ length }, () => below(random, 256)));
      return spliced(bytes, place(bytes, random), 0, add, `${length} random bytes more`);
    },
  ],
  [
    1,
    (bytes, random) => {
      const length = 1 + below(random, pick(random, [4, 64, 1000]));
      return spliced(bytes, place(bytes, random), length, "", `${length} bytes less`);
    },
  ],
  [
    1,
    (bytes, random) => {
      const at = place(bytes, random);
      const length = 1 + below(random, pick(random, [64, 1000, bytes.length]));
      return spliced(bytes, at, 0, bytes.subarray(at, at + length), `${length} bytes again`);
    },
  ],
  [
    1,
    (bytes, random) => {
      const block = pick(random, [16, 64, 512]);
      const [a, b] = [below(random, bytes.length / block) * block, below(random, bytes.length / block) * block];
      const swapped = Buffer.from(bytes);
      bytes.copy(swapped, a, b, Math.min(b + block, bytes.length - Math.max(0, a - b)));
      bytes.copy(swapped, b, a, Math.min(a + block, bytes.length - Math.max(0, b - a)));
      return { bytes: swapped, what: `blocks of ${block} at ${a} and ${b} swapped`, rows: "any" };
    },
  ],
  [
    2,
    (bytes, random) => {
      const sign = pick(random, [
        '"',
        "{",
        "}",
        "[",
        "]",
        ",",
        ";",
        "\t",
        "\0",
        "\\",
        "'",
        ":",
        "-",
        "e999",
        "NaN",
        "1e308",
        "\r",
        "\u2028",
      ]);
      return spliced(bytes, place(bytes, random), 0, sign, `${JSON.stringify(sign)} more`);
    },
  ],
  [
    1,
    (bytes, random) => {
      const sign = pick(random, [0x22, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a, 0x0a]);
      const at = bytes.indexOf(sign, place(bytes, random));
      return at < 0 ? spliced(bytes, 0, 1, "", "a byte less") : spliced(bytes, at, 1, "", `'${String.fromCharCode(sign)}' less`);
    },
  ],
  [
    1,
    (bytes, random) => {
      const end = (at: number) => bytes.indexOf(10, at) + 1 || bytes.length;
      const from = bytes.lastIndexOf(10, place(bytes, random)) + 1;
      const line = bytes.subarray(from, end(from));
      const times = 1 + below(random, 5);
      return spliced(bytes, from, 0, Buffer.concat(Array.from({ length: times }, () => line)), `a line ${times} times more`);
    },
  ],
  [
    1,
    (bytes, random) => {
      const text = bytes.toString("latin1");
      const [what, changed] = pick<readonly [string, () => Buffer]>(random, [
        ["as UTF-16", () => Buffer.from(`\uFEFF${text}`, "utf16le")],
        ["as UTF-16 without a mark", () => Buffer.from(text, "utf16le")],
        ["with a mark of UTF-8", () => Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), bytes])],
        [
          "some line ends as CRLF",
          () =>
            Buffer.from(
              text.replace(/\n/g, () => (random() < 0.5 ? "\r\n" : "\n")),
              "latin1",
            ),
        ],
        ["line ends as CR", () => Buffer.from(text.replaceAll("\n", "\r"), "latin1")],
        ["deep brackets before", () => Buffer.concat([Buffer.alloc(5000, "["), bytes])],
        ["zeros behind", () => Buffer.concat([bytes, Buffer.alloc(1 + below(random, 5000))])],
      ]);
      return { bytes: changed(), what, rows: "any" };
    },
  ],
];

const all = damages.flatMap(([weight, damage]) => Array.from({ length: weight }, () => damage));
export const damage = (bytes: Buffer, random: Random): Damaged => pick(random, all)(bytes, random);
