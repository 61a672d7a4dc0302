/** Damaged files of every format: some of them here, twenty thousand under TICKFORGE_DEEP. */
import { attacks } from "./kit/suite.js";

attacks("files", { share: 120, all: 20_000, seconds: 60, megabytes: 1500 });
