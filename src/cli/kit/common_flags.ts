/** Flags that mean the same in every command that has them. */
import { decimals } from "../../files/kernels/written.js";
import type { Flag } from "./flag.js";

export const jsonFlag: Flag = { name: "json", doc: "one JSON object on stdout" };
export const interactiveFlag: Flag = { name: "interactive", doc: "with cursor and zoom" };
export const forceFlag: Flag = { name: "force", doc: "overwrite" };
export const quietFlag: Flag = { name: "quiet", letter: "q", doc: "errors only" };
export const noColorFlag: Flag = { name: "no-color", doc: "plain text" };
export const backendFlag: Flag = { name: "backend", value: "NAME", doc: "native, reference (default: the fastest)" };
const splits = ["auto", "leave-out", "keep"];
export const splitsFlag: Flag = {
  ...{ name: "splits", value: "HOW", kind: "choice", choices: splits },
  doc: `splits by ratio, volume and level: ${splits.join(", ")} (default: auto, kept where prices are said to be adjusted)`,
};
export const decimalFlag: Flag = {
  ...{ name: "decimal", value: decimals.join("|"), kind: "choice", choices: decimals },
  doc: "before the decimals (default: found)",
};
