import { attacks } from "./suite.js";

attacks("border", { share: 1500, all: 60_000 });
