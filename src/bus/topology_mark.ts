/** With which topology a ring's memory or folder is used: a ring whose one column bears the name, so that no two of them fit it. */
import type { Topic } from "./bus.js";
import { topic } from "./frame.js";

export const markName = "(topology)";
export const topologyMark = (topology: string): Topic =>
  topic({ name: markName, columns: { [topology]: { dtype: "u8" } }, rows: 1, slots: 2, backpressure: "block" });
export const markedWith = ({ columns }: Topic): string => Object.keys(columns)[0]!;
/** Nobody publishes on it. */
export const markSize = { subscribers: 1, spares: 0, dictionaryBytes: 0 } as const;
