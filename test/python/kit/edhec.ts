import { normalQuantile } from "../../../src/index.js";

/**
 * As many values as EDHEC's index of convertible arbitrage has months from 1997 to May 2021 (`data(edhec)` of PerformanceAnalytics), with its
 * first four moments: mean 0.0057921501706, variance 2.8001273701e-4 (over n), skewness -2.5970201573, kurtosis 21.6011400793. What the
 * package prints by Gaussian and modified methods rests on these alone; the index itself is not part of this project.
 */
export const likeConvertibles = Float64Array.from(
  normalQuantile({ probability: Float64Array.from({ length: 293 }, (_, i) => (i + 0.5) / 293) }).x,
  (z) => 0.009148961520322142 + 0.0021699188346100315 * (z - 1.5537967594406135 * z ** 2 + 1.8075401571116143 * z ** 3),
);
