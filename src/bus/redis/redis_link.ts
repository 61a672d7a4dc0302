/** What the bus needs of a client of Redis, and what its errors mean. The client itself is named in redis_client.ts alone. */
import { BusError } from "../../core/contract/errors.js";
import type { ScriptName } from "./redis_scripts.js";

export type Reply = string | number | null | Reply[];
/** An entry of a stream: id, then names and values of its fields in turn. */
export type Entry = readonly [id: Buffer, fields: Buffer[]];

export type Appended = readonly [said: Reply, ...ids: (Reply | Error)[]];

export interface Link {
  /** A command may wait here until a node is found for it: what it is given must not change any more, not even where it is sent again. */
  readonly keepsArguments: boolean;
  /** Why it cannot be used now, and since when; undefined while it works. */
  readonly trouble: { readonly error: BusError; readonly since: number } | undefined;
  script(name: ScriptName, keys: readonly string[], ...args: (string | number | Buffer)[]): Promise<Reply>;
  /**
   * One transaction of `admit` and an XADD for each batch, so that they are written where their publisher may write them, or not at
   * all. Answers what `admit` said and the id of each entry, or why there is none.
   */
  append(keys: readonly string[], admission: readonly (string | number)[], entries: Iterable<(string | Buffer)[]>): Promise<Appended>;
  call(key: string, command: string, ...args: (string | number)[]): Promise<Reply>;
  /** A command that reads streams; it may block for less than a dead link is waited for. */
  entries(key: string, command: string, ...args: (string | number)[]): Promise<Entry[]>;
  /** Settles when it may be worth trying again: with the link, or after `ms`. */
  again(ms: number): Promise<void>;
  /** Its answers cannot be told apart any more: a new connection, and what waits for an answer is refused. */
  drop(): void;
  /** Tells the user of what is no trouble of the link; undefined: it is over. */
  tell(error: BusError | undefined): void;
  /** Told of what went wrong with a command. */
  blame(error: BusError): void;
  close(): void;
}

/** Errors that trying again does not mend. */
const final = new Set([
  "E_BUS_REDIS_AUTH",
  "E_BUS_REDIS_TLS",
  "E_BUS_REDIS_TYPE",
  "E_BUS_REDIS_COMMAND",
  "E_BUS_LAYOUT",
  "E_BUS_PUBLISHER",
  "E_BUS_FENCED",
  "E_BUS_SYMBOLS",
  "E_BUS_TOPOLOGY",
  "E_PACKAGE_MISSING",
]);
export const isFinal = (error: BusError): boolean => final.has(error.code);

const kinds: [RegExp, code: string, what: string, hint: string][] = [
  [
    /^(WRONGPASS|NOAUTH|NOPERM)|invalid password|without any password|AUTH .*failed|ERR AUTH/,
    "E_BUS_REDIS_AUTH",
    "Redis refuses this user or password",
    "Pass username and password as in Redis' own users (ACL LIST); NOPERM names the command that is not allowed.",
  ],
  [
    /certificate|self[- ]signed|CERT_|ERR_TLS|ERR_SSL|altname|wrong version number|EPROTO/i,
    "E_BUS_REDIS_TLS",
    "the TLS connection was refused",
    "Pass tls: { ca } with the certificate that signed the server's, and the host by the name that it bears; tls only where the port speaks it.",
  ],
  [
    /^OOM/,
    "E_BUS_REDIS_MEMORY",
    "Redis has no memory left",
    "Raise maxmemory, lower slots or rows of the topics, or remove what else is kept there; what was accepted is sent once there is room.",
  ],
  [
    /^LOADING/,
    "E_BUS_REDIS_LOADING",
    "Redis is still loading its data",
    "Nothing is to be done: what was accepted is sent when it is ready.",
  ],
  [
    /^(READONLY|MASTERDOWN|NOREPLICAS|UNKILLABLE)/,
    "E_BUS_REDIS_READONLY",
    "this Redis takes no writes",
    "It is a replica, or a master that lost its replicas: point the bus at the master; after a failover it finds it by itself.",
  ],
  [
    /^MISCONF/,
    "E_BUS_REDIS_DISK",
    "Redis cannot write to its disk and takes no writes",
    "Look at the disk of the server and its log; what was accepted is sent when it can write.",
  ],
  [
    /^(CLUSTERDOWN|TRYAGAIN|MOVED|ASK )|Failed to refresh slots|cluster support disabled|Too many Cluster redirections/i,
    "E_BUS_REDIS_CLUSTER",
    "the cluster cannot answer for this key now",
    "redis-cli --cluster check HOST:PORT tells which slots nobody serves; what was accepted is sent when they are.",
  ],
  [/^NOGROUP/, "E_BUS_REDIS_STREAM", "the stream or its group was deleted", "It is made again; rows that were in it show as lost."],
  [
    /^WRONGTYPE|XADD is equal or smaller/,
    "E_BUS_REDIS_TYPE",
    "a key of the topic holds something else",
    "Choose another namespace, or delete the keys of the topic.",
  ],
  [
    /unknown command|wrong number of arguments|[Uu]nknown subcommand|XADD.*syntax/,
    "E_BUS_REDIS_COMMAND",
    "this server does not know what the bus needs",
    "Redis 6.2 or later, or Valkey, with scripts allowed.",
  ],
];

/** A client's error as one of the bus, with code and advice. */
export function redisError(where: string, cause: unknown): BusError {
  if (cause instanceof BusError) return cause;
  const inner = (cause as { lastNodeError?: Error }).lastNodeError;
  const { message, code } = (inner ?? cause) as NodeJS.ErrnoException;
  const text = message || code || String(cause);
  for (const [pattern, name, what, hint] of kinds)
    if (pattern.test(text.replace(/^ERR Error running script.*?: /, "")) || (code && pattern.test(code)))
      return new BusError(name, `${where}: ${what}: ${text}`, { hint, cause });
  if ((cause as Error).name === "ReplyError")
    return new BusError("E_BUS_REDIS_OTHER", `${where}: Redis refuses a command: ${text}`, {
      hint: "The message is the server's own.",
      cause,
    });
  const hint =
    "Check that Redis runs and can be reached: redis-cli -h HOST -p PORT ping. What was accepted is kept and sent when it is back.";
  return new BusError("E_BUS_REDIS_DOWN", `${where}: Redis cannot be reached: ${text}`, { hint, cause });
}

export const damagedAnswer = (where: string): BusError =>
  new BusError("E_BUS_REDIS_ANSWER", `${where}: an answer of Redis was damaged on its way`, {
    hint: "The link is opened again and what has no answer is sent again; where it goes on, look at the network between, or use TLS.",
  });

/** What stands behind the numbers of `admit` and `tend`: entries that were removed, each its id and first field. */
export const textsOf = (reply: unknown): readonly string[] => (Array.isArray(reply) ? reply.slice(4).map(String) : []);
export const foreignEntries = (where: string, entries: readonly string[]): BusError =>
  new BusError(
    "E_BUS_REDIS_FOREIGN",
    `${where}: ${entries.length} ${entries.length === 1 ? "entry is" : "entries are"} not this bus's: ${entries.slice(0, 3).join("; ")}`,
    {
      hint: "Somebody else writes to the stream: find who (CLIENT LIST), or choose a namespace of your own. What does not belong there is removed.",
    },
  );

/** `wrong`: why no copy of the entry could be read. */
export const redisEntryError = (where: string, id: string, wrong: unknown): BusError =>
  new BusError("E_BUS_REDIS_ENTRY", `${where}: entry ${id} cannot be read: ${(wrong as Error).message}`, {
    hint: "It was fetched again in vain: its rows show as lost. Look who writes to the stream, and that all sides run one version of tickforge.",
    cause: wrong,
  });

/** Three numbers of `admit` or `tend`, proved by the sum with what was asked: a damaged answer could acknowledge what is not there. */
export function answerOf(reply: unknown, asked: number): readonly [number, number, number] | undefined {
  if (!Array.isArray(reply) || reply.length < 4) return undefined;
  const [a, b, c, sum] = reply as number[];
  return a! + b! + c! + asked === sum ? [a!, b!, c!] : undefined;
}
