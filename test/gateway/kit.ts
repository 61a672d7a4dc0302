/** A bus with topics, a gateway before them, and clients that keep what they hear. */
import { afterEach } from "vitest";
import { WebSocket } from "ws";
import type { Publisher } from "../../src/bus/bus.js";
import { crc32c, Frames, layoutOf, topic, word } from "../../src/bus/frame.js";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { Gateway, type GatewayOptions } from "../../src/gateway/gateway.js";

const close: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of close.splice(0).reverse()) await one();
});
export const atEnd = (then: () => unknown): void => void close.push(then);

const columns = { time: { dtype: "i64" }, instrument: { dtype: "u32" }, id: { dtype: "f64" }, pair: { dtype: "i32", width: 2 } } as const;
export const names = ["ALPHA", "BETA", "GAMMA"];
export const toxicity = topic({ name: "toxicity", columns, rows: 256, slots: 8, backpressure: "evict", symbols: names });
export const alarms = topic({ ...toxicity, name: "alarms" });
export const plain = topic({ name: "rate", columns: { rate: { dtype: "f64" } }, rows: 4, slots: 4, backpressure: "block" });

/** Two in 2^53 of a nanosecond are lost by numbers of JSON. */
export const timeOf = (id: number): bigint => 1_767_225_600_000_000_001n + BigInt(id);
export type Row = readonly [instrument: number, id: number];
export const publish = (publisher: Publisher<typeof columns>, ...rows: Row[]): number =>
  publisher.publish({
    time: BigInt64Array.from(rows, ([, id]) => timeOf(id)),
    instrument: Uint32Array.from(rows, ([instrument]) => instrument),
    id: Float64Array.from(rows, ([, id]) => id),
    pair: Int32Array.from(rows.flatMap(([, id]) => [id, -id])),
  });

export async function started(options: Partial<GatewayOptions> = {}) {
  const bus = new MemoryBus();
  const gateway = new Gateway({ topics: [toxicity, alarms, plain], subscribe: (of) => bus.subscribe(of), ...options });
  const { url, port } = await gateway.listen();
  atEnd(() => bus.close());
  atEnd(() => gateway.close());
  return { bus, gateway, url, port, publisher: bus.publisher(toxicity), alarm: bus.publisher(alarms) };
}

export interface Message {
  topic?: string;
  sequence?: number;
  rows?: number;
  known?: boolean;
  lost?: number;
  columns?: { time: string[]; instrument: number[]; id: number[]; pair: number[] };
  [key: string]: unknown;
}
/** The same of a frame, by the bus's own code. */
export function decoded(bytes: Buffer): Message {
  const words = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 64));
  const layout = layoutOf({ ...toxicity, rows: words[word.capacity]! });
  const own = new Uint8Array(new ArrayBuffer(layout.stride));
  own.set(bytes);
  const frames = new Frames(layout, own.buffer, 0, 1);
  const fault = bytes.length === layout.stride ? frames.fault(0) : `has ${bytes.length} bytes, expected ${layout.stride}`;
  const crc = frames.field(0, "crc");
  frames.setCrc(0, 0);
  if (crc !== crc32c(own)) throw new Error("checksum");
  if (fault) throw new Error(fault);
  const { time, instrument, id, pair } = frames.slots[0]!.columns;
  const rows = frames.field(0, "rows");
  const head = { stream: frames.field(0, "stream"), known: frames.field(0, "known") === 1, sequence: frames.sequence(0), rows };
  const of = { time: Array.from(time, String), instrument: [...instrument], id: [...id], pair: [...pair] };
  return { ...head, columns: of };
}

export async function client(url: string, options: { headers?: Record<string, string>; path?: string } = {}) {
  const socket = new WebSocket(`${url.replace("http", "ws")}${options.path ?? "/ws"}`, { headers: options.headers ?? {} });
  const heard: Message[] = [];
  let stir = () => {};
  socket.on("message", (data: Buffer, binary: boolean) => {
    heard.push(binary ? decoded(data) : JSON.parse(data.toString()));
    stir();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on("close", (code, reason) => {
      resolve({ code, reason: reason.toString() });
      stir();
    }),
  );
  atEnd(() => socket.terminate());
  await new Promise<void>((resolve, reject) => {
    socket.on("open", resolve).on("error", reject);
    socket.on("unexpected-response", (_, response) => {
      let text = "";
      response.on("data", (part: Buffer) => (text += part)).on("end", () => reject(new Error(`${response.statusCode} ${text}`)));
    });
  });
  const until = async (done: (all: Message[]) => boolean): Promise<Message[]> => {
    while (!done(heard)) await new Promise<void>((resolve) => (stir = resolve));
    return heard;
  };
  return {
    socket,
    heard,
    until,
    closed,
    ask: (message: object | string) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
  };
}
export const rowsOf = (heard: readonly Message[]): Message[] => heard.filter(({ columns }) => columns?.id !== undefined);
export const idsOf = (heard: readonly Message[], known?: boolean): number[] =>
  rowsOf(heard)
    .filter((one) => known === undefined || (one.known ?? false) === known)
    .flatMap(({ columns }) => columns!.id);
