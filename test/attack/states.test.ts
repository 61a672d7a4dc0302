import { attacks } from "./kit/suite.js";

attacks("states", { share: 600, all: 24_000, seconds: 60 });
