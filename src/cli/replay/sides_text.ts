/** What the sides of a tape are taken from, in words. */
import { sigmaSeconds } from "../../studies/tape/bars.js";
import { count, seconds } from "../kit/format.js";
import type { Answer } from "./tape_answer.js";
import { ofBars } from "./tape_facts.js";

/** What the sides are taken from. */
export function sidesText({ result: { format, classify }, barSeconds, empty }: Answer): string {
  const bars = `bvc: bars of ${ofBars(format) ? "the file, " : ""}${barSeconds} s${empty === "emit" ? ", those without trades too" : ""}, sides from their price changes over sigma of about ${sigmaText(barSeconds)}`;
  return {
    ...{ given: format.sideRule ?? "as given", tick_rule: "tick_rule: sign of the last price change", bvc: bars },
    ...{ lee_ready: "lee_ready: above or below the middle of the quote, at it by the tick rule" },
    ...{ emo: "emo: at the ask or the bid, elsewhere by the tick rule", quote_rule: "quote_rule: above or below the middle of the quote" },
  }[classify];
}

/** What tells sides and could not be looked at: of a pipe that is read as it comes, slots are made before its columns are known. */
export function unusedText({ result: { format, classify, quotes }, again, chosen }: Answer): string[] {
  if (chosen.classify || again !== undefined || classify !== "bvc") return [];
  const what = format.hasBought ? "taker buy volume of the bars is" : format.hasQuotes && !quotes ? "quotes of the rows are" : undefined;
  const flag = format.hasBought ? "" : ", or pass --classify lee_ready";
  return what === undefined ? [] : [`side: the ${what} not read from a pipe with --bucket-volume: leave that out${flag}`];
}

function sigmaText(barSeconds: number): string {
  const length = sigmaSeconds(barSeconds);
  if (length === 86_400) return "a day";
  return length < 86_400 ? seconds(length) : `${count(Math.round(length / barSeconds))} bars`;
}
