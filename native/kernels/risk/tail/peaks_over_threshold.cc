// Contract: src/kernels/risk/tail/peaks_over_threshold.ts. The same search, with sums in eight lanes.
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "loss, returnPeriod",
                             .options = "threshold, confidence",
                             .outputs =
                                 "parameters, standardErrors, logLikelihood, exceedances, valueAtRisk, expectedShortfall, "
                                 "returnLevel"};

namespace {

constexpr i64 lanes = 8;

// Sum of term(y) over all excesses: the last are padded with 0, which every term maps to 0.
template <class Term> f64 total(const f64* y, i64 count, Term term) {
  f64 sums[lanes] = {};
  for (i64 i = 0; i < count; i += lanes)
    for (i64 k = 0; k < lanes; k++) sums[k] += term(y[i + k]);
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

// log(1 + x) for x > -1.
inline f64 log1p_any(f64 x) {
  const f64 up = x < 0.0 ? -x / (1.0 + x) : x, size = log1p_positive(up);
  return x < 0.0 ? -size : size;
}

struct Tail {
  const f64* y;
  i64 count;
  f64 mean, square, cube;  // moments

  f64 n() const { return static_cast<f64>(count); }
  f64 shape_at(f64 theta) const {
    return total(y, count, [theta](f64 v) { return log1p_any(theta * v); }) / n();
  }
  f64 steepness(f64 theta) const {
    if (__builtin_fabs(theta) * mean < 1e-5) return mean * mean - square / 2 + theta * ((2.0 / 3) * cube - 1.5 * mean * square);
    const f64 shape = shape_at(theta), slope = total(y, count, [theta](f64 v) { return v / (1.0 + theta * v); }) / n();
    return (theta * slope * (1 + shape) - shape) / (theta * theta);
  }
};

struct Pareto {
  f64 shape, scale, log_likelihood;
};

inline f64 place(int k, f64 largest, f64 mean) {
  const f64 part = (k - 64) / 64.0;
  return part < 0 ? -part * part * (1 - 1e-6) / largest : 1e3 * (part * part) * (part * part) / mean;
}

Pareto at(const Tail& tail, f64 theta) {
  const bool flat = __builtin_fabs(theta) * tail.mean < 1e-12;
  const f64 shape = flat ? 0 : tail.shape_at(theta), scale = flat ? tail.mean : shape / theta;
  const f64 size = flat ? scale : shape / theta;
  return {shape, scale, tail.n() * (-log_positive(size) - shape - 1)};
}

bool fit(const Tail& tail, f64 largest, Pareto& best) {
  bool any = false, before = false;
  f64 theta_before = 0, steep_before = 0;
  for (int k = 0; k <= 128; k++) {
    const f64 theta = place(k, largest, tail.mean);
    if (theta < 0 && !(tail.shape_at(theta) >= -0.5)) continue;
    const f64 steep = tail.steepness(theta);
    if (before && steep_before < 0 && steep >= 0) {
      f64 low = theta_before, high = theta;
      for (;;) {  // until they are neighbours: after some 2,100 halvings at most
        const f64 middle = (low + high) / 2;
        if (!(middle > low && middle < high)) break;
        (tail.steepness(middle) < 0 ? low : high) = middle;
      }
      const Pareto found = at(tail, high);
      if (!any || found.log_likelihood > best.log_likelihood) best = found;
      any = true;
    }
    before = true, theta_before = theta, steep_before = steep;
  }
  return any;
}

void errors(const Tail& tail, const Pareto& p, f64* out) {
  const f64 shape = p.shape, scale = p.scale;
  const auto w = [=](f64 v) { return v / (scale + shape * v); };
  const f64 w1 = total(tail.y, tail.count, w), w2 = total(tail.y, tail.count, [=](f64 v) { return w(v) * w(v); });
  const f64 logs = total(tail.y, tail.count, [=](f64 v) { return log1p_any(shape * v / scale); });
  const f64 by_shape = __builtin_fabs(shape) < 1e-4 ? tail.n() * (tail.square / (scale * scale) - (2.0 / 3) * tail.cube / (scale * scale * scale))
                                                    : (-2 / (shape * shape * shape)) * logs + (2 / (shape * shape)) * w1 + (1 + 1 / shape) * w2;
  const f64 mixed = (w1 - (1 + shape) * w2) / scale, by_scale = (tail.n() + (1 + shape) * (shape * w2 - 2 * w1)) / (scale * scale);
  const f64 determinant = by_shape * by_scale - mixed * mixed;
  if (!(determinant > 0 && by_shape < 0)) return;
  out[0] = __builtin_sqrt(-by_scale / determinant), out[1] = __builtin_sqrt(-by_shape / determinant);
}

}  // namespace

static i64 scratch_size(const Sizes& of) { return of.length(names.input("loss")) + 8; }

template <class T>
Status peaks_over_threshold(In<T> loss, OptionalIn<f64> return_period, f64 threshold, f64 confidence, Workspace scratch, Out<f64> parameters,
                            Out<f64> standard_errors, Out<f64> log_likelihood, Out<i32> exceedances, Out<f64> value_at_risk,
                            Out<f64> expected_shortfall, OptionalOut<f64> return_level) {
  f64* y = scratch.data;
  i64 count = 0;
  f64 largest = 0;
  for (i64 i = 0; i < loss.length; i++) {
    const f64 excess = static_cast<f64>(loss[i]) - threshold;
    if (!(static_cast<f64>(loss[i]) > threshold)) continue;
    y[count++] = excess;
    largest = excess > largest ? excess : largest;
  }
  for (i64 k = 0; k < lanes; k++) y[count + k] = 0;
  const f64 none = __builtin_nan("");
  Pareto p{none, none, none};
  standard_errors[0] = standard_errors[1] = none;
  if (count >= 10) {
    Tail tail{y, count, 0, 0, 0};
    tail.mean = total(y, count, [](f64 v) { return v; }) / tail.n();
    tail.square = total(y, count, [](f64 v) { return v * v; }) / tail.n();
    tail.cube = total(y, count, [](f64 v) { return v * v * v; }) / tail.n();
    if (fit(tail, largest, p)) errors(tail, p, standard_errors.data);
  }
  exceedances[0] = static_cast<i32>(count);
  parameters[0] = p.shape, parameters[1] = p.scale, log_likelihood[0] = p.log_likelihood;
  const f64 share = static_cast<f64>(count) / static_cast<f64>(loss.length);
  const auto quantile = [&](f64 probability) {
    const f64 t = log_any(share / probability), grown = p.shape == 0 ? t : exp_less_one(p.shape * t) / p.shape;
    return t < 0 ? none : threshold + p.scale * grown;
  };
  const f64 alpha = static_cast<f64>(static_cast<i64>((1 - confidence) * 1e12 + 0.5)) / 1e12;
  value_at_risk[0] = quantile(alpha);
  expected_shortfall[0] = p.shape < 1 ? (value_at_risk[0] + p.scale - p.shape * threshold) / (1 - p.shape) : none;
  for (i64 i = 0; return_period && i < return_period.length; i++) return_level[i] = quantile(1 / return_period[i]);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(peaks_over_threshold)
