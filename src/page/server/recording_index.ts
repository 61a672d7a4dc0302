/**
 * The index of a recording, `FILE.tfr.index`, made once: where its frames lie, its lines at coarser steps, its alarms. It is of one state of
 * the file (size and time of its last change), and made anew where it is of another, or damaged. Without it nothing is lost but time.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Checksum } from "../../bus/topic_hash.js";
import type { Alarm } from "../series/alarm_log.js";
import { Lane, type SavedLane } from "../series/lane.js";
import type { Picture } from "../series/picture.js";
import { FrameTable } from "./frame_table.js";

const MAGIC = 0x4952_4654; // "TFRI" in memory order
const VERSION = 3;
const HEAD_BYTES = 32;
/** Words of the head: magic, version, bytes of JSON, CRC32C of all behind the head. */
const HEAD = { magic: 0, version: 1, json: 2, crc: 3 } as const;

interface Of {
  readonly path: string;
  readonly picture: Picture;
}
interface FileState {
  readonly size: number;
  readonly mtimeMs: number;
}
export interface Kept {
  readonly frames: FrameTable;
  readonly end: number;
  readonly rows: number;
  readonly symbols: readonly string[];
  readonly error?: { readonly code: string; readonly message: string };
}
interface Saved extends Omit<Kept, "frames"> {
  readonly size: number;
  readonly mtimeMs: number;
  readonly frames: number;
  readonly holes: number;
  readonly backwards: number;
  readonly span: [number, number] | undefined;
  readonly turns: number;
  readonly turnedBy: number;
  readonly series: readonly Picture["series"][number][];
  readonly lanes: readonly (Omit<SavedLane, "levels"> & { readonly levels: readonly Omit<SavedLane["levels"][number], "arrays">[] })[];
  readonly alarms: readonly Alarm[];
}
const pathOf = (path: string) => `${path}.index`;
/** JSON has no NaN. */
const plain = (_: string, value: unknown) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value);
const numbers = (_: string, value: unknown) => (value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : value);

/** False where it cannot be written, as on a disk that is only read. */
export function writeIndex({ path, picture }: Of, { size, mtimeMs }: FileState, kept: Kept, checksum: Checksum): boolean {
  const lanes = picture.lanes.map((lane) => lane.save());
  const { span, holes, backwards, turns, turnedBy, series, alarms } = picture;
  const topics = new Set(series.map(({ topic }) => topic));
  const saved: Saved = {
    ...{ ...kept, size, mtimeMs, frames: kept.frames.count, holes, backwards, span, turns, turnedBy, series },
    lanes: lanes.map(({ levels, ...of }) => ({ ...of, levels: levels.map(({ arrays: _, ...level }) => level) })),
    // What somebody said of one is not of the file.
    alarms: alarms.all.flatMap(({ acknowledged: _, ...alarm }) => (topics.has(alarm.topic) ? [alarm] : [])),
  };
  const text = Buffer.from(JSON.stringify(saved, plain));
  const json = Buffer.alloc(8 * Math.ceil(text.length / 8), " ");
  text.copy(json);
  const arrays = [...kept.frames.save(), ...lanes.flatMap(({ levels }) => levels.flatMap(({ arrays }) => arrays))];
  const body = Buffer.concat([json, ...arrays.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))]);
  const head = new Uint32Array(HEAD_BYTES / 4);
  [head[HEAD.magic], head[HEAD.version], head[HEAD.json], head[HEAD.crc]] = [MAGIC, VERSION, json.length, checksum(body)];
  const part = `${pathOf(path)}.${process.pid}.part`;
  try {
    writeFileSync(part, Buffer.concat([new Uint8Array(head.buffer), body]));
    renameSync(part, pathOf(path));
    return true;
  } catch {
    rmSync(part, { force: true });
    return false;
  }
}

/** Fills the picture; undefined where there is none that is of this state of the file and whole. */
export function readIndex({ path, picture }: Of, { size, mtimeMs }: FileState, checksum: Checksum): Kept | undefined {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(readFileSync(pathOf(path)));
  } catch {
    return undefined;
  }
  if (bytes.length < HEAD_BYTES) return undefined;
  const head = new Uint32Array(bytes.buffer, 0, HEAD_BYTES / 4);
  const body = bytes.subarray(HEAD_BYTES);
  if (head[HEAD.magic] !== MAGIC || head[HEAD.version] !== VERSION || head[HEAD.crc] !== checksum(body)) return undefined;
  const json = head[HEAD.json]!;
  const saved = JSON.parse(new TextDecoder().decode(body.subarray(0, json)), numbers) as Saved;
  if (saved.size !== size || saved.mtimeMs !== mtimeMs) return undefined;
  let at = HEAD_BYTES + json;
  const array = (length: number) => {
    const from = at;
    at += 8 * length;
    return new Float64Array(bytes.buffer, from, length);
  };
  const frames = new FrameTable([0, 1, 2, 3, 4].map(() => array(saved.frames)));
  for (const [i, { levels, ...of }] of saved.lanes.entries()) {
    const whole = levels.map((level) => ({ ...level, arrays: [array(level.count), array(level.count), array(level.count)] }));
    const { id: _, ...series } = saved.series[i]!;
    picture.lane(series, Lane.restore({ ...of, levels: whole }, picture.options));
  }
  for (const alarm of saved.alarms) picture.alarms.restore(alarm);
  const { holes, backwards, turns, turnedBy } = saved;
  Object.assign(picture, { holes, backwards, turns, turnedBy });
  if (saved.span) picture.widen(...saved.span);
  const { end, rows, symbols, error } = saved;
  return { frames, end, rows, symbols, ...(error && { error }) };
}
