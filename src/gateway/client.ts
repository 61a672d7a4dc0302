/** Somebody outside, with a bound on what waits for it: a WebSocket, or a response that events are written to. */
import type { ServerResponse } from "node:http";
import type { WebSocket } from "ws";
import type { GatewayLimits } from "./limits.js";

/** As WebSockets say why they end; clients of events are told the same in a last event. */
export const ending = { leaving: 1001, refused: 1008, slow: 1013 } as const;
export type Ending = keyof typeof ending;

/** What the gateway hears of a client. */
export interface Heard {
  sent(bytes: number): void;
  ended(client: Client, why: Ending): void;
}

export abstract class Client {
  /** Messages that it got wrong. */
  wrong = 0;
  /** Rows that were left out for it. */
  lost = 0;
  ended: Ending | undefined;
  /** What to do when there is room again. */
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly limits: GatewayLimits,
    private readonly heard: Heard,
  ) {}
  /** Bytes that wait for it in this process. */
  abstract readonly buffered: number;
  protected abstract put(data: Buffer, binary: boolean, written: () => void): void;
  protected abstract frame(text: string): Buffer;
  protected abstract finish(code: number, reason: string): void;
  /** Whether it has shown that it is there since the last look; asks it to. */
  abstract look(): boolean;
  abstract drop(): void;

  /** False, and nothing sent, where there is no room for it: what `must` come may also fill the bytes kept for it. */
  offer(data: Buffer, binary: boolean, must: boolean): boolean {
    if (this.ended) return false;
    const room = this.limits.bufferedBytes + (must ? this.limits.keptBytes : 0);
    if (this.buffered + data.length > room) return false;
    this.heard.sent(data.length);
    this.put(data, binary, this.written);
    return true;
  }
  /** What must reach it, and does unless it does not read at all. */
  say(message: object): void {
    if (!this.offer(this.frame(JSON.stringify(message)), false, true)) this.end("slow", "does not read what it asks for");
  }
  /** Once three quarters of the room are free. */
  whenRoomy(then: () => void): void {
    this.waiting.add(then);
    if (this.buffered === 0) setImmediate(this.written);
  }
  private readonly written = (): void => {
    if (this.waiting.size === 0 || this.ended || 4 * this.buffered > this.limits.bufferedBytes) return;
    const due = [...this.waiting];
    this.waiting.clear();
    for (const then of due) then();
  };

  /** Tells it why, where it still reads. */
  end(why: Ending, reason: string): void {
    if (this.ended) return;
    this.ended = why;
    this.heard.ended(this, why);
    this.finish(ending[why], reason);
  }
}

export class SocketClient extends Client {
  private there = true;
  constructor(
    private readonly socket: WebSocket,
    limits: GatewayLimits,
    heard: Heard,
  ) {
    super(limits, heard);
    socket.on("pong", () => (this.there = true));
  }
  get buffered(): number {
    return this.socket.bufferedAmount;
  }
  protected put(data: Buffer, binary: boolean, written: () => void): void {
    this.socket.send(data, { binary }, written);
  }
  protected frame(text: string): Buffer {
    return Buffer.from(text);
  }
  /** A reason may take 123 bytes, and names of topics hold any letters. */
  protected finish(code: number, reason: string): void {
    this.socket.close(code, reason.replace(/[^ -~]/g, "?").slice(0, 120));
  }
  look(): boolean {
    const { there } = this;
    this.there = false;
    if (there && this.socket.readyState === this.socket.OPEN) this.socket.ping();
    return there;
  }
  drop(): void {
    this.socket.terminate();
  }
}

export class EventClient extends Client {
  constructor(
    private readonly response: ServerResponse,
    limits: GatewayLimits,
    heard: Heard,
  ) {
    super(limits, heard);
  }
  get buffered(): number {
    return this.response.writableLength;
  }
  protected put(data: Buffer, _binary: boolean, written: () => void): void {
    this.response.write(data, written);
  }
  protected frame(text: string): Buffer {
    return Buffer.from(`data: ${text}\n\n`);
  }
  protected finish(code: number, reason: string): void {
    this.response.end(`data: ${JSON.stringify({ closed: code, reason })}\n\n`);
  }
  /** Nothing comes back from it; what waits for long is what tells. */
  look(): boolean {
    if (this.buffered === 0) this.response.write(": here\n\n");
    return true;
  }
  drop(): void {
    this.response.destroy();
  }
}
