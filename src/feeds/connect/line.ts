/** One WebSocket to a venue, from the first attempt to its end. */
import WebSocket from "ws";
import type { Link, Venue } from "../kit/venue.js";
import { agentFor } from "./proxy.js";
import type { Timing } from "./timing.js";

export interface LineSink {
  opened(line: Line): void;
  frame(line: Line, bytes: Buffer): void;
  /** Once, whatever was the end of it. */
  ended(line: Line, why: string, retryMs: number): void;
}

/** The largest message that venues send is a whole book. */
const mostBytes = 16 << 20;

export class Line {
  /** Ms of `performance.now()`; 0 while it is not open. */
  openedAt = 0;
  frames = 0;
  done = false;
  private readonly socket: WebSocket;
  private readonly asks: NodeJS.Timeout | undefined;
  private sending: NodeJS.Timeout | undefined;
  private request = 1_000_000;
  private retryMs = 0;
  /** Frames, pings and pongs, and how many there were when silence was last looked for. */
  private heard = 0;
  private heardBefore = 0;
  private heardAt = 0;

  constructor(
    readonly link: Link,
    readonly number: number,
    { limits, heartbeat }: Venue,
    { handshakeMs }: Timing,
    private readonly sink: LineSink,
  ) {
    this.socket = new WebSocket(link.url, {
      ...{ agent: agentFor(link.url), handshakeTimeout: handshakeMs, maxPayload: mostBytes, perMessageDeflate: false },
      // Where a venue sends a client elsewhere, the address is wrong.
      followRedirects: false,
    });
    const { socket } = this;
    socket.binaryType = "nodebuffer";
    socket.on("open", () => {
      this.openedAt = this.heardAt = performance.now();
      this.send([...link.send], limits.messagesPerSecond);
      sink.opened(this);
    });
    socket.on("message", (data: Buffer) => {
      this.heard++;
      this.frames++;
      if (!this.done) sink.frame(this, data);
    });
    if (!heartbeat.beats)
      for (const sign of ["ping", "pong"] as const)
        socket.on(sign, () => {
          this.heard++;
        });
    socket.on("unexpected-response", (request, { statusCode, headers }) => {
      this.retryMs = 1000 * Math.max(0, Number(headers["retry-after"]) || 0);
      request.destroy();
      this.end(`the venue answered ${statusCode}`);
    });
    socket.on("error", (error) => this.end(error.message));
    socket.on("close", (code, reason) => this.end(`closed with ${code}${reason.length > 0 ? ` ${String(reason).slice(0, 100)}` : ""}`));
    const { ask } = heartbeat;
    if (ask) this.asks = setInterval(() => this.say(ask.message(this.request++)), 1000 * ask.everySeconds);
  }
  /** Ms since anything came, as far as looks at it can tell: a clock read at each frame would cost more than the frame. */
  silentMs(now: number): number {
    if (this.heard !== this.heardBefore) this.heardAt = now;
    this.heardBefore = this.heard;
    return now - this.heardAt;
  }
  /** For the venue to show that it is there. */
  ping(): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.ping();
  }
  pause(): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.pause();
  }
  resume(): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.resume();
  }
  /** Says the rest a second later each, as fast as the venue takes it. */
  private send(messages: string[], perSecond: number): void {
    for (const text of messages.splice(0, Math.max(1, perSecond - 1))) this.say(text);
    if (messages.length > 0) this.sending = setTimeout(() => this.send(messages, perSecond), 1000);
  }
  say(text: string): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(text);
  }

  end(why: string): void {
    if (this.done) return;
    this.done = true;
    clearInterval(this.asks);
    clearTimeout(this.sending);
    this.socket.on("error", () => {});
    if (this.socket.readyState === WebSocket.OPEN && why === "") this.socket.close(1000);
    else this.socket.terminate();
    // A venue that does not answer the close keeps no socket open here.
    if (this.socket.readyState !== WebSocket.CLOSED) setTimeout(() => this.socket.terminate(), 1000).unref();
    this.sink.ended(this, why, this.retryMs);
  }
}
