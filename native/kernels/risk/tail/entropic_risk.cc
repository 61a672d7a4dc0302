// Contract: src/kernels/risk/tail/entropic_risk.ts. Newton's steps for the z at which the relative entropy is -log(alpha), halved into the
// bracket where they leave it.
#include "kernels/parts/portfolio_losses.h"
#include "kernels/parts/tail_risk.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, weights", .options = "assets, confidence", .outputs = "evar, scale"};

namespace {

constexpr i64 lanes = 8, most_steps = 1200;
constexpr f64 beyond_all = 1e100;  // a distance of weight 0

inline f64 together(const f64* sums) { return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])); }

// With weights exp(-s d): log of their mean, mean and variance of d. `padded` distances, the last of them of weight 0.
struct Tilted {
  f64 log, mean, variance;
};
inline Tilted tilted(const f64* d, i64 padded, f64 count, f64 s) {
  f64 weight[lanes] = {}, moved[lanes] = {}, squares[lanes] = {};
  for (i64 i = 0; i < padded; i += lanes)
    for (i64 k = 0; k < lanes; k++) {
      const f64 far = s * d[i + k], w = exp_minus(far < 800 ? far : 800), wd = w * d[i + k];
      weight[k] += w, moved[k] += wd, squares[k] += wd * d[i + k];
    }
  const f64 total = together(weight), mean = together(moved) / total, variance = together(squares) / total - mean * mean;
  return {log_any(total / count), mean, variance};
}

struct Entropic {
  f64 evar, scale;
};
// Leaves distances in the losses' place.
inline Entropic entropic(f64* losses, i64 count, f64 alpha) {
  const f64 n = static_cast<f64>(count), target = -log_any(alpha);
  f64 worst = losses[0], best = losses[0], wrong = 0;
  for (i64 i = 0; i < count; i++) {
    worst = losses[i] > worst ? losses[i] : worst, best = losses[i] < best ? losses[i] : best;
    wrong += losses[i] * 0.0;
  }
  if (wrong != 0) return {__builtin_nan(""), __builtin_nan("")};
  i64 equal = 0;
  for (i64 i = 0; i < count; i++) equal += losses[i] == worst;
  if (static_cast<f64>(equal) >= alpha * n - count_dust) return {worst, 0};
  const f64 range = worst - best;
  const i64 padded = round_up(count, lanes);
  for (i64 i = 0; i < count; i++) losses[i] = (worst - losses[i]) / range;
  for (i64 i = count; i < padded; i++) losses[i] = beyond_all;
  f64 low = 0, high = __builtin_huge_val(), s = 1;
  Tilted at = tilted(losses, padded, n, s);
  for (i64 step = 0; step < most_steps; step++) {
    const f64 over = -s * at.mean - at.log - target;
    (over > 0 ? high : low) = s;
    const f64 newton = s - over / (s * at.variance), next = newton > low && newton < high ? newton : high < 1e300 ? (low + high) / 2 : 2 * s;
    const f64 moved = __builtin_fabs(next - s);
    s = next < 1e300 ? next : 1e300, at = tilted(losses, padded, n, s);
    if (moved <= 1e-9 * s) break;
  }
  return {worst + range * (at.log + target) / s, range / s};
}

}  // namespace

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return portfolio_scratch(of.length(names.input("returns")), of.length(names.input("weights")), assets, 0);
}

template <class T> Status entropic_risk(In<T> returns, In<T> weights, i32 assets, f64 confidence, Workspace scratch, Out<T> evar, Out<T> scale) {
  const i64 scenarios = returns.length / assets;
  const f64 alpha = tail_probability(confidence);
  each_portfolio(returns.data, scenarios, weights.data, evar.length, assets, scratch.data, scratch.length, [&](i64 p, f64* losses) {
    const Entropic found = entropic(losses, scenarios, alpha);
    evar[p] = static_cast<T>(found.evar), scale[p] = static_cast<T>(found.scale);
  });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(entropic_risk)
