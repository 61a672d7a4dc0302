// Contract: src/kernels/risk/backtest/christoffersen_pelletier.ts. Newton's steps for the shape, halved into the bracket where they leave it.
#include "kernels/risk/parts/backtest.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "loss, var", .outputs = "hits, shape, statistic, pValue"};

namespace {

constexpr f64 flattest = 1e-3, steepest = 10;
constexpr i64 lanes = 8;

// Logarithms of days between hits, up to the first and after the last, less that of the longest; padded to whole registers.
struct Durations {
  f64* logs;
  i64 count, whole;  // those between two hits
  f64 sum;           // of the logarithms of the latter
};

struct Likelihood {
  f64 value, slope, bend;
};
inline f64 together(const f64* sums) { return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])); }

// Over `whole`, at the best scale: the logarithm but for a constant, and its derivatives in the shape.
inline Likelihood likelihood(const Durations& d, f64 b) {
  f64 powers[lanes] = {}, moved[lanes] = {}, squares[lanes] = {};
  for (i64 i = 0; i < d.count; i += lanes)
    for (i64 k = 0; k < lanes; k++) {
      const f64 far = -b * d.logs[i + k], power = exp_minus(far < 800 ? far : 800), along = power * d.logs[i + k];
      powers[k] += power, moved[k] += along, squares[k] += along * d.logs[i + k];
    }
  const f64 all = together(powers), mean = together(moved) / all, n = static_cast<f64>(d.whole);
  return {log_any(b) - log_any(all) + (b - 1) * d.sum / n, 1 / b - mean + d.sum / n, -1 / (b * b) - (together(squares) / all - mean * mean)};
}

template <class T> Durations durations_of(const T* loss, const T* risk, i64 days, f64* logs) {
  Durations d{logs, 0, 0, 0};
  i64 before = -1;
  const auto add = [&](i64 day) { return logs[d.count++] = log_any(static_cast<f64>(day)); };
  for (i64 t = 0; t < days; t++) {
    if (!(loss[t] > risk[t])) continue;
    if (before >= 0) add(t - before), d.whole++;
    else if (t > 0) add(t + 1);
    before = t;
  }
  const i64 between = d.whole, first = d.count - between;
  if (before >= 0 && before < days - 1) add(days - 1 - before);
  f64 longest = 0;
  for (i64 i = 0; i < d.count; i++) longest = logs[i] > longest ? logs[i] : longest;
  for (i64 i = 0; i < d.count; i++) logs[i] -= longest;
  for (i64 i = first; i < first + between; i++) d.sum += logs[i];
  for (i64 i = d.count; i % lanes != 0; i++) logs[i] = -1e100;  // of power 0
  return d;
}

inline f64 best_shape(const Durations& d) {
  f64 low = flattest, high = steepest, b = 1;
  if (likelihood(d, high).slope > 0) return high;
  for (int step = 0; step < 100; step++) {
    const Likelihood at = likelihood(d, b);
    (at.slope > 0 ? low : high) = b;
    const f64 newton = b - at.slope / at.bend, next = newton > low && newton < high ? newton : (low + high) / 2, moved = __builtin_fabs(next - b);
    b = next;
    if (moved <= 1e-14 * b) break;
  }
  return b;
}

}  // namespace

static i64 scratch_size(const Sizes& of) { return of.length(names.input("loss")) + 16; }

template <class T>
Status christoffersen_pelletier(In<T> loss, In<T> var, Workspace scratch, Out<T> hits, Out<T> shape, Out<T> statistic, Out<T> p_value) {
  const f64 nan = __builtin_nan("");
  const i64 total = hits_of(loss.data, var.data, loss.length).total;
  hits[0] = static_cast<T>(total);
  shape[0] = statistic[0] = p_value[0] = static_cast<T>(nan);
  if (total < 2) return done();
  const Durations d = durations_of(loss.data, var.data, loss.length, scratch.data);
  const f64 b = best_shape(d), ratio = ratio_of(static_cast<f64>(d.whole) * (likelihood(d, b).value - likelihood(d, 1).value));
  shape[0] = static_cast<T>(b);
  statistic[0] = static_cast<T>(ratio);
  p_value[0] = static_cast<T>(chi_square_survival(ratio, 1));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(christoffersen_pelletier)
