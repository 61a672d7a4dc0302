/** The link to Redis, Redis Cluster or Valkey: the only file that names the client. */
import { createRequire } from "node:module";
import type { RedisOptions as ClientOptions, Cluster, Redis } from "ioredis";
import { BusError } from "../../core/contract/errors.js";
import { Turnstile } from "../ring/turnstile.js";
import { type Appended, damagedAnswer, type Entry, isFinal, type Link, type Reply, redisError } from "./redis_link.js";
import { KEYS_OF_A_TOPIC, scripts } from "./redis_scripts.js";

export interface LinkOptions {
  /** redis://host:port, rediss:// for TLS, or a path of a unix socket; redis://127.0.0.1:6379 by default. */
  readonly url?: string;
  /** Nodes of a Redis Cluster, as `host:port`, instead of `url`. */
  readonly cluster?: readonly string[];
  readonly username?: string;
  readonly password?: string;
  readonly tls?: {
    readonly ca?: string | Uint8Array;
    readonly cert?: string | Uint8Array;
    readonly key?: string | Uint8Array;
    readonly servername?: string;
  };
  /** A link that is silent for so long, while an answer is due, is dead; 800. */
  readonly silentMs?: number;
  /** Told when the link fails, and when it works again (undefined). */
  readonly onTrouble?: (error: BusError | undefined) => void;
}

type Client = Redis | Cluster;
/** Its own declarations do not hold under exactOptionalPropertyTypes. */
type Any = any;
type Scripted = Record<string, (...args: (string | number | Buffer)[]) => Promise<Reply>>;

function client(): typeof import("ioredis") {
  try {
    return createRequire((import.meta.url as string | undefined) ?? `${process.cwd()}/`)("ioredis"); // see codec.ts
  } catch (cause) {
    throw new BusError("E_PACKAGE_MISSING", "the bus on Redis needs the package ioredis, which is not installed", {
      hint: "npm install ioredis",
      cause,
    });
  }
}

function clientOptions(options: LinkOptions, waits: boolean): ClientOptions {
  const { username, password, tls, silentMs = 800 } = options;
  return {
    ...{ protocol: 2, enableOfflineQueue: false, autoResendUnfulfilledCommands: false, enableReadyCheck: false, maxRetriesPerRequest: 0 },
    ...{ connectTimeout: 1000, keepAlive: 1000, noDelay: true, socketTimeout: silentMs, disableClientInfo: true },
    ...(!waits && { commandTimeout: silentMs }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: tls as NonNullable<ClientOptions["tls"]> }),
    scripts: Object.fromEntries(
      Object.entries(scripts).map(([name, lua]) => [`tickforge_${name}`, { lua, numberOfKeys: KEYS_OF_A_TOPIC }]),
    ),
  };
}

const answersNumber: ReadonlySet<string> = new Set(["finish", "hold", "leave", "drop", "clear", "mend"] satisfies (keyof typeof scripts)[]);
const vague = /Connection is closed|writeable|max retries|Cluster isn't ready|None of startup nodes/i;

type Transaction = (admit: readonly string[], stream: string, entries: Iterable<(string | Buffer)[]>) => Promise<unknown>;

/** A command whose buffers are handed to the socket where they lie, and not copied into one with the rest. */
const uncopied = (Command: typeof import("ioredis").Command) =>
  class extends Command {
    override toWritable(socket: NodeJS.WritableStream): string {
      let text = `*${this.args.length + 1}\r\n$${this.name.length}\r\n${this.name}\r\n`;
      for (const arg of this.args as (string | Buffer)[]) {
        text += `$${Buffer.byteLength(arg)}\r\n`;
        if (typeof arg !== "string") {
          socket.write(text);
          socket.write(arg);
          text = "\r\n";
        } else text += `${arg}\r\n`;
      }
      return text;
    }
  };
type Uncopied = ReturnType<typeof uncopied>;

/** In one write; of the commands that fail the first says why. Bodies stay as they are until their batch is acknowledged, or the socket gone. */
async function atOnce(client: Redis, Uncopied: Uncopied, ...[admit, stream, entries]: Parameters<Transaction>): Promise<unknown> {
  const socket = client.stream;
  socket?.cork();
  const answers: Promise<unknown>[] = [client.call("MULTI"), client.call("EVAL", [...admit])];
  for (const entry of entries)
    answers.push(client.sendCommand(new Uncopied("XADD", [stream, ...entry], { replyEncoding: "utf8" })) as Promise<unknown>);
  answers.push(client.call("EXEC"));
  socket?.uncork();
  return (await Promise.all(answers)).at(-1);
}
async function inCluster(client: Cluster, ...[admit, stream, entries]: Parameters<Transaction>): Promise<unknown> {
  const chain = client.multi();
  chain.call("EVAL", [...admit]);
  for (const entry of entries) chain.call("XADD", [stream, ...entry]);
  const answers = await chain.exec().catch((cause: { previousErrors?: Error[] }) => {
    throw cause.previousErrors?.[0] ?? cause;
  });
  return answers?.map(([error, answer]) => error ?? answer);
}

export class RedisClient implements Link {
  trouble: { error: BusError; since: number } | undefined;
  readonly keepsArguments: boolean;
  private readonly transaction: Transaction;
  private readonly client: Client;
  private readonly turn = new Turnstile();
  private closed = false;

  constructor(
    private readonly options: LinkOptions,
    waits: boolean,
  ) {
    const { Redis, Cluster, Command } = client();
    const { url = "redis://127.0.0.1:6379", cluster } = options;
    this.keepsArguments = cluster !== undefined;
    const retry = (times: number) => (this.trouble && isFinal(this.trouble.error) ? null : Math.min(20 * times, 250));
    const common: Any = clientOptions(options, waits);
    const nodes = {
      redisOptions: common,
      clusterRetryStrategy: retry,
      enableOfflineQueue: false,
      slotsRefreshTimeout: 1000,
      scripts: common.scripts,
    };
    if (cluster) {
      const all = new Cluster([...cluster], nodes as Any);
      this.client = all;
      this.transaction = (...steps) => inCluster(all, ...steps);
    } else {
      const one = url.startsWith("/")
        ? new Redis({ ...common, path: url, retryStrategy: retry })
        : new Redis(url, { ...common, retryStrategy: retry });
      this.client = one;
      const Uncopied = uncopied(Command);
      this.transaction = (...steps) =>
        atOnce(one, Uncopied, ...steps).catch((cause: Error) => {
          // A damaged length may swallow all answers that follow.
          if (/timed out/.test(cause.message)) this.drop();
          throw cause;
        });
    }
    this.client.on("error", (cause: unknown) => this.blame(redisError("bus 'redis'", cause)));
    this.client.on("ready", () => this.turn.ring());
  }

  blame(error: BusError): void {
    if (this.closed || !error.code.startsWith("E_BUS_REDIS_")) return;
    // That the connection is closed says less than why.
    if (this.trouble && vague.test(error.message)) return;
    const news = this.trouble?.error.message !== error.message;
    this.trouble = { error, since: this.trouble?.since ?? performance.now() };
    if (news) this.options.onTrouble?.(error);
  }
  tell(error: BusError | undefined): void {
    if (!this.closed) this.options.onTrouble?.(error);
  }
  private well<T>(reply: T): T {
    if (this.trouble) {
      this.trouble = undefined;
      if (!this.closed) this.options.onTrouble?.(undefined);
    }
    return reply;
  }
  async script(name: keyof typeof scripts, keys: readonly string[], ...args: (string | number | Buffer)[]): Promise<Reply> {
    const reply = await (this.client as unknown as Scripted)[`tickforge_${name}`]!(...keys, ...args);
    if (typeof reply === "number" && !answersNumber.has(name)) throw this.lost();
    return this.well(reply);
  }
  async append(
    keys: readonly string[],
    admission: readonly (string | number)[],
    entries: Iterable<(string | Buffer)[]>,
  ): Promise<Appended> {
    // By its text: the transaction must not fail for a script that the server has forgotten, and write the entries all the same.
    const admit = [scripts.admit, KEYS_OF_A_TOPIC, ...keys, ...admission].map(String);
    const answer = await this.transaction(admit, keys[0]!, entries);
    if (!Array.isArray(answer)) throw this.lost();
    this.well(answer);
    if (answer[0] instanceof Error) throw answer[0];
    return answer as unknown as Appended;
  }
  async call(_key: string, command: string, ...args: (string | number)[]): Promise<Reply> {
    return this.well((await this.client.call(command, ...args.map(String))) as Reply);
  }
  async entries(key: string, command: string, ...args: (string | number)[]): Promise<Entry[]> {
    const reply = (await this.client.callBuffer(command, ...args.map(String))) as unknown;
    if (reply !== null && !Array.isArray(reply)) throw this.lost();
    this.well(reply);
    if (reply === null) return [];
    if (command === "XRANGE") return reply as Entry[];
    if (command === "XAUTOCLAIM") return (reply as [Buffer, Entry[]])[1];
    const found = (reply as [Buffer, Entry[]][]).find(([name]) => name.toString() === key);
    return found?.[1] ?? [];
  }
  drop(): void {
    if (!this.closed) this.client.disconnect(true);
  }
  private lost(): BusError {
    this.drop();
    return damagedAnswer("bus 'redis'");
  }
  async again(ms: number): Promise<void> {
    await this.turn.next(ms);
  }
  close(): void {
    this.closed = true;
    this.client.disconnect();
    this.turn.ring();
  }
}
