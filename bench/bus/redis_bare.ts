/**
 * What Redis and its client carry of the same records without the bus: bodies filled alike, XADD with many under way, XREAD of what is
 * there. No checksum of the body, no proof that it was written once, nothing sent again; a key tells how far the reader is.
 */
import { Redis } from "ioredis";
import { checkOf, counts, RECORD_BYTES, verify } from "./stream.js";

const [STREAM, PLACE] = ["bare", "place"];
const KEPT = 1024;
/** Batches that are written and not read, here and on the bus: two MiB. */
export const depth = (batch: number): number => (batch > 256 ? 32 : 128);
const values = RECORD_BYTES / 8;

/** Publishes until it is killed: columns one behind the other, the number first, its check last. */
export async function publishBare(url: string, batch: number): Promise<void> {
  const client = new Redis({ path: url, protocol: 2 });
  const slots = depth(batch);
  const bodies = Array.from({ length: slots }, () => new Float64Array(batch * values));
  const prices = Float64Array.from({ length: batch }, (_, i) => 100 + i / 8);
  let [underWay, sent, read] = [0, 0, 0];
  for (;;) {
    while (underWay < slots && sent - read < slots) {
      const body = bodies[sent % slots]!;
      const first = sent * batch;
      for (let column = 1; column < values - 1; column++) body.set(prices, column * batch);
      for (let i = 0; i < batch; i++) {
        body[i] = first + i;
        body[(values - 1) * batch + i] = checkOf(first + i);
      }
      underWay++;
      void client.xadd(STREAM, "MAXLEN", "~", KEPT, `1-${++sent}`, "r", Buffer.from(body.buffer)).then(() => underWay--);
      if (sent % 8 === 0) void client.get(PLACE).then((place) => (read = Number(place)));
    }
    if (underWay === 0) read = Number(await client.get(PLACE));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Reads until `done` says so; records a second behind the first `warm` batches. */
export async function readBare(url: string, batch: number, warm: number, ms: number, total: ReturnType<typeof counts>): Promise<number> {
  const client = new Redis({ path: url, protocol: 2 });
  const seen = counts();
  const copy = new Float64Array(batch * values);
  const bytes = new Uint8Array(copy.buffer);
  const check = copy.subarray((values - 1) * batch);
  let [last, reported, began, from] = ["0-0", 0, 0, 0];
  for (;;) {
    const reply = (await client.callBuffer("XREAD", "COUNT", depth(batch), "BLOCK", "300", "STREAMS", STREAM, last)) as
      | [Buffer, [Buffer, Buffer[]][]][]
      | null;
    for (const [id, [, body]] of reply?.[0]?.[1] ?? []) {
      bytes.set(body!);
      verify(seen, copy, check, batch, 1, 0);
      last = id.toString();
    }
    const place = seen.records / batch;
    if (place - reported >= 8) void client.set(PLACE, (reported = place));
    const now = performance.now();
    if (began === 0 && place >= warm) [began, from] = [now, seen.records];
    else if (began > 0 && now - began > ms) break;
  }
  client.disconnect();
  for (const key of Object.keys(seen) as (keyof typeof seen)[]) total[key] += seen[key];
  return (seen.records - from) / ((performance.now() - began) / 1000);
}
