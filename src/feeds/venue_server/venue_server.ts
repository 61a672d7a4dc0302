/** A venue on this machine: WebSocket and REST of one dialect, from a tape, with or without faults. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { type WebSocket, WebSocketServer } from "ws";
import { TickforgeError } from "../../core/contract/errors.js";
import { answerWith } from "./answers.js";
import type { Dialect } from "./dialect.js";
import { type ChaosOptions, type Fault, Faults } from "./faults.js";
import { History } from "./history.js";
import type { Tape } from "./tape.js";
import { Wire } from "./wire.js";

export interface VenueOptions {
  readonly dialect: Dialect;
  readonly tape: Tape;
  readonly chaos?: ChaosOptions | undefined;
  /** Seconds of the tape a second; 0: as fast as clients read. */
  readonly speed?: number | undefined;
  /** 0, the default, takes one that is free. */
  readonly port?: number | undefined;
  /** How long a connection may live; those of Binance end after 24 h. */
  readonly lifeMs?: number | undefined;
  readonly pingMs?: number | undefined;
  /** What was said before the tape begins. */
  readonly history?: History | undefined;
}

/** Messages said without a look at sockets. */
const stretch = 64;
const behindBytes = 1 << 20;
/** Answers that are kept, the newest; one may have a thousand trades. */
const mostAnswered = 100;
/** Longest time in which nothing is said of a tape that was silent for longer. */
const longestWaitMs = 5000;

export class VenueServer {
  readonly history: History;
  /** When connections were asked for, ms of `performance.now()`; REST likewise. */
  readonly connectionsAt: number[] = [];
  readonly requestsAt: number[] = [];
  /** Requests that came while the client had been told to wait. */
  early = 0;
  /** Messages of the tape that were said. */
  said = 0;
  readonly faults = new Map<Fault, number>();
  private readonly wires = new Set<Wire>();
  private readonly sockets: WebSocketServer;
  private readonly server: Server;
  private readonly answers: Faults | undefined;
  private readonly subscribed: Promise<void>;
  private someone = () => {};
  private beats: NodeJS.Timeout | undefined;
  private pings: NodeJS.Timeout | undefined;
  private told = false;
  private quietUntil = 0;
  /** First answers to questions, for those that come late out of a cache. */
  private readonly answered = new Map<string, string>();
  private closed = false;

  constructor(private readonly options: VenueOptions) {
    this.history = options.history ?? new History();
    this.subscribed = new Promise((resolve) => {
      this.someone = resolve;
    });
    this.answers = options.chaos && new Faults(options.chaos, 0, this.faults);
    this.server = createServer((request, response) => this.answer(request, response));
    this.server.on("upgrade", (request, socket, head) => this.upgrade(request, socket, head));
    this.server.on("connection", (socket) => socket.on("error", () => {}));
    this.sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1 << 20 });
  }

  /** The port. */
  async listen(): Promise<number> {
    const { port = 0, dialect, pingMs = 20_000 } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", (cause: NodeJS.ErrnoException) =>
        reject(
          new TickforgeError("E_PORT", `venue: port ${port} cannot be listened on: ${cause.message}`, {
            ...{ option: "port", value: port, cause, hint: "choose another port, or 0 for one that is free" },
          }),
        ),
      );
      this.server.listen(port, "127.0.0.1", resolve);
    });
    this.beats = setInterval(() => this.beat(), dialect.beatMs);
    this.pings = setInterval(() => {
      for (const { client } of this.wires) if (client.readyState === client.OPEN) client.ping(String(Date.now()));
    }, pingMs);
    return (this.server.address() as AddressInfo).port;
  }

  /** Says the tape, from the first subscription of a client on; settles when all is said. */
  async play(): Promise<void> {
    await this.subscribed;
    const { dialect, tape, speed = 1 } = this.options;
    let first: { ms: number; at: number } | undefined;
    for await (const { ms, text } of tape) {
      const said = dialect.read(text, ms);
      if (this.closed) return;
      if (!said) continue;
      first ??= { ms, at: performance.now() };
      if (speed > 0) {
        const wait = first.at + (ms - first.ms) / speed - performance.now();
        if (wait > 1) await sleep(Math.min(wait, longestWaitMs));
      }
      this.told = true;
      this.history.take(said);
      for (const wire of this.wires) wire.say(said);
      this.said++;
      if (this.said % stretch === 0) await turn();
      while (speed === 0 && this.behind() > behindBytes && !this.closed) await sleep(1);
    }
  }
  private behind(): number {
    let most = 0;
    for (const wire of this.wires) most = Math.max(most, wire.behindBytes);
    return most;
  }
  /** Neither says nor hears anything on the connections that there are, as after a fault on the way. */
  mute(): void {
    for (const wire of this.wires) wire.mute();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.connectionsAt.push(performance.now());
    if (this.answers?.refuses()) {
      const status = this.answers.pick(["429 Too Many Requests", "503 Service Unavailable", "403 Forbidden", "200 OK"]);
      if (this.answers.below(4) === 0) socket.destroy();
      else socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, (client) => this.serve(client, socket, new URL(request.url!, "http://venue")));
  }
  private serve(client: WebSocket, socket: Duplex, url: URL): void {
    const { dialect, chaos, lifeMs } = this.options;
    const session = dialect.opened(url);
    const faults = chaos && new Faults(chaos, this.connectionsAt.length, this.faults);
    (socket as Socket).setNoDelay?.(true);
    const wire = new Wire(client, socket, session, dialect, this.history, faults);
    this.wires.add(wire);
    for (const text of dialect.greeting ?? []) wire.tell(text);
    const life = lifeMs === undefined ? undefined : setTimeout(() => wire.close(1001), lifeMs);
    client.on("error", () => {});
    client.on("close", () => {
      clearTimeout(life);
      this.wires.delete(wire);
    });
    client.on("message", (data) => {
      for (const text of dialect.heard(String(data), session, this.history)) wire.tell(text);
      if (session.channels.size > 0) this.someone();
    });
    if (session.channels.size > 0) this.someone();
  }
  private beat(): void {
    if (this.told) {
      this.told = false;
      if (!this.options.dialect.beatsAlways) return;
    }
    for (const wire of this.wires) for (const text of this.options.dialect.beat(wire.session, this.history, Date.now())) wire.tell(text);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const now = performance.now();
    this.requestsAt.push(now);
    if (now < this.quietUntil) this.early++;
    const fault = this.answers?.ofAnswer();
    const said = this.options.dialect.answer(new URL(request.url!, "http://venue"), this.history);
    const waitMs = answerWith(response, said, fault, this.answers, this.answered.get(request.url!));
    if (this.answers && !this.answered.has(request.url!)) {
      if (this.answered.size >= mostAnswered) this.answered.delete(this.answered.keys().next().value!);
      this.answered.set(request.url!, said.body);
    }
    if (waitMs > 0) this.quietUntil = Math.max(this.quietUntil, now + waitMs);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.someone();
    clearInterval(this.beats);
    clearInterval(this.pings);
    for (const wire of this.wires) {
      wire.end();
      wire.client.terminate();
    }
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
