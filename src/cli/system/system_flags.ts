/** Which system is meant. */
import type { Flag } from "../kit/flag.js";

export const systemFlags: readonly Flag[] = [
  { name: "folder", value: "DIR", doc: "where its state, log and control lie (default: one per file in the user's state folder)" },
];
