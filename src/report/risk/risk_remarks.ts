/** What was done to the prices before anything was computed, and what that changes: on the screen, the page and in the answer alike. */
import type { RiskResult } from "../../analysis/risk.js";
import { count, plural } from "../kit/text.js";
import { dayOf } from "./risk_report.js";

/** As a terminal writes it too: ASCII. */
const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;
const some = (all: readonly string[], most: number): string =>
  `${all.slice(0, most).join(", ")}${all.length > most ? ` and ${count(all.length - most)} more` : ""}`;

export function riskRemarks(result: RiskResult): string[] {
  return [
    ...excludedRemark(result),
    ...missingRemark(result),
    ...universeRemarks(result),
    ...splitRemark(result),
    ...perhapsRemark(result),
    ...forecastRemark(result),
  ];
}

function forecastRemark({ backtests, method }: RiskResult): string[] {
  const untrusted = backtests.filter((b) => b.untrusted > 0);
  if (untrusted.length === 0) return [];
  const shares = untrusted
    .map((b) => `${count(b.untrusted)} of ${count(b.days)} at ${Number((100 * b.confidence).toFixed(6))}%`)
    .join(", ");
  return [`back-test of ${method}: forecasts outside the domain of the expansion, in the tests all the same: ${shares}`];
}

function excludedRemark({ excluded }: RiskResult): string[] {
  if (excluded.length === 0) return [];
  return [
    `${plural(excluded.length, "asset")} left out: ${some(
      excluded.map(({ asset, why }) => `${asset} (${why})`),
      6,
    )}`,
  ];
}

function missingRemark({ missing, time, ofReturns }: RiskResult): string[] {
  const { prices, how, dropped } = missing;
  if (how === "none" || how === "enter") return [];
  const what = plural(prices, ofReturns ? "return" : "price");
  if (how === "drop")
    return [
      `${what} missing; ${plural(dropped, "date")} left out, ${count(time.length)} kept: a return over such a gap spans more than one period`,
    ];
  return [`${what} missing; the last price is carried on: such a return is 0, and volatility is too low`];
}

function universeRemarks({ missing, ofReturns, assets }: RiskResult): string[] {
  const { universe, dropped } = missing;
  if (!universe) return [];
  const { stays, carried, least, most, turnover } = universe;
  const who = new Set(stays.map(({ asset }) => asset)).size;
  const listed = some(
    stays.map(({ asset, from, to }) => `${asset} ${dayOf(from)} .. ${dayOf(to)}`),
    4,
  );
  const held = least === most ? count(most) : `${count(least)} to ${count(most)}`;
  const leaving = ofReturns ? "" : "; an asset leaves at its last price, and what it lost after that is in no figure";
  return [
    ...(who > 0
      ? [
          `${count(who)} of ${plural(assets.length, "asset")} not there throughout (${listed}): ${held} held over a period, which share the weights${leaving}`,
        ]
      : []),
    ...(carried > 0
      ? [`${plural(carried, "price")} missing while an asset was there: the last one is carried on, so its return comes with the next`]
      : []),
    ...(dropped > 0 ? [`${plural(dropped, "date")} without any price left out`] : []),
    `turnover ${percent(turnover.total)} a period, to set the weights anew; ${percent(turnover.members)} because assets enter and leave`,
  ];
}

function splitRemark({ splits, splitsKept, splitEffect }: RiskResult): string[] {
  if (splits.length === 0) return [];
  const shown = some(
    splits.map(({ asset, time, ratio, as }) => `${asset} ${dayOf(time)} (price times ${ratio.toFixed(3)}, as a split ${as})`),
    3,
  );
  const found = `${plural(splits.length, "jump")} like an unadjusted split: ${shown}`;
  if (splitsKept === "adjusted")
    return [`${found}; taken as returns, since the column says that prices are adjusted; --splits leave-out takes them as 0`];
  if (splitsKept === "asked") return [`${found}; they are taken as returns, as --splits keep says`];
  const { var: risk, es, annualReturn } = splitEffect!;
  return [
    `${found}; those returns are taken as 0, not as risk; with them (--splits keep) VaR is ${instead(risk)}, ES ${instead(es)}, ` +
      `the annual return ${instead(annualReturn)}`,
  ];
}

function perhapsRemark({ perhaps }: RiskResult): string[] {
  if (perhaps.length === 0) return [];
  const shown = some(
    perhaps.map(({ asset, time, ratio, perhaps: what }) => `${asset} ${dayOf(time)} (price times ${ratio.toFixed(3)}, ${what})`),
    3,
  );
  return [
    `${plural(perhaps.length, "jump")} that may be ${perhaps.length === 1 ? "a split" : "splits"}, uncertain and kept as returns: ${shown}`,
  ];
}

const instead = ([left, kept]: readonly [number, number]): string => {
  const [is, other] = [percent(left), percent(kept)];
  return is === other ? `${other} as well` : `${other}, not ${is}`;
};
