import { attacks } from "./kit/suite.js";

attacks("exports", { share: 1_000, all: 20_000 });
