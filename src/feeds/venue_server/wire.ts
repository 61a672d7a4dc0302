/** The way to one client: every message goes through it, and may come to harm there. */
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Dialect, Session } from "./dialect.js";
import type { Faults, MessageFault } from "./faults.js";
import type { History } from "./history.js";
import type { Said } from "./said.js";

/** What is kept while a client does not read; it is told to go beyond that. */
const mostHeldBytes = 16 << 20;
/** A message that comes late, and those that come together, where no others follow. */
const longestHeldMs = 20;
/** What is added to an id. Not -1: under the id of a message that was dropped just before, nobody could tell. */
const lies = [-1000, -3, 1, 2, 7, 5000, 1_000_000_000];
/** Messages that a duplicate may come late by. */
const oldMessages = 50;

/** A text message as bytes of the protocol (RFC 6455, 5.2): servers do not mask. */
function frameOf(text: string): Buffer {
  const body = Buffer.from(text);
  const size = body.length;
  const head = size < 126 ? Buffer.alloc(2) : size < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = 0x81;
  if (size < 126) head[1] = size;
  else if (size < 65_536) head.writeUInt16BE(size, (head[1] = 126) - 124);
  else head.writeBigUInt64BE(BigInt(size), (head[1] = 127) - 125);
  return Buffer.concat([head, body]);
}

export class Wire {
  /** Nothing more reaches the client. */
  dead = false;
  private held: string | undefined;
  private heldFor = 0;
  private corked = 0;
  private stalledUntil = 0;
  /** What came while it was stalled; undefined where that is lost. */
  private waiting: string[] | undefined;
  private readonly past: string[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(
    readonly client: WebSocket,
    private readonly socket: Duplex & { resetAndDestroy?(): void },
    readonly session: Session,
    private readonly dialect: Dialect,
    private readonly history: History,
    private readonly faults: Faults | undefined,
  ) {
    client.once("close", () => this.end());
  }
  get behindBytes(): number {
    return this.dead ? 0 : this.client.bufferedAmount;
  }

  say(said: Said): void {
    if (this.dead || !this.session.channels.has(said.channel)) return;
    const text = this.dialect.wrap(said, this.session, this.history);
    const fault = this.faults?.ofMessage();
    switch (fault) {
      case undefined:
        this.put(text);
        break;
      case "cut":
        this.cut();
        break;
      case "close":
        this.close(this.faults!.pick([1000, 1001, 1006, 1008, 1011, 1012, 1013]));
        break;
      case "stall":
      case "silence":
        this.put(text);
        this.stall(fault === "stall");
        break;
      case "half_close":
        this.dead = true;
        this.socket.end();
        break;
      default:
        this.harm(fault, text, said);
        break;
    }
  }
  /** Answers and beats: not harmed one by one, yet held up with the rest. */
  tell(text: string): void {
    if (!this.dead) this.put(text);
  }

  private harm(fault: MessageFault, text: string, { symbol, trades, depth, ms }: Said): void {
    const faults = this.faults!;
    switch (fault) {
      case "duplicate":
        this.put(text);
        this.put(text);
        break;
      case "old":
        this.put(text);
        this.put(faults.pick(this.past));
        break;
      case "reorder":
        if (this.held !== undefined) this.put(this.held);
        this.held = text;
        this.heldFor = 1 + faults.below(5);
        this.after(longestHeldMs, () => this.release());
        break;
      case "drop":
        break;
      case "split":
        this.split(text);
        break;
      case "merge":
        this.gather(2 + faults.below(6));
        this.put(text);
        break;
      case "lie":
        this.put(this.dialect.lie(text, faults.pick(lies)));
        break;
      case "error":
        this.put(faults.pick(this.dialect.notices));
        this.put(text);
        break;
      case "junk":
        this.junk(text);
        this.put(text);
        break;
      case "spoilt":
        this.put(
          faults.pick(
            depth ? this.dialect.spoiltDepth(symbol, Math.floor(ms)) : this.dialect.spoilt(symbol, trades?.[0]?.id || 1, Math.floor(ms)),
          ),
        );
        this.put(text);
        break;
      case "ping":
        if (this.client.readyState === this.client.OPEN) this.client.ping(`p${faults.below(1000)}`);
        this.put(text);
        break;
    }
  }

  private put(text: string): void {
    if (this.client.readyState !== this.client.OPEN) return;
    if (this.past.length < oldMessages) this.past.push(text);
    else this.past[this.faults ? this.faults.below(oldMessages) : 0] = text;
    if (this.stalledUntil > 0) {
      this.waiting?.push(text);
      return;
    }
    if (this.client.bufferedAmount > mostHeldBytes) {
      this.close(1008);
      return;
    }
    this.client.send(text);
    if (this.corked > 0 && --this.corked === 0) this.socket.uncork();
    if (this.held !== undefined && --this.heldFor <= 0) this.release();
  }
  /** Says what was held back. */
  private release(): void {
    const { held } = this;
    this.held = undefined;
    if (held !== undefined && !this.dead) this.put(held);
  }
  /** So many messages in one packet. */
  private gather(messages: number): void {
    if (this.corked > 0) return;
    this.socket.cork();
    this.corked = messages;
    this.after(longestHeldMs, () => {
      if (this.corked > 0) this.socket.uncork();
      this.corked = 0;
    });
  }
  /** A message in fragments, and the last of them torn between two packets. */
  private split(text: string): void {
    if (this.stalledUntil > 0 || this.client.readyState !== this.client.OPEN) {
      this.put(text);
      return;
    }
    const at = 1 + this.faults!.below(Math.max(1, text.length - 1));
    if (this.faults!.below(2) === 0) {
      this.client.send(text.slice(0, at), { fin: false });
      this.client.send(text.slice(at), { fin: true });
      return;
    }
    const frame = frameOf(text);
    const cut = 1 + (at % (frame.length - 1));
    this.socket.write(frame.subarray(0, cut));
    // What others write meanwhile waits behind it.
    this.socket.cork();
    this.socket.write(frame.subarray(cut));
    this.after(1, () => this.socket.uncork());
  }
  private junk(text: string): void {
    const { faults, client } = this;
    if (client.readyState !== client.OPEN || this.stalledUntil > 0) return;
    const some = [
      "",
      "{",
      "null",
      "[]",
      "{}",
      "\u0000\u0001",
      "[".repeat(5000),
      '{"a":1e999999}',
      text.slice(0, text.length / 2),
      `${text}}`,
    ];
    const which = faults!.below(some.length + 2);
    if (which === some.length) client.send(Buffer.from([0xff, 0xfe, 0, 1, 2, 3]), { binary: true });
    else if (which === some.length + 1) client.send(`{"x":"${"y".repeat(100_000)}"}`);
    else client.send(some[which]!);
  }

  /** Silence; what was to be said then comes in one go, or never. */
  private stall(later: boolean): void {
    this.waiting = later ? [] : undefined;
    this.stalledUntil = 1;
    this.after(1 + this.faults!.below(this.faults!.stallMs), () => {
      const waiting = this.waiting ?? [];
      this.stalledUntil = 0;
      this.waiting = undefined;
      for (const text of waiting) if (!this.dead) this.put(text);
    });
  }
  mute(): void {
    this.dead = true;
    this.client.pause();
  }
  cut(): void {
    this.dead = true;
    if (this.socket.resetAndDestroy) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }
  close(code: number): void {
    // 1006 is never sent: it is what an end without a word looks like.
    if (code === 1006) this.cut();
    else this.client.close(code, "chaos");
    this.dead = true;
  }
  private after(ms: number, then: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      then();
    }, ms);
    this.timers.add(timer);
  }
  end(): void {
    this.dead = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }
}
