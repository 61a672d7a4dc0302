import { attacks } from "./kit/suite.js";

attacks("border", { share: 1000, all: 60_000 });
attacks("presence", { share: 1056, all: 1056 });
