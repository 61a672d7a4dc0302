import { attacks } from "./suite.js";

attacks("states", { share: 800, all: 24_000, seconds: 60 });
