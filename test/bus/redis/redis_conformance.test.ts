import { afterAll, beforeAll, describe } from "vitest";
import { RedisBus } from "../../../src/bus/redis/redis_bus.js";
import { redisServer, type Server, startRedis, whyNoRedis } from "../kit/redis_server.js";
import { busSuite } from "../kit/suite.js";

describe.skipIf(!redisServer)(redisServer ? "on a server" : `skipped: ${whyNoRedis}`, () => {
  let server: Server;
  let runs = 0;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.stop());
  const open = (codec: "raw" | "lz4" | "msgpack") => () => new RedisBus({ url: server.socket, namespace: `run${runs++}`, codec });

  busSuite("redis", open("raw"), { remote: true });
  busSuite("redis, lz4", open("lz4"), { remote: true });
  busSuite("redis, msgpack", open("msgpack"), { remote: true });
});
