import type { Entry } from "./entry.js";

export const redis: readonly Entry[] = [
  [
    "E_BUS_REDIS_DOWN",
    "Redis cannot be reached: it does not run, the address is another, the link is dead, or it has not answered in time.",
    "redis-cli -h HOST -p PORT ping. What was accepted is kept by its publisher and sent, in order, when Redis is back.",
  ],
  [
    "E_BUS_REDIS_AUTH",
    "Redis refuses the user or the password, or does not allow this user a command.",
    "Pass username and password; redis-cli ACL LIST shows what a user may do. The bus needs streams, scripts, hashes and sorted sets.",
  ],
  [
    "E_BUS_REDIS_TLS",
    "The TLS connection failed: the certificate is not trusted, bears another name, or the port does not speak TLS.",
    "Pass tls: { ca } with the certificate of the authority, and rediss://NAME with the name in the certificate.",
  ],
  [
    "E_BUS_REDIS_MEMORY",
    "Redis has reached maxmemory and takes no writes.",
    "Raise maxmemory, or lower slots or rows of the topics. What was accepted is sent once there is room.",
  ],
  ["E_BUS_REDIS_LOADING", "Redis has started and is still loading its data.", "Wait: what was accepted is sent when it is ready."],
  [
    "E_BUS_REDIS_ANSWER",
    "An answer of Redis was damaged on its way: its form or its sum is wrong, so nothing that it says counts.",
    "Nothing is to be done once: the link is opened again and what has no answer is sent again. Where it goes on, look at the network between, or use TLS.",
  ],
  [
    "E_BUS_REDIS_READONLY",
    "This Redis takes no writes: it is a replica, or a master that has lost its replicas.",
    "Point the bus at the master. After a failover it goes on by itself as soon as the new master takes writes.",
  ],
  [
    "E_BUS_REDIS_DISK",
    "Redis cannot write its data to disk, and takes no writes until it can.",
    "Look at the disk and the log of the server.",
  ],
  [
    "E_BUS_REDIS_CLUSTER",
    "The cluster cannot answer for a key: slots without a node, a failover under way, or the server is not in cluster mode.",
    "redis-cli --cluster check HOST:PORT. For a single server pass url instead of cluster.",
  ],
  [
    "E_BUS_REDIS_FOREIGN",
    "The stream of a topic has entries that this bus did not write; they are counted, and removed where they stand in the way.",
    "Find who writes there (redis-cli CLIENT LIST, MONITOR), or choose a namespace that nobody else uses. All sides run one version of tickforge.",
  ],
  [
    "E_BUS_REDIS_ENTRY",
    "An entry of a topic cannot be read: a checksum, which covers all of it, is wrong. It was fetched again in vain and is passed over; its rows show as lost.",
    "Once, look at the server's disk and at who writes to the stream. At every entry, the sides run different versions of tickforge: use one.",
  ],
  ["E_BUS_REDIS_OTHER", "Redis refuses a command for a reason that the bus has no name for.", "The message is the server's own."],
  [
    "E_BUS_REDIS_STREAM",
    "The stream or group of a topic was deleted while it was used.",
    "Nothing is to be done: it is made again, and rows that only Redis had show as lost.",
  ],
  [
    "E_BUS_REDIS_TYPE",
    "A key of the topic holds something that the bus did not put there.",
    "Choose another namespace, or delete that key.",
  ],
  [
    "E_BUS_REDIS_COMMAND",
    "The server does not know a command that the bus needs.",
    "Use Redis 6.2 or later, or Valkey, with EVALSHA allowed.",
  ],
];
