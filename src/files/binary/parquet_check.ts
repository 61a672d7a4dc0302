/** What a Parquet file says about itself, held against its size and against itself, before memory is taken for it. */
import { crc32 } from "node:zlib";
import type * as Hyparquet from "hyparquet";
import { type Fields, ThriftReader } from "./thrift_reader.js";

type Metadata = Hyparquet.FileMetaData;
type Chunk = NonNullable<Metadata["row_groups"][number]["columns"][number]["meta_data"]>;
export interface Range {
  start: number;
  end: number;
}

const magicBytes = 4;
const tailBytes = 8;
/** Most bytes that a byte packed this way can become: from the format of each; those of brotli and zstd are of runs in blocks of their largest size. */
const mostUnpacked: Readonly<Record<string, number>> = {
  UNCOMPRESSED: 1,
  SNAPPY: 22,
  LZ4: 256,
  LZ4_RAW: 256,
  GZIP: 1033,
  LZO: 256,
  ZSTD: 2 ** 16,
};
const mostBrotli = 2 ** 20;
const pageType = { data: 0, index: 1, dictionary: 2, data2: 3 } as const;

/** Bytes of each column in the file, by row group. */
export function checkMetadata({ schema, row_groups: groups, num_rows: total, metadata_length: length }: Metadata, size: number): Range[][] {
  const columns = schema.slice(1);
  if (schema[0]!.num_children !== columns.length)
    throw new Error(`its schema says it has ${schema[0]!.num_children} columns, it has ${columns.length}`);
  const end = size - tailBytes - length;
  const rows = groups.reduce((sum, { num_rows: rows }) => sum + rows, 0n);
  if (rows !== total) throw new Error(`it says it has ${total} rows, its row groups have ${rows}`);
  const ranges = groups.map((group, number) => {
    const where = `row group ${number + 1}`;
    if (group.num_rows < 0n || group.num_rows > 2n ** 31n) throw new Error(`${where} says it has ${group.num_rows} rows`);
    if (group.columns.length !== columns.length)
      throw new Error(`${where} has ${group.columns.length} columns, the schema ${columns.length}`);
    return group.columns.map(({ meta_data: chunk }, i) =>
      checkChunk(`${where}, column ${columns[i]!.name}`, chunk, columns[i]!, group.num_rows, end),
    );
  });
  const all = ranges.flat().sort((a, b) => a.start - b.start);
  const shared = all.findIndex((range, i) => i > 0 && range.start < all[i - 1]!.end);
  if (shared >= 0) throw new Error(`two columns say they begin before byte ${all[shared - 1]!.end}`);
  return ranges;
}

function checkChunk(
  where: string,
  chunk: Chunk | undefined,
  { name, type }: Metadata["schema"][number],
  rows: bigint,
  most: number,
): Range {
  if (!chunk) throw new Error(`${where} is in another file`);
  if (chunk.path_in_schema.length !== 1 || chunk.path_in_schema[0] !== name)
    throw new Error(`${where} is named ${chunk.path_in_schema.join(".")}`);
  if (chunk.type !== type) throw new Error(`${where} is ${chunk.type}, by the schema ${type}`);
  if (chunk.num_values !== rows) throw new Error(`${where} says it has ${chunk.num_values} values of ${rows} rows`);
  const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  const end = start + Number(chunk.total_compressed_size);
  if (!(start >= magicBytes && end >= start && end <= most))
    throw new Error(`${where} says it lies at bytes ${start} to ${end}, of ${most}`);
  return { start, end };
}

/** The pages of a column: as many bytes as they say, and as many values as the row group has rows. */
export function checkPages(bytes: Uint8Array, { codec, num_values: values }: Chunk): void {
  let seen = 0;
  let pages = 0;
  for (let at = 0; seen < Number(values); pages++) {
    const where = (what: string) => new Error(`page ${pages + 1}: ${what}`);
    if (at >= bytes.length - 1) throw new Error(`its ${pages} pages have ${seen} values of ${values}`);
    const reader = new ThriftReader(bytes, at);
    const header = reader.struct();
    const [type, unpacked, packed, sum] = [1, 2, 3, 4].map((field) => header.get(field)) as number[];
    if (!(packed! >= 0 && packed! <= bytes.length - reader.at))
      throw where(`says it has ${packed} bytes, ${bytes.length - reader.at} are left`);
    const most = packed! * (mostUnpacked[codec] ?? mostBrotli) + 64;
    if (!(unpacked! >= 0 && unpacked! <= most)) throw where(`says its ${packed} bytes become ${unpacked}`);
    const body = bytes.subarray(reader.at, reader.at + packed!);
    if (sum !== undefined && crc32(body) !== sum >>> 0) throw where("its checksum is wrong");
    const count = valuesOf(header, type!);
    if (!(count >= 0 && count <= Number(values))) throw where(`says it has ${count} values`);
    if (type === pageType.data || type === pageType.data2) seen += count;
    at = reader.at + packed!;
  }
  if (seen !== Number(values)) throw new Error(`its pages have ${seen} values, it says ${values}`);
}

function valuesOf(header: Fields, type: number): number {
  const field = { [pageType.data]: 5, [pageType.dictionary]: 7, [pageType.data2]: 8 }[type];
  if (field === undefined && type !== pageType.index) throw new Error(`a page is of type ${type}`);
  if (field === undefined) return 0;
  const own = header.get(field);
  if (!(own instanceof Map)) throw new Error("a page has no header of its own kind");
  if (type === pageType.data2) checkLevels(own, header);
  return own.get(1) as number;
}

function checkLevels(own: Fields, header: Fields): void {
  const [values, nulls, rows, definition, repetition] = [1, 2, 3, 5, 6].map((field) => own.get(field) as number);
  const packed = header.get(3) as number;
  const fits = definition! >= 0 && repetition! >= 0 && definition! + repetition! <= packed;
  if (!fits || rows !== values || !(nulls! >= 0 && nulls! <= values!))
    throw new Error(
      `a page says it has ${values} values, ${rows} rows, ${nulls} nulls, and levels of ${definition} and ${repetition} bytes`,
    );
}
