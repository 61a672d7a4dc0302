// The largest eigenvalues of a symmetric matrix without the rest: subspace iteration with a Chebyshev filter and Rayleigh-Ritz
// (Zhou & Saad 2007, SIAM J. Matrix Anal. 29(3)), from a start that is always the same. A block finds equal eigenvalues together,
// which one vector of Lanczos would not. Vectors that have settled leave the block, largest first, and what the others have of them is
// taken out: a filter lifts the largest eigenvalue left by 1e8 at most, or its vector would drown the rest. Vectors lie in rows.
#pragma once
#include "eigen.h"
#include "kernels/parts/philox.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr i64 most_degree = 24;
inline constexpr f64 most_lift = 1e8;

// Rows kept beside the wanted ones, so that the last of these settles too.
inline i64 eigen_block(i64 n, i64 wanted) {
  const i64 block = (wanted + (wanted > 24 ? wanted / 3 : 8) + 3) / 4 * 4;
  return 2 * block < n ? block : n;
}

// f64 values of scratch, besides the matrix: all of it where the block would be half of it.
inline i64 top_eigen_scratch(i64 n, i64 wanted) {
  const i64 b = eigen_block(n, wanted);
  return b == n ? 2 * n * n + 6 * n : 4 * b * n + 3 * b * b + 8 * b;
}

// The same with the matrix of products, the packed block that it is made from, and a factor model's vectors and rows of `columns` numbers.
inline i64 component_scratch(i64 side, i64 columns, i64 components) {
  return side * side + packed_size(side) + 2 * side + top_eigen_scratch(side, components) + components * (side + columns) + 3 * columns + components;
}

// Row j from the generator: what nothing in the matrix can have been made for.
inline void start_row(f64* row, i64 n, i64 j, u32 turn) {
  for (i64 i = 0; i < n; i++) row[i] = uniform_pair(static_cast<u64>(i), static_cast<u64>(j), 1, turn).first - 0.5;
}

// What the rows have of those settled is taken out.
inline void take_out_settled(f64* x, i64 rows, const f64* settled, i64 count, i64 n) {
  for (i64 j = 0; j < rows; j++)
    for (i64 k = 0; k < count; k++) add_scaled(x + j * n, settled + k * n, -dot(x + j * n, settled + k * n, n), n);
}

// Rows become orthonormal to each other and to those settled, twice for accuracy; one that the others explain is replaced by a new one.
inline void orthonormalize(f64* x, i64 rows, const f64* settled, i64 count, i64 n, u32 turn) {
  for (i64 j = 0; j < rows; j++) {
    f64* row = x + j * n;
    for (i64 again = 0; again < 3; again++) {
      const f64 before = dot(row, row, n);
      for (i64 twice = 0; twice < 2; twice++) {
        take_out_settled(row, 1, settled, count, n);
        for (i64 k = 0; k < j; k++) add_scaled(row, x + k * n, -dot(row, x + k * n, n), n);
      }
      const f64 after = dot(row, row, n);
      if (after > 1e-24 * before && after > 0) {
        const f64 scale = 1 / __builtin_sqrt(after);
        for (i64 i = 0; i < n; i++) row[i] *= scale;
        break;
      }
      start_row(row, n, j, turn + 1 + static_cast<u32>(again));
    }
  }
}

// to[j] = sum over l of turn[order[j]][l] from[l], largest eigenvalue first.
inline void turn_rows(const f64* turn, const f64* order, i64 rows, i64 n, const f64* from, f64* to) {
  for (i64 j = 0; j < rows; j++) {
    const f64* by = turn + static_cast<i64>(order[rows - 1 - j]) * rows;
    for (i64 i = 0; i < n; i++) to[j * n + i] = 0;
    for (i64 l = 0; l < rows; l++) add_scaled(to + j * n, from + l * n, by[l], n);
  }
}

struct Block {
  f64 *x, *image, *other, *values;
};

// Degree at which the filter lifts `top` by most_lift, or the largest that is used.
inline i64 degree_for(f64 cut, f64 top) {
  const f64 at = 2 * top / cut - 1;
  f64 last = 1, lift = at;
  i64 degree = 1;
  for (; degree < most_degree && lift < most_lift; degree++) {
    const f64 next = 2 * at * lift - last;
    last = lift, lift = next;
  }
  return degree;
}

// One step: x <- filter(a) x, which damps what lies in [0, cut]. The result is in b.x.
inline void filter_block(const f64* a, i64 n, i64 rows, f64 cut, f64 top, const f64* settled, i64 count, Block& b) {
  const f64 e = cut / 2, sigma = e / (top - e);
  f64 last = sigma;
  multiply_rows(a, n, b.x, rows, b.image);
  take_out_settled(b.image, rows, settled, count, n);
  for (i64 i = 0; i < rows * n; i++) b.image[i] = (b.image[i] - e * b.x[i]) * (sigma / e);
  for (i64 degree = degree_for(cut, top); degree > 1; degree--) {
    const f64 next = 1 / (2 / sigma - last), scale = 2 * next / e, back = last * next;
    multiply_rows(a, n, b.image, rows, b.other);
    take_out_settled(b.other, rows, settled, count, n);
    for (i64 i = 0; i < rows * n; i++) b.x[i] = scale * (b.other[i] - e * b.image[i]) - back * b.x[i];
    f64* const newest = b.x;
    b.x = b.image, b.image = newest, last = next;
  }
  f64* const newest = b.image;
  b.image = b.x, b.x = newest;
}

// Settled pairs in falling order: one that was found late may be the larger.
inline void sort_falling(f64* values, f64* vectors, i64 count, i64 n) {
  for (i64 j = 1; j < count; j++)
    for (i64 k = j; k > 0 && values[k] > values[k - 1]; k--) {
      const f64 value = values[k];
      values[k] = values[k - 1], values[k - 1] = value;
      for (i64 i = 0; i < n; i++) {
        const f64 x = vectors[k * n + i];
        vectors[k * n + i] = vectors[(k - 1) * n + i], vectors[(k - 1) * n + i] = x;
      }
    }
}

// How many pairs, largest first, are within `limit` of an eigenvalue's.
template <class Value> i64 settled_pairs(const f64* x, const f64* image, i64 n, i64 wanted, i64 rows, f64 limit, Value value) {
  for (i64 j = 0;; j++) {
    if (j == wanted || j == rows) return j;
    f64 squares = 0;
    for (i64 i = 0; i < n; i++) {
      const f64 away = image[j * n + i] - value(j) * x[j * n + i];
      squares += away * away;
    }
    if (!(__builtin_sqrt(squares) <= limit)) return j;
  }
}

// As top_eigen, of a matrix whose squares neither overflow nor vanish.
inline bool top_eigen_of_unit(f64* a, i64 n, i64 wanted, i64 most, f64* values, f64* vectors, f64* scratch) {
  const i64 rows = eigen_block(n, wanted);
  if (rows == n) {
    f64 *q = scratch, *d = q + n * n, *order = d + n, *more = order + n;
    const bool settled = eigen_rows(a, n, d, q, more);
    ascending_order(d, n, order);
    for (i64 j = 0; j < wanted; j++) {
      const i64 from = static_cast<i64>(order[n - 1 - j]);
      values[j] = d[from];
      for (i64 i = 0; i < n; i++) vectors[j * n + i] = q[from * n + i];
    }
    return settled;
  }
  Block b{scratch, scratch + rows * n, scratch + 2 * rows * n, scratch + 4 * rows * n};
  f64 *spare = scratch + 3 * rows * n, *small = b.values + rows, *turn = small + rows * rows, *order = turn + rows * rows, *more = order + rows;
  for (i64 j = 0; j < rows; j++) start_row(b.x + j * n, n, j, 0);
  i64 found = 0;
  f64 largest_of_all = 0;
  for (i64 filters = 0;; filters++) {
    const i64 left = rows - found;
    orthonormalize(b.x, left, vectors, found, n, static_cast<u32>(4 * filters));
    multiply_rows(a, n, b.x, left, b.image);
    for (i64 i = 0; i < left; i++)
      for (i64 j = 0; j <= i; j++) small[i * left + j] = small[j * left + i] = dot(b.x + i * n, b.image + j * n, n);
    const bool settled = eigen_rows(small, left, b.values, turn, more);
    ascending_order(b.values, left, order);
    turn_rows(turn, order, left, n, b.x, b.other);
    turn_rows(turn, order, left, n, b.image, spare);
    f64* const turned = b.other;
    b.other = b.x, b.x = turned;
    const auto value = [&](i64 j) { return b.values[static_cast<i64>(order[left - 1 - j])]; };
    if (value(0) > largest_of_all) largest_of_all = value(0);
    const i64 more_found = settled ? settled_pairs(b.x, spare, n, wanted - found, left, 1e-12 * largest_of_all, value) : 0;
    const bool stop = found + more_found == wanted || filters == most || !(largest_of_all > 0);
    for (i64 j = found; j < (stop ? wanted : found + more_found); j++) {
      values[j] = value(j - found);
      for (i64 i = 0; i < n; i++) vectors[j * n + i] = b.x[(j - found) * n + i];
    }
    found += more_found;
    if (stop) {
      sort_falling(values, vectors, wanted, n);
      return found == wanted || largest_of_all == 0;
    }
    for (i64 i = 0; i < left * n; i++) b.x[i] = i < (left - more_found) * n ? b.x[i + more_found * n] : 0.0;  // rows are multiplied by fours
    const f64 top = value(more_found), cut = value(left - 1);
    if (cut > 1e-14 * largest_of_all && top > cut) {
      filter_block(a, n, rows - found, cut, top, vectors, found, b);
    } else {
      multiply_rows(a, n, b.x, rows - found, b.image);
      f64* const image = b.image;
      b.image = b.x, b.x = image;
    }
  }
}

// The `wanted` largest eigenvalues of a positive semidefinite a[n][n], largest first, and their vectors in the rows of `vectors`; a may
// be used up. False where `most` filters were not enough.
inline bool top_eigen(f64* a, i64 n, i64 wanted, i64 most, f64* values, f64* vectors, f64* scratch) {
  f64 largest = 0;
  for (i64 i = 0; i < n; i++) largest = a[i * n + i] > largest ? a[i * n + i] : largest;
  int exponent = 0;
  if (largest > 0 && largest < __builtin_inf()) __builtin_frexp(largest, &exponent);
  const f64 half = __builtin_ldexp(1, -(exponent / 2)),
            rest = __builtin_ldexp(1, -(exponent - exponent / 2));  // each a number where the whole is none
  for (i64 i = 0; i < n * n; i++) a[i] = a[i] * half * rest;
  const bool settled = top_eigen_of_unit(a, n, wanted, most, values, vectors, scratch);
  for (i64 j = 0; j < wanted; j++) values[j] = values[j] / half / rest;
  return settled;
}

}  // namespace tickforge::TICKFORGE_ISA
