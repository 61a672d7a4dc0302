/** What the risk page is told about a run. */
import { packageVersion } from "../addon/addon.js";
import { riskPage } from "../report/risk.js";
import { reportFile } from "./report-file.js";
import type { RiskAnswer } from "./risk-screen.js";

export async function riskPageOf({ result, prices, weightsFile, words }: RiskAnswer, commandLine: string): Promise<string> {
  const files = [await reportFile(words[0]!, prices.notes.join("; "))];
  if (weightsFile !== undefined) files.push(await reportFile(weightsFile, "weights"));
  return riskPage({ commandLine, version: packageVersion(), files, weightsFrom: weightsFile ?? "equal", result });
}
