import { attacks } from "./kit/suite.js";

attacks("regions", { share: 160, all: 25_000, seconds: 10, processes: process.env.TICKFORGE_DEEP ? 2 : 1 });
