// The linear system of a Newton step over the assets that are free: (diag(1 / give) + g Q) dx + C'dp = -rho, C dx - ease dp = -short. By the matrix of the
// free assets where they are few, else by Woodbury's formula in the factors.
#pragma once
#include "linalg/solve.h"
#include "quadratic_program.h"

namespace tickforge::TICKFORGE_ISA {

struct NewtonSpace {
  f64 *matrix, *lower, *factors, *packed, *sides, *shift, *schur, *schur_lower;
  i64* place;
};
inline i64 newton_scratch(i64 n, i64 step, i64 rows, bool whole) {
  const i64 side = whole || step >= n ? n : step;
  return 2 * side * padded(side) + side * padded(side) + cholesky_scratch(side > rows ? side : rows) + (rows + 1) * n + step + n + 3 * rows * rows +
         n + 64;
}
inline NewtonSpace newton_space(f64* at, i64 n, i64 step, i64 rows, bool whole) {
  const i64 side = whole || step >= n ? n : step;
  NewtonSpace s;
  s.matrix = at;
  s.lower = s.matrix + side * padded(side);
  s.factors = s.lower + side * padded(side);
  s.packed = s.factors + side * padded(side);
  s.sides = s.packed + cholesky_scratch(side > rows ? side : rows);
  s.shift = s.sides + (rows + 1) * n;
  s.schur = s.shift + step + n;
  s.schur_lower = s.schur + rows * rows;
  s.place = reinterpret_cast<i64*>(s.schur_lower + 2 * rows * rows);
  return s;
}

// Solves for the columns `sides` [count][free] in place. `give` is of the free assets, in their order.
inline bool solve_free(const Programme& of, f64 g, const NewtonSpace& s, i64 free, const f64* give, i64 count) {
  const RiskModel& m = *of.risk;
  const i64 n = m.assets, k = m.factors;
  if (m.whole || free <= k) {
    for (i64 a = 0; a < free; a++)
      for (i64 b = 0; b <= a; b++) {
        const i64 i = s.place[a], j = s.place[b];
        s.matrix[a * free + b] = g * (m.whole ? m.whole[i * n + j] : dot(m.v + i * m.step, m.v + j * m.step, m.step)) +
                                 (a == b ? 1 / give[a] - (m.whole ? g * own_variance(of, i) : 0.0) : 0.0);
      }
    if (lower_factor(s.matrix, free, s.lower, s.packed) >= 0) return false;
    for (i64 r = 0; r < count; r++) solve_lower(s.lower, free, s.sides + r * free, s.sides + r * free);
    return true;
  }
  scatter_rows(free, k, s.packed, s.matrix, [&](i64 a, f64* row) {
    const f64 root = __builtin_sqrt(give[a]);
    const f64* v = m.v + s.place[a] * m.step;
    for (i64 j = 0; j < k; j++) row[j] = root * v[j];
  });
  mirror(s.matrix, k, [=](i64 i, i64 j, f64 sum) { return i == j ? sum + 1 / g : sum; });
  if (lower_factor(s.matrix, k, s.lower, s.packed) >= 0) return false;
  for (i64 r = 0; r < count; r++) {
    f64 *side = s.sides + r * free, *y = s.shift;
    for (i64 j = 0; j < m.step; j++) y[j] = 0;
    for (i64 a = 0; a < free; a++) {
      side[a] *= give[a];
      const f64* v = m.v + s.place[a] * m.step;
      for (i64 j = 0; j < m.step; j += 8) store(y + j, multiply_add(side[a], load<f64x8>(v + j), load<f64x8>(y + j)));
    }
    solve_lower(s.lower, k, y, y);
    for (i64 a = 0; a < free; a++) side[a] -= give[a] * dot(m.v + s.place[a] * m.step, y, m.step);
  }
  return true;
}

// dx of the free assets, dp of the rows `active`; `rho` [free] and `short_of` [active]. What `sides` held is lost. False where the system is singular.
inline bool newton_step(const Programme& of, f64 g, const NewtonSpace& s, i64 free, const f64* give, const f64* rho, const f64* x, i64 active,
                        const i64* which, const f64* short_of, const f64* ease, f64* dx, f64* dp) {
  for (i64 a = 0; a < free; a++) s.sides[a] = rho[a];
  for (i64 r = 0; r < active; r++)
    for (i64 a = 0; a < free; a++) s.sides[(r + 1) * free + a] = row_slope(of, which[r], s.place[a], x[s.place[a]]);
  if (free > 0 && !solve_free(of, g, s, free, give, active + 1)) return false;
  for (i64 r = 0; r < active; r++) {
    f64 right = short_of[r];
    for (i64 q = 0; q < active; q++) s.schur[r * active + q] = r == q ? ease[which[r]] : 0.0;
    for (i64 a = 0; a < free; a++) {
      const f64 slope = row_slope(of, which[r], s.place[a], x[s.place[a]]);
      right -= slope * s.sides[a];
      for (i64 q = 0; q <= r; q++) s.schur[r * active + q] += slope * s.sides[(q + 1) * free + a];
    }
    dp[r] = right;
  }
  f64 largest = 0;
  for (i64 r = 0; r < active; r++) largest = s.schur[r * (active + 1)] > largest ? s.schur[r * (active + 1)] : largest;
  // Rows that others replicate: as little as a Cholesky factor takes.
  for (i64 r = 0; r < active; r++) s.schur[r * (active + 1)] += 1e-13 * largest;
  if (active > 0) {
    if (lower_factor(s.schur, active, s.schur_lower, s.packed) >= 0) return false;
    solve_lower(s.schur_lower, active, dp, dp);
  }
  for (i64 a = 0; a < free; a++) {
    f64 sum = s.sides[a];
    for (i64 r = 0; r < active; r++) sum += dp[r] * s.sides[(r + 1) * free + a];
    dx[a] = -sum;
  }
  return true;
}

}  // namespace tickforge::TICKFORGE_ISA
