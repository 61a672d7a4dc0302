import { describe } from "vitest";
import { redisServer, whyNoRedis } from "../bus/kit/redis_server.js";
import { attacks } from "./kit/suite.js";

describe.skipIf(!redisServer)(redisServer ? "on redis" : `skipped: ${whyNoRedis}`, () => {
  attacks("entries", { share: 24, all: 2_400, seconds: 20, processes: process.env.TICKFORGE_DEEP ? 2 : 1 });
});
