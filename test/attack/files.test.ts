/** Damaged files of every format: a few hundred here, twenty thousand under TICKFORGE_DEEP. */
import { attacks } from "./suite.js";

attacks("files", { share: 200, all: 20_000, seconds: 60, megabytes: 1500 });
