// What shrinkage of a covariance needs, gathered on the way: sums of squares of its elements and of the rows' lengths.
#pragma once
#include "linalg/covariance.h"

namespace tickforge::TICKFORGE_ISA {

struct Moments {
  f64 trace, squares, apart, fourth;  // of S: trace, sum of all squares, those off the diagonal; mean of (x'x)^2
};

// Covariance with divisor `rows` into the upper half of c.
template <class T> Moments shrinkage_moments(const T* x, i64 rows, i64 columns, f64* mean, f64* scratch, f64* c) {
  const f64 count = static_cast<f64>(rows);
  f64 fourth = 0;
  column_means(x, rows, columns, mean);
  scatter(x, rows, columns, mean, scratch, c, [&](const f64* row) {
    const f64 length = dot(row, row, columns);
    fourth += length * length;
  });
  Moments m{0, 0, 0, fourth / count};
  for (i64 i = 0; i < columns; i++) {
    f64* row = c + i * columns;
    for (i64 j = i; j < columns; j++) row[j] /= count;
    m.trace += row[i];
    m.squares += row[i] * row[i];
    m.apart += 2 * dot(row + i + 1, row + i + 1, columns - i - 1);
  }
  m.squares += m.apart;
  return m;
}

// (1 - shrinkage) c + shrinkage mu I, made symmetric.
inline void shrink_to_identity(f64* c, i64 columns, f64 shrinkage, f64 mu) {
  const f64 rest = 1 - shrinkage, add = shrinkage * mu;
  mirror(c, columns, [=](i64 i, i64 j, f64 s) { return rest * s + (i == j ? add : 0.0); });
}

}  // namespace tickforge::TICKFORGE_ISA
