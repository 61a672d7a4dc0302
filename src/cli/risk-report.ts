/** What the risk page is told about a run. */
import { riskPage } from "../report/risk.js";
import { version } from "./commands.js";
import { reportFile } from "./report.js";
import type { RiskAnswer } from "./risk-screen.js";

export async function riskPageOf({ result, prices, weightsFile, words }: RiskAnswer, commandLine: string): Promise<string> {
  const files = [await reportFile(words[0]!, prices.notes.join("; "))];
  if (weightsFile !== undefined) files.push(await reportFile(weightsFile, "weights"));
  return riskPage({ commandLine, version: version(), files, weightsFrom: weightsFile ?? "equal", result });
}
