/**
 * zstd frames -> chunks, with each frame's length and checksum compared with what came out. fzstd unpacks the blocks and compares neither;
 * zlib has zstd since Node 22.15 only, and stops in silence after the first of several frames. Layout of a frame: RFC 8878, section 3.1.
 */
import { Decompress } from "fzstd";
import { corrupt, problem, truncated } from "./unpack.js";
import { Xxh64 } from "./xxh64.js";

/** As much as the format's own tool takes where it is not told otherwise; all of it is memory. */
const largestWindow = 2 ** 27;
const frameMagic = 0xfd2fb528n;
const checksumBytes = 4;

const number = (bytes: Uint8Array): bigint => bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);

/** Bytes by count instead of by chunk. */
class Input {
  private rest: Uint8Array = new Uint8Array(0);
  constructor(
    private readonly name: string,
    private readonly chunks: AsyncIterator<Uint8Array>,
  ) {}

  async ended(): Promise<boolean> {
    while (this.rest.length === 0) {
      const next = await this.chunks.next();
      if (next.done) return true;
      this.rest = next.value;
    }
    return false;
  }

  /** The next bytes, some of them or all. */
  async some(most: number): Promise<Uint8Array> {
    if (await this.ended()) throw truncated(this.name, "zstd");
    const part = this.rest.subarray(0, most);
    this.rest = this.rest.subarray(part.length);
    return part;
  }

  async take(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; ) {
      const part = await this.some(count - at);
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}

interface Header {
  bytes: Uint8Array;
  /** Of the contents, where the frame tells it. */
  length: bigint | undefined;
  checksum: boolean;
}

async function headerOf(name: string, input: Input, magic: Uint8Array): Promise<Header> {
  const flags = (await input.take(1))[0]!;
  const oneSegment = (flags >> 5) & 1;
  const idBytes = [0, 1, 2, 4][flags & 3]!;
  const lengthBytes = [oneSegment, 2, 4, 8][flags >> 6]!;
  const rest = await input.take(1 - oneSegment + idBytes + lengthBytes);
  const length = lengthBytes === 0 ? undefined : number(rest.subarray(-lengthBytes)) + (lengthBytes === 2 ? 256n : 0n);
  const [exponent, eighths] = [rest[0]! >> 3, rest[0]! & 7];
  const window = oneSegment ? Number(length) : 2 ** (10 + exponent) * (1 + eighths / 8);
  const dictionary = number(rest.subarray(1 - oneSegment, 1 - oneSegment + idBytes));
  if (dictionary > 0n || window > largestWindow) {
    const what = dictionary > 0n ? `dictionary ${dictionary}` : `a window of ${Math.ceil(window / 2 ** 20)} MiB`;
    throw problem("E_ZSTD_METHOD", name, `its zstd data needs ${what}, or is damaged`, "unpack it with zstd first");
  }
  return { bytes: Buffer.concat([magic, Uint8Array.of(flags), rest]), length, checksum: (flags & 4) !== 0 };
}

/** The contents of one frame, whose magic number has been read. */
async function* contents(name: string, input: Input, magic: Uint8Array): AsyncGenerator<Uint8Array> {
  const header = await headerOf(name, input, magic);
  const ready: Uint8Array[] = [];
  const decoder = new Decompress((data) => data.length > 0 && ready.push(data));
  const hash = new Xxh64();
  let length = 0n;
  let checksum = 0n;
  decoder.push(header.bytes);
  for (let last = false; !last; ) {
    const head = await input.take(3);
    const bits = Number(number(head));
    last = (bits & 1) === 1;
    const repeated = ((bits >> 1) & 3) === 1;
    const tail = last && header.checksum ? checksumBytes : 0;
    const body = await input.take((repeated ? 1 : bits >> 3) + tail);
    checksum = number(body.subarray(body.length - tail));
    try {
      decoder.push(Buffer.concat([head, body]), last);
    } catch (cause) {
      throw corrupt(name, "zstd", cause);
    }
    for (const part of ready.splice(0)) {
      length += BigInt(part.length);
      if (header.checksum) hash.update(part);
      yield part;
    }
  }
  if (header.length !== undefined && length !== header.length)
    throw corrupt(name, "zstd", new Error(`a frame says it holds ${header.length} bytes, it has ${length}`));
  if (header.checksum && BigInt.asUintN(8 * checksumBytes, hash.digest()) !== checksum)
    throw corrupt(name, "zstd", new Error("incorrect checksum"));
}

export async function* unzstd(name: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  const input = new Input(name, iterator);
  try {
    while (!(await input.ended())) {
      const magic = await input.take(4);
      if (number(magic) === frameMagic) yield* contents(name, input, magic);
      else if (number(magic) >> 4n !== 0x184d2a5n) throw corrupt(name, "zstd", new Error("no frame begins where the one before ends"));
      else for (let skip = Number(number(await input.take(4))); skip > 0; ) skip -= (await input.some(skip)).length;
    }
  } finally {
    await iterator.return?.();
  }
}
