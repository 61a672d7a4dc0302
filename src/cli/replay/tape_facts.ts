/** What the result of a tape says, in the same words for screen, page and --json. */

import type { QuoteSummary } from "../../engines/quote_sides.js";
import { noFit } from "../../studies/tape/bars.js";
import type { TapeResult } from "../../studies/tape/tape.js";
import type { Finding, VpinFigures } from "../findings/finding.js";
import { findings } from "../findings/findings.js";
import { aboutFit, fitOf } from "../findings/findings_fit.js";
import type { InstrumentLine } from "./statistics.js";

export const volumeOf = ({ imported }: TapeResult): number => imported.volumes.reduce((a, b) => a + b, 0);

/** The rows of the files are bars, not trades. */
export const ofBars = ({ barSeconds }: TapeResult["format"]): boolean => barSeconds !== undefined;

/** Bars of a file whose sides are what buyers took of them. */
export const boughtKnown = ({ format, classify }: TapeResult): boolean => ofBars(format) && classify === "given";

/** Share of the sides in the file that the rule gives too, of those it gives at all; undefined where the file has none. */
export function agreementOf({ given: { same, opposite } }: QuoteSummary): number | undefined {
  return same + opposite > 0 ? same / (same + opposite) : undefined;
}

export const findingsOf = (result: TapeResult): Finding[] => {
  const { imported, course, tradesOverOneBucket, volumeOverOneBucket, format } = result;
  return findings({
    ...imported,
    ...{
      repeats: imported.duplicates,
      sideless: !format.hasSides || ofBars(format),
      instruments: imported.symbols,
      course,
      tradesOverOneBucket,
    },
    ...(result.quotes && { quotes: result.quotes }),
    ...(result.quotes?.rule === result.classify && { unknownSides: result.quotes.unknown, sideless: false }),
    ofBars: ofBars(format),
    bought: boughtKnown(result),
    barSeconds: format.barSeconds,
    vpin: result.otherwise && { read: figuresOf(result.buckets), otherwise: figuresOf(result.otherwise.buckets) },
    fit: fitOf(result.buckets, result.barFits),
    shareOverOneBucket: volumeOverOneBucket / volumeOf(result),
  });
};

export function figuresOf({ vpin }: TapeResult["buckets"]): VpinFigures {
  const values = vpin.filter((value) => !Number.isNaN(value));
  return { last: values.at(-1) ?? Number.NaN, mean: values.reduce((a, b) => a + b, 0) / values.length };
}

/** What is doubtful about the buckets of one instrument. */
export function doubtsOfFit({ id, trades, buckets }: InstrumentLine, result: TapeResult): Finding[] {
  const { barFits, format } = result;
  const fit = fitOf(buckets, barFits && [barFits[id] ?? noFit()]);
  return aboutFit({ fit, trades, ofBars: ofBars(format), bought: boughtKnown(result), barSeconds: format.barSeconds }).filter(
    ({ count: found, doubtful }) => doubtful && found > 0,
  );
}
