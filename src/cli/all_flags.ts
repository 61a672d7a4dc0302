/** The flags of every command, as the parser takes them. */
import { busFlags } from "./bus/bus_flags.js";
import { factorsFlags } from "./factors/factors_flags.js";
import type { Flag } from "./kit/flag.js";
import { replayFlags, validateFlags } from "./replay/flags.js";
import { riskFlags } from "./risk/risk_flags.js";

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
