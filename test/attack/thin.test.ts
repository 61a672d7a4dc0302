import { attacks } from "./suite.js";

attacks("thin", { share: 1500, all: 30_000 });
