/** Charts of what was measured beside VPIN: spread, imbalance, impact and variation. */
import { significant } from "../kit/text.js";
import type { Draw, Series } from "./toxicity_charts.js";
import type { ReportMeasure } from "./toxicity_report.js";

interface Known {
  title: string;
  /** What a reader should know of it. */
  says: string;
  log?: true;
}

interface Group {
  id: string;
  heading: string;
  of: Readonly<Record<string, Known>>;
}

const groups: readonly Group[] = [
  {
    id: "spread",
    heading: "Spread",
    of: {
      roll_spread: {
        title: "Roll's spread",
        says: "Bid-ask spread by Roll (1984), from how price changes turn back. The line breaks where they do not: trends hide the bounce.",
      },
      corwin_schultz_spread: {
        title: "Spread by Corwin and Schultz",
        says: "Spread as a share of the price, from the ranges of two neighbouring bars; one estimate is noisy, 0 stands for estimates below 0.",
      },
    },
  },
  {
    id: "flow",
    heading: "Trade imbalance",
    of: {
      trade_imbalance: {
        title: "Trade imbalance",
        says: "Buyer-initiated less seller-initiated volume over all volume: above 0 buyers pressed.",
      },
    },
  },
  {
    id: "impact",
    heading: "Price impact",
    of: {
      kyle_lambda: {
        title: "Kyle's lambda",
        says: "How far the price moved with each unit of net buying (slope of a regression): high where little trading moves it far.",
      },
      hasbrouck_lambda: {
        title: "Hasbrouck's lambda",
        says: "Slope of log returns on the signed root of traded value.",
      },
      amihud_illiquidity: {
        title: "Amihud's illiquidity",
        says: "Mean size of the return per unit of traded value: high where little money moves the price.",
        log: true,
      },
    },
  },
  {
    id: "variation",
    heading: "Variation of the price",
    of: {
      realized_variance: {
        title: "Realized variance",
        says: "Sum of squared log returns, jumps included; its root is the volatility.",
        log: true,
      },
      bipower_variation: {
        title: "Bipower variation",
        says: "Sum of products of neighbouring returns, which jumps hardly enter.",
        log: true,
      },
      signed_jump: { title: "Signed jump variation", says: "Squared rises less squared falls: above 0 rises were the larger." },
    },
  },
];

const id = (name: string) => name.replaceAll("_", "-");

/** Charts for every group that was measured. */
export function measureGroups(draw: Draw): { id: string; heading: string; charts: Series[] }[] {
  const measures = draw.report.measures ?? [];
  return groups.flatMap(({ id: section, heading, of }) => {
    const own = measures.filter(({ name }) => name in of);
    return own.length ? [{ id: section, heading, charts: own.map((measure) => chart(draw, measure, of[measure.name]!)) }] : [];
  });
}

function chart(draw: Draw, { name, unit, over, values }: ReportMeasure, { title, says, log }: Known): Series {
  return {
    id: `${id(name)}-chart`,
    title,
    axis: `${unit}${log ? ", logarithmic" : ""}`,
    y: values,
    form: "line",
    coarse: true,
    ...(log && values.some((value) => value > 0) && { scale: "log" as const }),
    ...(name === "trade_imbalance" && { domain: [-1, 1] as const }),
    alarms: draw.alarms,
    written: (value) => significant(value, 4),
    says: `${title} over ${over}, as of the trade that closed each bucket. ${says}`,
    missing: `${title} over ${over} has no value in these data: there are too few of them, or none that vary. A shorter bar (--bars) or window (--measures ${name}:N) would draw this chart.`,
  };
}
