// Holds native/linalg/accelerate.h against plain loops: with arguments that no kernel gives it today, in memory that ends where it may end, and
// where the library fails. Prints what does not hold.
#include <array>
#include <cstdio>
#include <vector>

#include "linalg/linalg.h"

// No more than 1 MB at once, so that there can be too little.
extern "C" const char* __asan_default_options() { return "detect_leaks=1:allocator_may_return_null=1:max_allocation_size_mb=1"; }

namespace {

using namespace tickforge;
using namespace tickforge::base;
using Values = std::vector<f64>;

int broken = 0;
void hold(bool holds, const char* what) {
  if (!holds) broken++, std::puts(what);
}

// Multiples of 1/16 of both signs, whose products and sums are exact.
Values values(i64 count, i64 seed) {
  Values made(static_cast<std::size_t>(count));
  for (i64 i = 0; i < count; i++) made[static_cast<std::size_t>(i)] = static_cast<f64>((i + seed) * 7919 % 101 - 50) / 16;
  return made;
}

void products(i64 n, i64 depth, i64 step, bool upper, bool same) {
  const f64 scale = 0.5;
  const Values x = values(n * depth, 1), y = same ? x : values(n * depth, 8), before = values((n - 1) * step + n, 5);
  Values a(x.size()), b(x.size()), c = before;
  for (i64 k = 0; k < depth; k++) pack_row(&x[k * n], n, k, depth, a.data()), pack_row(&y[k * n], n, k, depth, b.data());
  add_products(a.data(), same ? a.data() : b.data(), n, depth, scale, c.data(), step, upper);
  bool right = true, alone = true;
  for (i64 i = 0; i < n; i++)
    for (i64 j = 0; j < (i + 1 < n ? step : n); j++) {
      f64 want = scale * before[i * step + j];
      for (i64 k = 0; k < depth && j < n; k++) want += x[k * n + i] * y[k * n + j];
      if (j >= n || (upper && j < i / diagonal_block * diagonal_block)) alone &= c[i * step + j] == before[i * step + j];
      else if (!upper || j >= i) right &= c[i * step + j] == want;
    }
  hold(right, "add_products: a sum of products is wrong");
  hold(alone, "add_products: what is beside the matrix, or far below its diagonal, was written");
}

void row_products() {
  const i64 n = 6, rows = 4;
  const Values a = values(n * n, 2), x = values(rows * n, 3);
  Values out(rows * n, __builtin_nan(""));
  multiply_rows(a.data(), n, x.data(), rows, out.data());
  bool right = true;
  for (i64 j = 0; j < rows; j++)
    for (i64 i = 0; i < n; i++) {
      f64 want = 0;
      for (i64 k = 0; k < n; k++) want += a[i * n + k] * x[j * n + k];
      right &= out[j * n + i] == want;
    }
  hold(right, "multiply_rows: a product is wrong");
}

void factors() {
  const i64 n = 5, negative = 3;
  Values root = values(n * n, 4), u(n * n, 7);
  for (i64 i = 0; i < n; i++) root[i * n + i] = 2;
  for (i64 i = 0; i < n; i++)
    for (i64 j = i; j < n; j++) {
      u[i * n + j] = 0;
      for (i64 k = 0; k <= i; k++) u[i * n + j] += root[k * n + i] * root[k * n + j];
    }
  Values indefinite = u;
  indefinite[negative * n + negative] -= 5;
  hold(lapack_factor_upper(u.data(), n) == -1, "lapack_factor_upper: a definite matrix failed");
  bool right = true;
  for (i64 i = 0; i < n; i++)
    for (i64 j = 0; j < n; j++) right &= u[i * n + j] == (j < i ? 7 : root[i * n + j]);
  hold(right, "lapack_factor_upper: the factor is wrong, or what is below the diagonal was written");
  hold(lapack_factor_upper(indefinite.data(), n) == negative, "lapack_factor_upper: not the row whose pivot is negative");
}

// Of a matrix with `odd` at a place and its mirror image.
bool eigen(i64 n, f64 odd, i64 place, Values& a, Values& d, Values& q) {
  a = values(n * n, 6);
  for (i64 i = 0; i < n; i++)
    for (i64 j = 0; j < i; j++) a[i * n + j] = a[j * n + i];
  if (odd != 0) a[place] = a[place % n * n + place / n] = odd;
  Values used = a;
  d.assign(n, 7), q.assign(n * n, 7);
  return lapack_eigen_rows(used.data(), n, d.data(), q.data());
}

void eigenvectors() {
  const i64 n = 5;
  Values a, d, q;
  hold(eigen(n, 0, 0, a, d, q), "lapack_eigen_rows: failed");
  f64 most = 0;
  for (i64 r = 0; r < n; r++)
    for (i64 i = 0; i < n; i++) {
      f64 off = -d[r] * q[r * n + i];
      for (i64 k = 0; k < n; k++) off += a[i * n + k] * q[r * n + k];
      most = __builtin_fabs(off) > most ? __builtin_fabs(off) : most;
    }
  hold(most < 1e-13, "lapack_eigen_rows: a row is no eigenvector");
  for (const f64 odd : {__builtin_nan(""), __builtin_inf(), -__builtin_inf()})
    for (const i64 place : {i64{0}, n + 3, n * n - 1}) {
      hold(eigen(n, odd, place, a, d, q), "lapack_eigen_rows: a matrix that is not finite is an answer, not a failure");
      bool missing = true;
      for (const Values& of : {d, q})
        for (const f64 value : of) missing &= value != value;
      hold(missing, "lapack_eigen_rows: a matrix that is not finite has no numbers");
    }
  stand_in_info = 1;
  hold(!eigen(n, 0, 0, a, d, q), "lapack_eigen_rows: LAPACK did not settle");
  stand_in_info = 0, stand_in_lost = 1;
  hold(!eigen(n, 0, 0, a, d, q), "lapack_eigen_rows: LAPACK did not find all");
  stand_in_lost = 0;
  constexpr i64 large = 2000;  // its workspace is over 1 MB
  static f64 zeros[large * large], basis[large * large], found[large];
  hold(!lapack_eigen_rows(zeros, large, found, basis), "lapack_eigen_rows: there was no memory");
}

}  // namespace

int main() {
  for (const bool upper : {false, true})
    for (const bool same : {false, true})
      for (const auto& [n, depth, step] : {std::array<i64, 3>{1, 1, 1}, {5, 3, 5}, {4, 9, 6}, {256, 1, 256}, {270, 2, 275}})
        products(n, depth, step, upper, same);
  row_products();
  factors();
  eigenvectors();
  return broken > 0;
}
