// Weights whose shares of the risk are given. What the others pull at an asset with is a product of its row of V with z = V'y, which follows each change
// of y: a cycle costs assets * factors, not assets^2.
#pragma once
#include "kernels/portfolio/parts/risky_model.h"

namespace tickforge::TICKFORGE_ISA {

inline f64 sum_of(const f64* x, i64 n) {
  f64x8 sums{};
  for (i64 i = 0; i < n; i += 8) sums += load_first(x + i, n - i);
  return reduce_add(sums);
}

// Of rows of whole vectors: four sums at once, since each waits for itself.
inline f64 row_product(const f64* a, const f64* b, i64 step) {
  f64x8 sums[4] = {};
  i64 k = 0;
  for (; k + 32 <= step; k += 32)
    for (i64 s = 0; s < 4; s++) sums[s] = multiply_add(load<f64x8>(a + k + 8 * s), load<f64x8>(b + k + 8 * s), sums[s]);
  for (i64 s = 0; k < step; k += 8, s++) sums[s] = multiply_add(load<f64x8>(a + k), load<f64x8>(b + k), sums[s]);
  return reduce_add((sums[0] + sums[1]) + (sums[2] + sums[3]));
}
inline void add_row(f64 times, const f64* row, f64* z, i64 step) {
  for (i64 k = 0; k < step; k += 8) store(z + k, multiply_add(times, load<f64x8>(row + k), load<f64x8>(z + k)));
}

// The root above 0 of a y^2 + b y - c, without the difference of near numbers.
inline f64 positive_root(f64 a, f64 b, f64 c) {
  const f64 root = __builtin_sqrt(b * b + 4 * a * c);
  return b > 0 ? 2 * c / (b + root) : (root - b) / (2 * a);
}

struct BudgetSearch {
  const RiskModel& model;
  const f64 *variance, *budget;  // of each asset
  f64 *y, *z;

  f64 risk() const {
    f64 own = 0;
    for (i64 i = 0; i < model.assets; i++) own += model.d[i] * y[i] * y[i];
    return own + row_product(z, z, model.step);
  }
  // What the same amounts would risk if all were perfectly correlated.
  f64 alike() const {
    f64 sum = 0;
    for (i64 i = 0; i < model.assets; i++) sum += y[i] * __builtin_sqrt(variance[i]);
    return sum * sum;
  }
  void scale() const {
    const f64 by = 1 / __builtin_sqrt(risk());
    for (i64 i = 0; i < model.assets; i++) y[i] *= by;
    for (i64 k = 0; k < model.step; k++) z[k] *= by;
  }
  // One y after the other; the largest |share / budget - 1| that was found.
  f64 cycle() const {
    f64 worst = 0;
    for (i64 i = 0; i < model.assets; i++) {
      const f64* row = model.v + i * model.step;
      const f64 pull = row_product(row, z, model.step) + model.d[i] * y[i], wrong = __builtin_fabs(pull * y[i] / budget[i] - 1);
      worst = wrong > worst ? wrong : worst;
      const f64 next = positive_root(variance[i], pull - variance[i] * y[i], budget[i]);
      add_row(next - y[i], row, z, model.step);
      y[i] = next;
    }
    return worst;
  }
  // 0 solved, 1 stopped, 2 without risk.
  i32 run(f64 tolerance, i32 most, i32& cycles) const {
    cycles = 0;
    factor_exposure(model, y, z);
    if (!(risk() > 1e-14 * alike())) return 2;
    scale();
    for (cycles = 1; cycles <= most; cycles++) {
      const f64 worst = cycle(), whole = alike();
      if (cycles % 16 == 0 || risk() < 1e-6 * whole) factor_exposure(model, y, z);  // roundings of the steps add up in z
      if (!(risk() > 1e-14 * whole)) return 2;
      scale();
      if (worst <= tolerance) return 0;
    }
    cycles = most;
    return 1;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
