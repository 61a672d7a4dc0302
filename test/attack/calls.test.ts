import { attacks } from "./kit/suite.js";

attacks("calls", { share: 1_500, all: 120_000 });
