// Contract: src/kernels/risk/tail/parametric_risk.ts. The same moments; quantiles of the assumed distribution once for all portfolios.
#include "kernels/risk/parts/assumed_tail.h"
#include "kernels/parts/moments.h"
#include "kernels/parts/portfolio_losses.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, weights",
                             .options = "assets, confidence, distribution, df, shortfall, ddof",
                             .outputs = "var, es, esBelowVar, mean, deviation, skewness, kurtosis, monotone, tailMonotone"};
CHOICE(LossDistribution, normal, student_t, cornish_fisher)
CHOICE(Shortfall, edgeworth, transform, operational)

// s and k: skewness and excess kurtosis.
inline Standard modified_standard(f64 alpha, f64 z, f64 s, f64 k, Shortfall shortfall) {
  const f64 z2 = z * z, s2 = s * s;
  const f64 h = z + (z2 - 1) * s / 6 + (z2 - 3) * z * k / 24 - (2 * z2 - 5) * z * s2 / 36, h2 = h * h;
  const f64 transformed = 1 + z * s / 6 + (z2 - 1) * k / 24 - (2 * z2 - 1) * s2 / 36;
  const f64 edgeworth = 1 + h2 * h * s / 6 + ((h2 - 2) * h2 - 1) * k / 24 + (((h2 - 9) * h2 + 9) * h2 + 3) * s2 / 72;
  return {-h, (shortfall == Shortfall::transform ? normal_pdf(z) * transformed : normal_pdf(h) * edgeworth) / alpha};
}

// The slope a z^2 + b z + c of the transform is nowhere below 0.
inline bool rises(f64 s, f64 k) {
  const f64 a = k / 8 - s * s / 6, b = s / 3, c = 1 - k / 8 + 5 * s * s / 36;
  return a == 0 ? b == 0 && c >= 0 : a > 0 && b * b <= 4 * a * c;
}

// The same between two quantiles.
inline bool rises_between(f64 low, f64 high, f64 s, f64 k) {
  const f64 a = k / 8 - s * s / 6, b = s / 3, c = 1 - k / 8 + 5 * s * s / 36;
  const bool dips = a > 0 && -b > 2 * a * low && -b < 2 * a * high && b * b > 4 * a * c;
  return (a * low + b) * low + c >= 0 && (a * high + b) * high + c >= 0 && !dips;
}

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return portfolio_scratch(of.length(names.input("returns")), of.length(names.input("weights")), assets, 0);
}

template <class T>
Status parametric_risk(In<T> returns, In<T> weights, i32 assets, f64 confidence, LossDistribution distribution, f64 df, Shortfall shortfall, i32 ddof,
                       Workspace scratch, Out<T> var, Out<T> es, Out<u8> es_below_var, Out<T> mean, Out<T> deviation, Out<T> skewness,
                       Out<T> kurtosis, Out<u8> monotone, Out<u8> tail_monotone) {
  const i64 scenarios = returns.length / assets;
  const f64 alpha = tail_probability(confidence), z = tail_quantile(alpha), furthest = tail_quantile(alpha / 100), n = static_cast<f64>(scenarios);
  const Standard assumed = distribution == LossDistribution::student_t ? student_standard(alpha, df) : normal_standard(alpha);
  each_portfolio(returns.data, scenarios, weights.data, var.length, assets, scratch.data, scratch.length, [&](i64 p, const f64* losses) {
    const Moments m = moments_of(losses, scenarios);
    const f64 variance = m.squares / n, root = __builtin_sqrt(variance);
    const f64 s = -m.cubes / n / (variance * root), k = m.fourths / n / (variance * variance) - 3;
    const f64 sigma = distribution == LossDistribution::cornish_fisher ? root : __builtin_sqrt(m.squares / (n - ddof));
    const Standard standard = distribution == LossDistribution::cornish_fisher ? modified_standard(alpha, z, s, k, shortfall) : assumed;
    const bool below = standard.tail_mean < standard.quantile;
    var[p] = static_cast<T>(m.mean + sigma * standard.quantile);
    es[p] = static_cast<T>(m.mean + sigma * (below && shortfall == Shortfall::operational ? standard.quantile : standard.tail_mean));
    es_below_var[p] = below;
    mean[p] = static_cast<T>(-m.mean), deviation[p] = static_cast<T>(sigma);
    skewness[p] = static_cast<T>(s), kurtosis[p] = static_cast<T>(k);
    monotone[p] = distribution != LossDistribution::cornish_fisher || rises(s, k);
    tail_monotone[p] = distribution != LossDistribution::cornish_fisher || rises_between(furthest, z, s, k);
  });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(parametric_risk)
