/** The flags of every command, as the parser takes them. */
import { busFlags } from "./bus-flags.js";
import { factorsFlags } from "./factors-flags.js";
import type { Flag } from "./flag.js";
import { replayFlags, validateFlags } from "./flags.js";
import { riskFlags } from "./risk-flags.js";

const doctorFlags: readonly Flag[] = [
  ...["json", "calibrate", "force", "no-color"].map((name): Flag => ({ name, doc: "", group: "" })),
  { name: "report", value: "FILE", kind: "text", doc: "", group: "" },
  { name: "only", value: "LIST", kind: "text", doc: "", group: "" },
];

export const allFlags: Readonly<Record<string, readonly Flag[]>> = {
  replay: replayFlags,
  validate: validateFlags(),
  bus: busFlags,
  risk: riskFlags,
  factors: factorsFlags,
  doctor: doctorFlags,
  explain: [],
};
