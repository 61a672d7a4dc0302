/** Logs of a venue's messages: a line each, with the time of receipt before it or without. */

export interface LogLine {
  readonly frame: Uint8Array;
  /** Ns since 1970; undefined where the line does not say. */
  readonly received: bigint | undefined;
}

const newline = 0x0a;
const digit = (c: number | undefined) => c !== undefined && c >= 0x30 && c <= 0x39;
/** A message that is longer is passed over. */
const longestLine = 1 << 26;

/** `<seconds>[.<decimals>]: <message>`, `<ns> <message>` or a message alone; undefined where the line holds none: an address, or nothing. */
export function logLine(line: Uint8Array): LogLine | undefined {
  let at = 0;
  while (digit(line[at])) at++;
  const whole = at;
  let fraction = "";
  if (line[at] === 0x2e) {
    const start = ++at;
    while (digit(line[at])) at++;
    fraction = text(line.subarray(start, at));
  }
  if (line[at] === 0x3a) at++;
  const end = at;
  while (line[at] === 0x20) at++;
  const first = line[at];
  if (first !== 0x7b && first !== 0x5b && whole === 0) return undefined;
  if (at === end && end > 0) return undefined;
  return { frame: line.subarray(at), received: whole === 0 ? undefined : timeOf(text(line.subarray(0, whole)), fraction) };
}

/** Seconds, ms, us or ns, told by how many digits they have: 2001 to 2286. */
function timeOf(whole: string, fraction: string): bigint | undefined {
  const places = { 10: 9, 13: 6, 16: 3, 19: 0 }[whole.length];
  return places === undefined ? undefined : BigInt(whole + fraction.slice(0, places).padEnd(places, "0"));
}
const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");

/** Whole lines of chunks that are cut anywhere. */
export async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const part = chunk.subarray(from, end);
      if (length + part.length <= longestLine) yield rest.length > 0 ? Buffer.concat([...rest, part]) : part;
      rest = [];
      length = 0;
      from = end + 1;
    }
    if (from === chunk.length) continue;
    length += chunk.length - from;
    if (length <= longestLine) rest.push(chunk.slice(from));
    else rest = [];
  }
  if (rest.length > 0 && length <= longestLine) yield Buffer.concat(rest);
}
