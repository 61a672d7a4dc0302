/** The connection to the page's server, made anew as long as the page is open. */
import type { Asked, Told } from "../../series/wire.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;

export interface Heard {
  opened(): void;
  told(told: Told): void;
  frame(bytes: ArrayBuffer): void;
  lost(): void;
}

export class Connection {
  private socket: WebSocket | undefined;
  private wait = FIRST_WAIT_MS;

  constructor(private readonly heard: Heard) {
    this.begin();
  }
  /** False already while it is closing: a server that has said goodbye answers no more, however late the end of it comes. */
  get open(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }
  /** False, and nothing sent, while there is no connection: what is shown is asked for again with the next. */
  ask(asked: Asked): boolean {
    if (!this.open) return false;
    this.socket!.send(JSON.stringify(asked));
    return true;
  }

  private begin(): void {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws${location.search}`);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.wait = FIRST_WAIT_MS;
      this.heard.opened();
    };
    socket.onmessage = ({ data }) =>
      typeof data === "string" ? this.heard.told(JSON.parse(data) as Told) : this.heard.frame(data as ArrayBuffer);
    socket.onclose = () => {
      this.heard.lost();
      setTimeout(() => this.begin(), this.wait);
      this.wait = Math.min(LONGEST_WAIT_MS, 2 * this.wait);
    };
  }
}
