// Means and sums of outer products of centred rows: what all covariances from returns begin with.
#pragma once
#include "linalg.h"

namespace tickforge::TICKFORGE_ISA {

// Mean of each column, taken about the first row: that of a constant column is its value, without rounding.
template <class T> void column_means(const T* x, i64 rows, i64 columns, f64* mean) {
  for (i64 j = 0; j < columns; j++) mean[j] = 0;
  for (i64 k = 1; k < rows; k++)
    for (i64 j = 0; j < columns; j++) mean[j] += static_cast<f64>(x[k * columns + j]) - static_cast<f64>(x[j]);
  const f64 count = static_cast<f64>(rows);
  for (i64 j = 0; j < columns; j++) mean[j] = static_cast<f64>(x[j]) + mean[j] / count;
}

// Sum over the rows k of the outer product of what take(k, row) writes into `row`, into the upper half of c, which is overwritten.
// `scratch` holds packed_size(columns) + columns values.
template <class Take> void scatter_rows(i64 rows, i64 columns, f64* scratch, f64* c, Take take) {
  f64* packed = scratch;
  f64* row = scratch + packed_size(columns);
  for (i64 i = 0; i < columns * columns; i++) c[i] = 0;
  for (i64 start = 0; start < rows; start += depth_block) {
    const i64 depth = rows - start < depth_block ? rows - start : depth_block;
    for (i64 k = 0; k < depth; k++) {
      take(start + k, row);
      pack_row(row, columns, k, depth, packed);
    }
    add_products(packed, packed, columns, depth, 1.0, c, columns, true);
  }
}
// The same of (x - mean)(x - mean)'; `each` sees every centred row.
template <class T, class Each> void scatter(const T* x, i64 rows, i64 columns, const f64* mean, f64* scratch, f64* c, Each each) {
  scatter_rows(rows, columns, scratch, c, [&](i64 k, f64* row) {
    const T* from = x + k * columns;
    for (i64 j = 0; j < columns; j++) row[j] = static_cast<f64>(from[j]) - mean[j];
    each(row);
  });
}
template <class T> void scatter(const T* x, i64 rows, i64 columns, const f64* mean, f64* scratch, f64* c) {
  scatter(x, rows, columns, mean, scratch, c, [](const f64*) {});
}

// Sum of products in eight lanes.
inline f64 dot(const f64* a, const f64* b, i64 count) {
  f64x8 sums{};
  i64 i = 0;
  for (; count - i >= 8; i += 8) sums = multiply_add(load<f64x8>(a + i), load<f64x8>(b + i), sums);
  f64 rest = 0;
  for (; i < count; i++) rest += a[i] * b[i];
  return reduce_add(sums) + rest;
}

}  // namespace tickforge::TICKFORGE_ISA
