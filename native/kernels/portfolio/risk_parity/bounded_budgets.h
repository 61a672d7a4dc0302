// Budgets of risk between bounds: src/kernels/portfolio/risk_parity/bounded_budgets.ts says how.
#pragma once
#include "risk_budgets.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

struct BoundedSearch {
  BudgetSearch free;
  const f64 *lower, *upper;
  f64* kept;  // of each asset, for `onto`

  // 0, 1, 2 as without bounds, 3 where they bind, 4 where no weights between them do; y are the weights, and sum to 1.
  i32 run(f64 tolerance, i32 most, i32& cycles) const {
    const i64 n = free.model.assets;
    const f64 floor = sum_of(lower, n), ceiling = sum_of(upper, n), rounding = 1e-12;
    cycles = 0;
    if (floor > 1 + rounding || ceiling < 1 - rounding) return 4;
    const i32 status = free.run(tolerance, most, cycles);
    const f64 whole = sum_of(free.y, n);
    bool inside = true;
    for (i64 i = 0; i < n; i++) {
      free.y[i] /= whole;
      inside = inside && free.y[i] >= lower[i] && free.y[i] <= upper[i];
    }
    if (status == 2 || inside) return status;
    if (status == 0 && (floor >= 1 - rounding || ceiling <= 1 + rounding)) {
      for (i64 i = 0; i < n; i++) free.y[i] = floor >= 1 - rounding ? lower[i] : upper[i];
      return 3;
    }
    onto();
    if (status == 1) return 1;
    // y has a variance of 1, and its shares sum to lambda over that: lambda and the covariance are taken over that of y / whole.
    const i32 found = between(whole, tolerance, most, cycles);
    if (found == 1) onto();
    return found;
  }

 private:
  // ln of the sum of the weights at a ln lambda; `settled` says whether the cycles were enough.
  f64 sum_at(f64 log_lambda, f64 whole, f64 tolerance, i32 most, i32& cycles, bool& settled) const {
    const f64 lambda = exp_any(log_lambda);
    settled = false;
    factor_exposure(free.model, free.y, free.z);
    while (cycles < most && !settled) {
      const f64 moved = cycle(lambda, whole);
      if (++cycles % 16 == 0) factor_exposure(free.model, free.y, free.z);
      settled = moved <= 1e-3 * tolerance;
    }
    return log_positive(sum_of(free.y, free.model.assets));
  }

  f64 cycle(f64 lambda, f64 whole) const {
    const RiskModel& model = free.model;
    f64 most = 0;
    for (i64 i = 0; i < model.assets; i++) {
      const f64* row = model.v + i * model.step;
      const f64 own = free.variance[i], y = free.y[i];
      const f64 pull = row_product(row, free.z, model.step) + model.d[i] * y - own * y;
      const f64 root = positive_root(own * whole * whole, pull * whole * whole, lambda * free.budget[i]), cut = root < lower[i]   ? lower[i]
                                                                                                                : root > upper[i] ? upper[i]
                                                                                                                                  : root;
      const f64 moved = __builtin_fabs(cut - y) / cut;
      most = moved > most ? moved : most;
      add_row(cut - y, row, free.z, model.step);
      free.y[i] = cut;
    }
    return most;
  }

  // Regula falsi on ln lambda (Illinois) from where it stands without bounds.
  i32 between(f64 whole, f64 tolerance, i32 most, i32& cycles) const {
    bool settled;
    f64 from = 0, to = 0, low = sum_at(from, whole, tolerance, most, cycles, settled), high = low;
    for (f64 step = 1; settled && low > 0; step *= 2) {
      to = from, high = low, from -= step;
      if (step > 64) return 4;
      low = sum_at(from, whole, tolerance, most, cycles, settled);
    }
    for (f64 step = 1; settled && high < 0; step *= 2) {
      from = to, low = high, to += step;
      if (step > 64) return 4;
      high = sum_at(to, whole, tolerance, most, cycles, settled);
    }
    const f64 first = __builtin_fabs(low), second = __builtin_fabs(high);
    f64 last = first < second ? first : second;
    for (i32 side = 0; settled && last > 1e-13 && to - from > 1e-14 * (__builtin_fabs(to) > 1 ? __builtin_fabs(to) : 1);) {
      const f64 cut = (from * high - to * low) / (high - low), at = cut > from && cut < to ? cut : (from + to) / 2;
      const f64 sum = sum_at(at, whole, tolerance, most, cycles, settled);
      last = __builtin_fabs(sum);
      if (sum > 0) {
        to = at, high = sum;
        if (side == 1) low /= 2;
        side = 1;
      } else {
        from = at, low = sum;
        if (side == -1) high /= 2;
        side = -1;
      }
    }
    return settled ? 3 : 1;
  }

  // y times one factor, cut to its bounds, that sums to 1.
  void onto() const {
    const i64 n = free.model.assets;
    for (i64 i = 0; i < n; i++) kept[i] = free.y[i];
    const auto sum_of_cut = [&](f64 log) {
      const f64 by = exp_any(log);
      for (i64 i = 0; i < n; i++) {
        const f64 w = by * kept[i];
        free.y[i] = w < lower[i] ? lower[i] : w > upper[i] ? upper[i] : w;
      }
      return sum_of(free.y, n);
    };
    f64 from = -1, to = 1;
    while (from > -700 && sum_of_cut(from) > 1) from *= 2;
    while (to < 700 && sum_of_cut(to) < 1) to *= 2;
    for (i32 halving = 0; halving < 80; halving++) {
      const f64 middle = (from + to) / 2;
      if (sum_of_cut(middle) > 1) to = middle;
      else from = middle;
    }
    sum_of_cut((from + to) / 2);
  }
};

}  // namespace tickforge::TICKFORGE_ISA
