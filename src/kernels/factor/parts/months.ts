/** Months of a panel: fixed numbers of dates, counted back from each. */

export interface Month {
  sum: number;
  /** Values that are there: not NaN. */
  known: number;
}

/** Months of a series that begins with its newest value, the newest month first. */
export const monthsOf = (series: readonly number[], months: number, monthDates: number): Month[] =>
  Array.from({ length: months }, (_, m) => {
    const values = series.slice(m * monthDates, (m + 1) * monthDates).filter((x) => !Number.isNaN(x));
    return { sum: values.reduce((a, b) => a + b, 0), known: values.length };
  });

export const monthDatesParam = { type: "i32", min: 1, max: 1_000, default: 21, unit: "dates", doc: "dates of a month" } as const;
