// Contract: src/kernels/factor/neutralize.ts. The same Gram-Schmidt, its products in eight lanes.
#include "cross_section.h"

namespace tickforge::TICKFORGE_ISA {

// One date; rows have a length of whole vectors, weights of 0 beyond the assets and outside the estimation.
struct Fit {
  i64 padded;
  const f64* weights;
  const i32* group;  // null: one for all
  i64 assets, groups;
  f64 *sums, *totals;

  f64 product(const f64* a, const f64* b) const {
    V8 lanes{};
    for (i64 i = 0; i < padded; i += 8) {
      const V8 w = load8(weights + i);
      lanes += w > 0.0 ? w * load8(a + i) * load8(b + i) : V8{};
    }
    return sum8(lanes);
  }
  void subtract(f64 share, const f64* b, f64* a) const {
    for (i64 i = 0; i < padded; i += 8) store8(a + i, load8(a + i) - share * load8(b + i));
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

template <class T> static void copy_row(const T* from, i64 count, i64 padded, f64* to) {
  for (i64 i = 0; i < count; i++) to[i] = static_cast<f64>(from[i]);
  for (i64 i = count; i < padded; i++) to[i] = 0;
}

// Weights of the estimation; 0 for all else.
template <class T>
static void estimation_weights(const Section<T>& s, const i32* group, const f64* value, const f64* columns, i64 count, i64 padded, f64* w) {
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
static i32 take_off(const Fit& fit, f64* value, f64* columns, f64* squares, i64 count) {
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

template <class T>
Status neutralize(In<T> values, OptionalIn<i32> group, OptionalIn<T> exposures, OptionalIn<T> weights, OptionalIn<u8> universe, i32 assets,
                  i32 groups, i32 columns, Workspace scratch, Out<T> residual, Out<i32> rank) {
  const i64 padded = round_up(assets, 8);
  f64 *value = scratch.data, *w = value + padded, *e = w + padded, *sums = e + columns * padded, *totals = sums + groups;
  f64* const squares = totals + groups;
  for (i64 t = 0; t * assets < values.length; t++) {
    const i64 at = t * assets;
    const Section<T> section{values.data + at, universe ? universe.data + at : nullptr, weights ? weights.data + at : nullptr, assets};
    const i32* const ids = group ? group.data + at : nullptr;
    copy_row(section.values, assets, padded, value);
    for (i64 k = 0; k < columns; k++) copy_row(exposures.data + (t * columns + k) * assets, assets, padded, e + k * padded);
    estimation_weights(section, ids, value, e, columns, padded, w);
    const Fit fit{padded, w, ids, assets, groups, sums, totals};
    const i32 filled = fit.total_groups();
    fit.center(value);
    rank[t] = filled + take_off(fit, value, e, squares, columns);
    for (i64 i = 0; i < assets; i++) residual[at + i] = static_cast<T>(__builtin_fabs(value[i]) <= largest ? value[i] : missing);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(neutralize)
