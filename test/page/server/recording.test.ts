/** Recordings by their index: what is drawn of any stretch is what the rows are, and an index that does not fit is made anew. */
import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { crc32c, Frames } from "../../../src/bus/frame.js";
import { RecordingReader } from "../../../src/bus/recording/recording.js";
import { TopicHash } from "../../../src/bus/topic_hash.js";
import type { FileLine } from "../../../src/page/series/wire.js";
import { answerRows } from "../../../src/page/server/answer_rows.js";
import { RecordingSource } from "../../../src/page/server/recording_source.js";
import { temporaryFolder } from "../../support/cli.js";
import { recorded, start } from "../kit.js";

const folder = temporaryFolder();
const price = (i: number) => (i === 700 ? Number.NaN : 100 + 10 * Math.sin(i / 50) + (i === 1234 ? 500 : 0));
const SECONDS = 3000;

function read(paths: readonly string[]): { source: RecordingSource; told: readonly FileLine[] } {
  let told: readonly FileLine[] = [];
  const source = new RecordingSource(paths, (files) => {
    told = files;
  });
  for (let turns = 0; source.turn() && turns < 10_000; turns++);
  return { source, told };
}
function draw(source: RecordingSource, id: number, from: number, to: number, columns: number) {
  const found: [x: number, low: number, high: number][] = [];
  source.draw(
    new Map([[id, (x: number, low: number, high: number) => found.push([(x - start) / 1000, low, high])]]),
    start + 1000 * from,
    start + 1000 * to,
    (1000 * (to - from)) / columns,
  );
  return found;
}

describe("a recording", () => {
  const paths = recorded(join(folder, "a"), SECONDS, [20, 21, 150], price);
  const files = [paths.toxicity, paths.trades];
  const first = read(files);

  it("is drawn to the row, with a hole where a number is missing and the rows beyond both edges", () => {
    expect(first.source.picture.series.map(({ column, of }) => `${column} ${of}`).slice(-2)).toEqual([
      "price ALPHA",
      "price <img src=x onerror=alert(1)>",
    ]);
    const id = first.source.picture.series.findIndex(({ column }) => column === "price");
    expect(draw(first.source, id, 698.5, 702.5, 400)).toEqual(
      [697, 698, 699, 700, 701, 702, 703].slice(1).map((i) => [i, price(i), price(i)]),
    );
    const wide = draw(first.source, id, 0, SECONDS, 10);
    expect(wide.length).toBe(11);
    expect(Math.max(...wide.map(([, , high]) => high))).toBe(price(1234));
    // The last row; of a stretch before it the last one in that.
    expect(wide.at(-1)).toEqual([SECONDS - 1, price(SECONDS - 1), price(SECONDS - 1)]);
    expect(draw(first.source, id, 100, 199.5, 10).at(-1)).toEqual([199, price(199), price(199)]);
    expect(first.told.find(({ topic }) => topic === "trades")).toMatchObject({ rows: 2 * SECONDS, read: 1, index: "made", holes: 2 });
  });

  it("draws the same from its coarse lines, of which it keeps the extremes", () => {
    const { picture } = first.source;
    const id = picture.series.findIndex(({ column }) => column === "price");
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    picture.lanes[id]!.draw(start, start + 1000 * SECONDS, 60_000, (_, l, h) => {
      low = Math.min(low, l);
      high = Math.max(high, h);
    });
    const real = Array.from({ length: SECONDS }, (_, i) => price(i)).filter((one) => !Number.isNaN(one));
    expect([low, high]).toEqual([Math.min(...real), Math.max(...real)]);
  });

  it("has its alarms, their rows, and the trades of any moment", () => {
    const { alarms } = first.source.picture;
    expect(alarms.all.map(({ row, from, to, standing }) => [row, (from - start) / 1000, (to - start) / 1000, standing])).toEqual([
      [20, 209, 219, false],
      [150, 1509, 1509, false],
    ]);
    const ask = { id: 1, topic: "trades", count: 10, time: [start + 200_000, start + 201_000] as const, of: "ALPHA" };
    expect(answerRows(first.source.table("trades")!, ask, []).numbers).toEqual([400, 402]);
    expect(answerRows(first.source.table("trades")!, { id: 1, topic: "trades", count: 2 }, []).numbers).toEqual([5998, 5999]);
  });

  it("says of a row which frame holds it, and what the rows up to it hash to, as they can be computed again from the file", () => {
    const ask = { id: 1, topic: "trades", from: 400, count: 1, proof: true };
    const { row, upTo, frame } = answerRows(first.source.table("trades")!, ask, []).proof!;
    const reader = new RecordingReader(paths.trades);
    const slot = new Frames(reader.layout, new ArrayBuffer(reader.layout.stride), 0, 1).slots[0]!;
    const [one, all] = [new TopicHash(reader.topic), new TopicHash(reader.topic)];
    for (let offset = reader.offset, info = reader.read(slot); info; offset = reader.offset, info = reader.read(slot)) {
      const { sequence, rows } = info;
      if (sequence + rows <= 400) all.take(slot.columns, 0, rows);
      else {
        const index = 400 - sequence;
        all.take(slot.columns, 0, index + 1);
        one.take(slot.columns, index, index + 1);
        expect(frame).toMatchObject({ offset, bytes: reader.layout.stride, first: sequence, rows });
        const bytes = readFileSync(paths.trades).subarray(offset, offset + reader.layout.stride);
        const words = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
        expect(frame!.crc).toBe(words[12]!.toString(16).padStart(8, "0"));
        words[12] = 0;
        expect(frame!.crc).toBe(crc32c(new Uint8Array(words.buffer)).toString(16).padStart(8, "0"));
        break;
      }
    }
    reader.close();
    expect([row, upTo]).toEqual([one.digest, { rows: 401, hash: all.digest }]);
  });

  it("is shown by its index the next time, as it was, and read again where the index does not fit", () => {
    const again = read(files);
    expect(again.told.map(({ index }) => index)).toEqual(["beside", "beside"]);
    const told = ({ source }: typeof first) => source.picture.alarms.all.map(({ revision: _, ...alarm }) => alarm);
    expect(told(again)).toEqual(told(first));
    const [all, before] = [again, first].map(({ source }) =>
      source.picture.series.map(({ id }) => [draw(source, id, 0, SECONDS, 300), draw(source, id, 100, 130, 300)]),
    );
    expect(all).toEqual(before);
    expect(again.told.map(({ rows, holes }) => [rows, holes])).toEqual(first.told.map(({ rows, holes }) => [rows, holes]));

    const index = `${paths.trades}.index`;
    const bytes = readFileSync(index);
    for (const damage of [
      () => writeFileSync(index, bytes.subarray(0, bytes.length - 8)),
      () => writeFileSync(index, Buffer.concat([bytes.subarray(0, 400), Buffer.from([bytes[400]! ^ 1]), bytes.subarray(401)])),
      () => writeFileSync(index, "short"),
      () => utimesSync(paths.trades, 1e9, 1e9),
    ]) {
      damage();
      expect(read(files).told.map(({ index }) => index)).toEqual(["beside", "made"]);
    }
    expect(read(files).told.map(({ index }) => index)).toEqual(["beside", "beside"]);
  });

  it("refuses two of one topic by both names", () => {
    const { trades } = recorded(join(folder, "b"), 10, []);
    expect(() => read([paths.trades, trades])).toThrow(expect.objectContaining({ code: "E_PAGE_TOPIC" }));
  });
});
