/** Serves the page and what it shows. It answers GET alone; with control a page may acknowledge alarms, by its own connection, and nothing else. */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Checksum } from "../../bus/topic_hash.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { Access, type Refusal } from "../../gateway/access.js";
import type { Alarm } from "../series/alarm_log.js";
import { type Asset, headers, readAssets } from "./assets.js";
import { needSafePlace } from "./place.js";
import { Session } from "./session.js";
import type { Source } from "./source.js";

export interface PageOptions {
  /** 127.0.0.1; any other address needs a token. */
  readonly host: string;
  /** Undefined: 8600 or, where that is taken, one of those behind it. */
  readonly port: number | undefined;
  readonly token: string | undefined;
  /** Whoever has the token may acknowledge alarms for all. */
  readonly control?: boolean | undefined;
  /** Ports that something else of the same system will listen at. */
  readonly reserved: readonly number[];
}

const FIRST_PORT = 8600;
const PORTS = 20;
const TICK_MS = 16;
const MOST_SESSIONS = 32;
const MOST_RECEIVED = 2 ** 16;
/** After it those who do not answer a goodbye are dropped. */
const GOODBYE_MS = 500;

export class PageServer {
  private readonly access: Access;
  private readonly assets: ReadonlyMap<string, Asset>;
  private readonly sessions = new Map<WebSocket, Session>();
  private readonly name = randomBytes(8).toString("hex");
  private readonly server: Server;
  private readonly sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MOST_RECEIVED,
  });
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly source: Source,
    private readonly options: PageOptions,
    private readonly checksum: Checksum,
    private readonly acknowledged: (alarm: Alarm) => void = () => {},
  ) {
    needSafePlace(options);
    this.access = new Access(options.host, options.token, []);
    this.assets = readAssets();
    this.server = createServer((request, response) => this.answer(request, response));
    this.server.on("upgrade", (request, socket, head) => this.upgrade(request, socket, head));
    this.server.maxConnections = 4 * MOST_SESSIONS;
  }

  /** Its address, with the token where there is one. */
  async listen(): Promise<string> {
    const { host, port, token, reserved } = this.options;
    const all = Array.from({ length: PORTS }, (_, i) => FIRST_PORT + i).filter((one) => !reserved.includes(one));
    const bound = await this.bind(port === undefined ? all : [port]);
    this.timer = setInterval(() => this.turn(), TICK_MS);
    const name = host.includes(":") ? `[${host}]` : host;
    return `http://${name}:${bound}/${token === undefined ? "" : `?token=${encodeURIComponent(token)}`}`;
  }
  private async bind([port, ...others]: readonly number[]): Promise<number> {
    const { host } = this.options;
    const { server } = this;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject).listen(port, host, () => resolve(void server.off("error", reject)));
      });
      return (server.address() as { port: number }).port;
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === "EADDRINUSE" && others.length > 0) return this.bind(others);
      const taken = code === "EADDRINUSE";
      const what = taken ? `port ${port} of ${host} is taken` : `cannot listen on ${host}, port ${port} (${code})`;
      const hint = taken
        ? `end what listens there (lsof -i :${port}), or choose another with --page PORT or --port`
        : "choose an address of this machine and a port from 1024 to 65535";
      throw new TickforgeError("E_PORT", `page: ${what}`, { option: "port", value: port, hint, cause });
    }
  }

  private turn(): void {
    const now = performance.now();
    this.source.turn();
    for (const session of this.sessions.values()) session.tick(now);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const end = (status: number, text: string) =>
      response.writeHead(status, { ...headers, "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
    const path = pathOf(request);
    const refusal = this.refusal(request, path);
    if (refusal) return void end(refusal.status, refusal.text);
    if (request.method !== "GET" && request.method !== "HEAD") return void end(405, "GET only: this page changes nothing");
    const asset = this.assets.get(path);
    if (!asset) return void end(404, "the page is at /");
    response.writeHead(200, { ...headers, "content-type": asset.type, "content-length": asset.bytes.length });
    response.end(request.method === "HEAD" ? undefined : asset.bytes);
  }
  /** Styles and scripts are everybody's: the page asks for them without its token. */
  private refusal(request: IncomingMessage, path: string): Refusal | undefined {
    const refusal = this.access.refusal(request);
    return refusal?.status === 401 && path !== "/" && this.assets.has(path) ? undefined : refusal;
  }
  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const no = (status: string, text: string) =>
      socket.end(`HTTP/1.1 ${status}\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${text}\n`);
    socket.on("error", () => {});
    const refusal = this.access.refusal(request);
    if (refusal) return void no(refusal.status === 401 ? "401 Unauthorized" : "403 Forbidden", refusal.text);
    if (pathOf(request) !== "/ws") return void no("404 Not Found", "the page's own connection is at /ws");
    if (this.sessions.size >= MOST_SESSIONS)
      return void no("503 Service Unavailable", `${MOST_SESSIONS} pages are open, as many as are served`);
    this.sockets.handleUpgrade(request, socket, head, (client) => {
      client.on("close", () => this.sessions.delete(client)).on("error", () => {});
      this.sessions.set(
        client,
        new Session(client, this.source, this.name, this.checksum, this.options.control ? this.acknowledged : undefined),
      );
    });
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    const now = performance.now();
    // What has come since, and that it is the end.
    if (this.server.listening) for (const session of this.sessions.values()) session.tick(now + 1e6);
    for (const client of this.sessions.keys()) client.close(1001, "the page's server ends");
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => {
        for (const client of this.sessions.keys()) client.terminate();
        this.server.closeAllConnections();
      }, GOODBYE_MS);
      this.server.close(() => {
        clearTimeout(late);
        resolve();
      });
      this.server.closeIdleConnections();
    });
    this.source.close();
  }
}

const pathOf = ({ url = "/" }: IncomingMessage): string => url.split("?")[0]!;
