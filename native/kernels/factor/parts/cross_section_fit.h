// What groups and exposures leave of one date's values: weighted Gram-Schmidt, its products in eight lanes.
#pragma once
#include "kernels/parts/cross_section.h"

namespace tickforge::TICKFORGE_ISA {

// One date; rows have a length of whole vectors, weights of 0 beyond the assets and outside the estimation.
struct Fit {
  i64 padded;
  const f64* weights;
  const i32* group;  // null: one for all
  i64 assets, groups;
  f64 *sums, *totals;

  f64 product(const f64* a, const f64* b) const {
    f64x8 lanes{};
    for (i64 i = 0; i < padded; i += 8) {
      const f64x8 w = load<f64x8>(weights + i);
      lanes += select(greater(w, 0), w * load<f64x8>(a + i) * load<f64x8>(b + i));
    }
    return reduce_add(lanes);
  }
  void subtract(f64 share, const f64* b, f64* a) const {
    for (i64 i = 0; i < padded; i += 8) store(a + i, load<f64x8>(a + i) - share * load<f64x8>(b + i));
  }
  i64 group_of(i64 i) const { return group ? group[i] : 0; }

  i32 total_groups() const {
    i32 filled = 0;
    for (i64 g = 0; g < groups; g++) totals[g] = 0;
    for (i64 i = 0; i < assets; i++)
      if (weights[i] > 0) totals[group_of(i)] += weights[i];
    for (i64 g = 0; g < groups; g++) filled += totals[g] > 0;
    return filled;
  }
  void center(f64* x) const {
    for (i64 g = 0; g < groups; g++) sums[g] = 0;
    for (i64 i = 0; i < assets; i++)
      if (weights[i] > 0) sums[group_of(i)] += weights[i] * x[i];
    for (i64 g = 0; g < groups; g++) sums[g] = sums[g] / totals[g];
    for (i64 i = 0; i < assets; i++) x[i] = group_of(i) >= 0 ? x[i] - sums[group_of(i)] : missing;
  }
};

template <class T> inline void copy_row(const T* from, i64 count, i64 padded, f64* to) {
  for (i64 i = 0; i < count; i++) to[i] = static_cast<f64>(from[i]);
  for (i64 i = count; i < padded; i++) to[i] = 0;
}

// Weights of the estimation; 0 for all else.
template <class T, class W>
inline void estimation_weights(const Section<T, W>& s, const i32* group, const f64* value, const f64* columns, i64 count, i64 padded, f64* w) {
  for (i64 i = 0; i < padded; i++) {
    const bool here = i < s.assets;
    const f64 weight = here && s.weights ? static_cast<f64>(s.weights[i]) : here ? 1.0 : 0.0;
    const bool in = weight > 0 && weight <= largest && (!here || !s.universe || s.universe[i]) && (!here || !group || group[i] >= 0);
    w[i] = in && __builtin_fabs(value[i]) <= largest ? weight : 0;
  }
  for (i64 k = 0; k < count; k++)
    for (i64 i = 0; i < padded; i++) w[i] = __builtin_fabs(columns[k * padded + i]) <= largest ? w[i] : 0;
}

// Takes off what the columns explain; how many of them count. Those that do not are marked by a square of 0.
inline i32 take_off(const Fit& fit, f64* value, f64* columns, f64* squares, i64 count) {
  constexpr f64 collinear = 1e-24;
  i32 kept = 0;
  for (i64 k = 0; k < count; k++) {
    f64* const column = columns + k * fit.padded;
    const f64 size = fit.product(column, column);
    fit.center(column);
    for (int pass = 0; pass < 2; pass++)
      for (i64 j = 0; j < k; j++) {
        const f64* const earlier = columns + j * fit.padded;
        if (squares[j] > 0) fit.subtract(fit.product(earlier, column) / squares[j], earlier, column);
      }
    const f64 square = fit.product(column, column);
    squares[k] = square > collinear * size ? square : 0;
    if (squares[k] > 0) kept++, fit.subtract(fit.product(column, value) / square, column, value);
  }
  return kept;
}

// A style less what a constant and `count` exposures explain of it; NaN where no more assets take part than there are of these.
// Rows have a length of whole vectors, `scratch` room for one more and `count` + 2.
template <class W>
inline void orthogonal_to(const Section<f64, W>& s, f64* style, f64* exposures, i64 count, f64* scratch) {
  const i64 padded = round_up(s.assets, 8);
  f64 *w = scratch, *sums = w + padded, *totals = sums + 1, *squares = totals + 1;
  estimation_weights(s, nullptr, style, exposures, count, padded, w);
  const Fit fit{padded, w, nullptr, s.assets, 1, sums, totals};
  i64 taking_part = 0;
  for (i64 i = 0; i < s.assets; i++) taking_part += w[i] > 0;
  const i64 filled = fit.total_groups();
  fit.center(style);
  const bool enough = taking_part > filled + take_off(fit, style, exposures, squares, count);
  for (i64 i = 0; i < s.assets; i++) style[i] = enough && __builtin_fabs(style[i]) <= largest ? style[i] : missing;
}

}  // namespace tickforge::TICKFORGE_ISA
