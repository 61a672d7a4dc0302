// Products between the columns or between the rows of a panel of centred returns, whichever are fewer.
#pragma once
#include "linalg/covariance.h"

namespace tickforge::TICKFORGE_ISA {

// Sum over the assets of d_s d_t' for the rows d of x less the mean of their column, into c[rows][rows]; `scale(j)` multiplies an asset's
// returns. `scratch` holds packed_size(rows) + rows.
template <class T, class Scale>
void row_products(const T* x, i64 rows, i64 columns, const f64* mean, f64* scratch, f64* c, Scale scale) {
  f64 *packed = scratch, *column = packed + packed_size(rows);
  for (i64 i = 0; i < rows * rows; i++) c[i] = 0;
  for (i64 start = 0; start < columns; start += depth_block) {
    const i64 depth = columns - start < depth_block ? columns - start : depth_block;
    for (i64 k = 0; k < depth; k++) {
      const f64 by = scale(start + k), centre = mean[start + k];
      for (i64 t = 0; t < rows; t++) column[t] = by * (static_cast<f64>(x[t * columns + start + k]) - centre);
      pack_row(column, rows, k, depth, packed);
    }
    add_products(packed, packed, rows, depth, 1.0, c, rows, true);
  }
  mirror(c, rows, [](i64, i64, f64 v) { return v; });
}

// to[j] = sum over t of u[j][t] (x[t][j'] - mean[j']): rows of u turned into rows over the columns of x.
template <class T> void combine_rows(const T* x, i64 rows, i64 columns, const f64* mean, const f64* u, i64 count, f64* to) {
  constexpr i64 stretch = 256;  // columns whose sums stay in the nearest cache
  for (i64 i = 0; i < count * columns; i++) to[i] = 0;
  for (i64 from = 0; from < columns; from += stretch) {
    const i64 some = columns - from < stretch ? columns - from : stretch;
    f64 centred[stretch];
    for (i64 t = 0; t < rows; t++) {
      for (i64 i = 0; i < some; i++) centred[i] = static_cast<f64>(x[t * columns + from + i]) - mean[from + i];
      for (i64 j = 0; j < count; j++) {
        const f64 by = u[j * rows + t];
        f64* const out = to + j * columns + from;
        for (i64 i = 0; i < some; i++) out[i] += by * centred[i];
      }
    }
  }
}

// Of an asset: how many squares of its returns' rounding the squares of those returns less their mean must exceed, or it never moved.
inline bool moves(f64 squares, i64 rows, f64 mean) {
  const f64 count = static_cast<f64>(rows), rounding = count * 0x1p-52 * mean;
  return squares > count * (rounding * rounding);
}

// 1 for an asset that moves, 0 for one whose returns are all alike.
template <class T> void find_moving(const T* x, i64 rows, i64 columns, const f64* mean, f64* moving) {
  for (i64 i = 0; i < columns; i++) moving[i] = 0;
  for (i64 t = 0; t < rows; t++)
    for (i64 i = 0; i < columns; i++) {
      const f64 d = static_cast<f64>(x[t * columns + i]) - mean[i];
      moving[i] += d * d;
    }
  for (i64 i = 0; i < columns; i++) moving[i] = moves(moving[i], rows, mean[i]) ? 1.0 : 0.0;
}

// Component of a vector that is largest in size, the first of them: its sign.
inline f64 sign_of_largest(const f64* v, i64 n) {
  f64 most = 0;
  for (i64 i = 0; i < n; i++) most = __builtin_fabs(v[i]) > __builtin_fabs(most) ? v[i] : most;
  return most < 0 ? -1.0 : 1.0;
}

}  // namespace tickforge::TICKFORGE_ISA
