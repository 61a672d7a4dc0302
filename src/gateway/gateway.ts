/** The door for programs outside: topics over WebSocket and server-sent events, on one port, with bounds on all that a client can cost. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { RawData, WebSocket, WebSocketServer } from "ws";
import type { Subscription, Topic } from "../bus/bus.js";
import { crc32c } from "../bus/frame.js";
import type { Answer } from "../bus/metrics/answers.js";
import type { Sample } from "../bus/metrics/exposition.js";
import { Hub } from "../bus/routing/hub.js";
import type { Checksum } from "../bus/topic_hash.js";
import { needArray, needFunction, needObject, needText } from "../core/contract/arguments.js";
import { TickforgeError } from "../core/contract/errors.js";
import { Access } from "./access.js";
import { type Client, EventClient, type Heard, SocketClient } from "./client.js";
import { Feed } from "./feed.js";
import { type GatewayLimits, limitsOf } from "./limits.js";
import { type Ask, columnsOf, missing, read, told } from "./message.js";
import { type GatewayStats, samplesOf } from "./stats.js";

export interface GatewayOptions {
  readonly topics: readonly Topic<any>[];
  /** Opens one subscription of a topic; asked again where it failed. */
  readonly subscribe: (topic: Topic<any>) => Subscription<any>;
  /** Names of instruments by their ids, for topics without symbols of their own. */
  readonly instruments?: readonly string[];
  /** Topics of which nothing is left out: a client too slow for them is closed. */
  readonly never?: readonly string[];
  /** Rows of each instrument that a client is given first; 1. */
  readonly keep?: number;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Where `port` is taken, one that is free. */
  readonly free?: boolean;
  /** 127.0.0.1; any address but this machine's own needs a token. */
  readonly host?: string;
  readonly token?: string;
  /** Pages that may read beside those of this machine, as browsers write them: https://desk.example. */
  readonly origins?: readonly string[];
  readonly limits?: Partial<GatewayLimits>;
  /** Further paths, such as /metrics and /healthz, for those who are let in; one that ends with / is all below it. */
  readonly routes?: Readonly<Record<string, Answer>>;
  /** A CRC-32C that is faster than the table. */
  readonly crc32c?: Checksum;
}
type Route = (request: IncomingMessage, response: ServerResponse) => void;
/** After it those who do not answer a goodbye are dropped. */
const GOODBYE_MS = 500;

export class Gateway {
  private readonly feeds = new Map<string, Feed>();
  private readonly clients = new Set<Client>();
  private readonly hub: Hub;
  private readonly access: Access;
  private readonly limits: GatewayLimits;
  private readonly routes: ReadonlyMap<string, Route>;
  private readonly counts = { came: 0, turnedAway: 0, closedSlow: 0, closedWrong: 0, bytes: 0 };
  private server: Server | undefined;
  private sockets: WebSocketServer | undefined;
  private pings: NodeJS.Timeout | undefined;
  private readonly heard: Heard = {
    sent: (bytes) => void (this.counts.bytes += bytes),
    ended: (client, why) => {
      this.leave(client);
      if (why === "slow") this.counts.closedSlow++;
      if (why === "refused") this.counts.closedWrong++;
      setTimeout(() => client.drop(), GOODBYE_MS).unref();
    },
  };

  constructor(private readonly options: GatewayOptions) {
    needObject("Gateway: options", options);
    const { topics, subscribe, instruments = [], never = [], keep = 1, host = "127.0.0.1", token, origins = [], routes = {} } = options;
    for (const [name, value] of Object.entries({ topics, instruments, never, origins })) needArray(`Gateway: ${name}`, value);
    needFunction("Gateway: subscribe", subscribe);
    needText("Gateway: host", host);
    if (token !== undefined) needText("Gateway: token", token);
    this.limits = limitsOf(options.limits);
    this.access = new Access(host, token, origins);
    this.hub = new Hub({ subscribe }, { keep });
    const checksum = options.crc32c ?? crc32c;
    const { messageBytes, bufferedBytes, againMs } = this.limits;
    for (const [at, topic] of topics.entries()) {
      const kept = never.includes(topic.name);
      const of = { stream: at + 1, instruments, never: kept, messageBytes, knownBytes: bufferedBytes / 2, againMs, checksum };
      this.feeds.set(topic.name, new Feed(topic, this.hub, of));
    }
    for (const name of never) this.feedOf(name);
    const own: [string, Route][] = [
      ["/topics", (_, response) => void this.topics(response)],
      ["/events", (request, response) => this.events(request, response)],
    ];
    this.routes = new Map([...own, ...Object.entries(routes)]);
  }

  /** Reads the topics and answers; where to. It does not keep Node alive. */
  async listen(): Promise<{ readonly host: string; readonly port: number; readonly url: string }> {
    if (this.server) throw new TickforgeError("E_GATEWAY_OPTION", "gateway: listens already", { hint: "call listen() once" });
    const { host = "127.0.0.1" } = this.options;
    // With the first gateway: Node loads much for them.
    const [{ createServer }, { WebSocketServer }] = await Promise.all([import("node:http"), import("ws")]);
    this.sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: this.limits.receivedBytes,
    });
    this.server = createServer((request, response) => this.answer(request, response));
    this.server.on("upgrade", (request, socket, head) => this.upgrade(request, socket, head));
    this.server.maxConnections = 2 * this.limits.clients + 16;
    try {
      for (const feed of this.feeds.values()) feed.open();
      await this.bind(this.server, host);
    } catch (error) {
      await this.close();
      throw error;
    }
    this.server.unref();
    this.pings = setInterval(() => this.look(), this.limits.pingMs).unref();
    const { port } = this.server.address() as { port: number };
    return { host, port, url: `http://${host.includes(":") ? `[${host}]` : host}:${port}` };
  }
  private bind(server: Server, host: string, port = this.options.port ?? 0): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (cause: Error & { code?: string }) => {
        const taken = cause.code === "EADDRINUSE";
        if (taken && this.options.free && port !== 0) return resolve(this.bind(server, host, 0));
        const what = taken ? `port ${port} of ${host} is taken` : `cannot listen on ${host}, port ${port} (${cause.code})`;
        const hint = taken
          ? `end what listens there (lsof -i :${port}), or choose another port, or 0 for one that is free`
          : "choose an address of this machine and a port from 1024 to 65535, or 0 for one that is free";
        reject(new TickforgeError("E_PORT", `gateway: ${what}`, { option: "port", value: port, hint, cause }));
      };
      try {
        server.once("error", failed).listen(port, host, () => resolve());
      } catch (cause) {
        failed(cause as Error);
      }
    });
  }

  /** Clients are told; who does not answer is dropped. */
  async close(): Promise<void> {
    clearInterval(this.pings);
    for (const feed of this.feeds.values()) feed.close();
    this.hub.close();
    for (const client of this.clients) client.end("leaving", "the gateway is closing");
    const { server } = this;
    if (!server?.listening) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => server.closeAllConnections(), GOODBYE_MS);
      server.close(() => {
        clearTimeout(late);
        resolve();
      });
      server.closeIdleConnections();
    });
  }

  stats(): GatewayStats {
    const topics = [...this.feeds.values()].map((feed) => feed.stats());
    const waitingBytes = [...this.clients].reduce((sum, { buffered }) => sum + buffered, 0);
    return { clients: this.clients.size, ...this.counts, waitingBytes, topics, hub: this.hub.stats() };
  }
  /** The same for /metrics. */
  samples(): Sample[] {
    return samplesOf(this.stats());
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const refusal = this.access.refusal(request);
    const path = (request.url ?? "/").split("?")[0]!;
    const end = (status: number, text: string) =>
      response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
    if (refusal) {
      this.counts.turnedAway++;
      return void end(refusal.status, refusal.text);
    }
    const { origin } = request.headers;
    if (origin !== undefined) response.setHeader("access-control-allow-origin", origin).setHeader("vary", "origin");
    if (request.method !== "GET" && request.method !== "HEAD") return void end(405, "GET only");
    const answer = this.routes.get(path) ?? [...this.routes].find(([one]) => one.endsWith("/") && path.startsWith(one))?.[1];
    if (!answer) return void end(404, `there are ${[...this.routes.keys()].join(", ")}, and WebSockets at /ws`);
    try {
      answer(request, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else end(500, (error as Error).message);
    }
  }
  private topics(response: ServerResponse): void {
    const topics = [...this.feeds.values()].map((feed) => {
      const { rows, rowsPerSecond, clients } = feed.stats();
      const { name, backpressure } = feed.topic;
      return { topic: name, columns: columnsOf(feed.topic), backpressure, symbols: feed.names(), rows, rowsPerSecond, clients };
    });
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" }).end(JSON.stringify({ topics }));
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const no = (status: string, text: string) => {
      this.counts.turnedAway++;
      socket.end(`HTTP/1.1 ${status}\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${text}\n`);
    };
    socket.on("error", () => {});
    const refusal = this.access.refusal(request);
    if (refusal) return void no(refusal.status === 401 ? "401 Unauthorized" : "403 Forbidden", refusal.text);
    if ((request.url ?? "/").split("?")[0] !== "/ws") return void no("404 Not Found", "WebSockets are at /ws");
    if (this.clients.size >= this.limits.clients) return void no("503 Service Unavailable", this.full());
    this.sockets!.handleUpgrade(request, socket, head, (client) => this.serve(client));
  }
  private full(): string {
    return `there are ${this.limits.clients} clients, as many as this gateway serves`;
  }
  private enter(client: Client): void {
    this.clients.add(client);
    this.counts.came++;
  }
  private leave(client: Client): void {
    this.clients.delete(client);
    for (const feed of this.feeds.values()) feed.leave(client);
  }
  private look(): void {
    for (const client of this.clients) if (!client.look()) client.drop();
  }

  private serve(socket: WebSocket): void {
    const client = new SocketClient(socket, this.limits, this.heard);
    this.enter(client);
    socket.on("close", () => this.leave(client));
    socket.on("error", () => {}); // such as a message that is too long: ws closes with 1009
    socket.on("message", (data: RawData, binary: boolean) => {
      if (client.ended) return;
      try {
        if (binary)
          throw new TickforgeError("E_GATEWAY_MESSAGE", "messages to the gateway are text", {
            hint: 'send such as {"subscribe":"toxicity"}',
          });
        this.follow(client, read(data.toString()));
      } catch (error) {
        client.say(told(error));
        if (++client.wrong >= this.limits.wrong) client.end("refused", `${client.wrong} messages could not be followed`);
      }
    });
  }
  private follow(client: Client, message: ReturnType<typeof read>): void {
    if ("subscribe" in message) return void this.feedOf(message.subscribe.topic).enter(client, message.subscribe);
    const feed = this.feedOf(message.unsubscribe);
    if (!feed.leave(client))
      throw new TickforgeError("E_GATEWAY_TOPIC", `you do not take topic '${feed.topic.name}'`, { hint: "subscribe to it first" });
    client.say({ unsubscribed: feed.topic.name });
  }
  private feedOf(name: string): Feed {
    const feed = this.feeds.get(name);
    if (feed) return feed;
    throw missing("E_GATEWAY_TOPIC", "there is no topic", name, [...this.feeds.keys()]);
  }

  private events(request: IncomingMessage, response: ServerResponse): void {
    const { searchParams } = new URL(request.url!, "http://here");
    const [names, instruments] = [searchParams.getAll("topic"), searchParams.getAll("instrument")];
    const ask = {
      instruments: instruments.length > 0 ? instruments : undefined,
      format: "events",
      last: searchParams.get("last") !== "0",
    } as const;
    const end = (status: number, error: unknown) =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(told(error)));
    if (this.clients.size >= this.limits.clients)
      return void end(503, new TickforgeError("E_GATEWAY_LIMIT", this.full(), { hint: "close one, or raise limits.clients" }));
    const client = new EventClient(response, this.limits, this.heard);
    try {
      if (request.method === "HEAD") return void response.writeHead(200, { "content-type": "text/event-stream" }).end();
      if (names.length === 0) throw missing("E_GATEWAY_TOPIC", "the address names no topic", "", [...this.feeds.keys()]);
      const asked = names.map((topic): [Feed, Ask] => [this.feedOf(topic), { topic, ...ask }]);
      for (const [feed, of] of asked) feed.check(of);
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      this.enter(client);
      response.on("close", () => this.leave(client)).on("error", () => {});
      for (const [feed, of] of asked) feed.enter(client, of);
    } catch (error) {
      end(404, error);
    }
  }
}
