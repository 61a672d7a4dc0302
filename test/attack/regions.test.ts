import { attacks } from "./suite.js";

attacks("regions", { share: 300, all: 25_000, seconds: 10 });
