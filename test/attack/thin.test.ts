import { attacks } from "./kit/suite.js";

attacks("thin", { share: 1000, all: 30_000 });
