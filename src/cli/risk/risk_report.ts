/** What the risk page is told about a run. */
import { packageVersion } from "../../addon/addon.js";
import type { PageScript } from "../../report/kit/page.js";
import { riskPage } from "../../report/risk/risk.js";
import { reportFile } from "../kit/report_file.js";
import type { RiskAnswer } from "./risk_screen.js";

export async function riskPageOf(
  { result, prices, weightsFile, words }: RiskAnswer,
  commandLine: string,
  own?: PageScript,
): Promise<string> {
  const files = [await reportFile(words[0]!, prices.notes.join("; "))];
  if (weightsFile !== undefined) files.push(await reportFile(weightsFile, "weights"));
  return riskPage({ commandLine, version: packageVersion(), files, weightsFrom: weightsFile ?? "equal", result }, own);
}
