/** The table of engines: the system file's `engine` is a name of it. */
import type { AnyEngine } from "../kit/engine.js";
import { toxicity } from "./toxicity.js";

export const engines: Readonly<Record<string, AnyEngine>> = { toxicity };
