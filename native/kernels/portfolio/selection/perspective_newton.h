// The dual of perspective.h by Newton's method, in as many variables as there are factors and three more. What is not smooth is made so by a term near (w - center)^2, whose
// center follows the weights (proximal points). With every asset decided it is an ordinary quadratic programme, and near = 0 where all d > 0. The general solver of parts/ has no
// cost that bends at a weight which a multiplier moves.
#pragma once
#include "perspective.h"

namespace tickforge::TICKFORGE_ISA {

struct Relaxed {
  const Choice* of;
  const i8* decision;
  i64* items;  // what is not out
  i64 count, inside;
  f64 *y, *w, *z, *center, *slope;  // multipliers; [n]
  f64 *grad, *move, *trial, *matrix, *exposure, *space;  // [multipliers] three times, their square, [step], [n]
  f64 near;
  bool limited;  // whether `most` may bind
};
inline i64 relaxed_space(i64 n, i64 step) {
  const i64 m = padded(step + 3);
  return 6 * n + 5 * m + m * m + step;
}

inline Answer answer_of(const Relaxed& r, i64 i, f64 c, f64 theta) {
  return r.decision[i] == IN ? answer_in(*r.of, i, c, r.center[i], r.near) : answer_free(*r.of, i, c, theta, r.center[i], r.near);
}

// Value of the smoothed dual at y; weights and parts that belong to it.
inline f64 dual_value(const Relaxed& r, const f64* y) {
  const Choice& of = *r.of;
  const f64 theta = y[of.step + 2];
  f64 sum = -0.25 * dot(y, y, of.step) + y[of.step] * of.budget + y[of.step + 1] * of.asked - theta * static_cast<f64>(of.most - r.inside);
  for (i64 at = 0; at < r.count; at++) {
    const i64 i = r.items[at];
    r.slope[i] = slope_of(of, y, i);
    const Answer a = answer_of(r, i, r.slope[i], theta);
    r.w[i] = a.w, r.z[i] = a.z;
    sum += a.cost;
  }
  return sum;
}

// Gradient at y, and minus the second derivatives, lower half.
inline void derivatives(const Relaxed& r, bool with_matrix) {
  const Choice& of = *r.of;
  const i64 k = of.step, m = multipliers(of);
  for (i64 j = 0; j < m; j++) r.grad[j] = j < k ? -0.5 * r.y[j] : 0;
  r.grad[k] = of.budget, r.grad[k + 1] = of.mean ? of.asked : 0, r.grad[k + 2] = r.limited ? -static_cast<f64>(of.most - r.inside) : 0;
  for (i64 j = 0; j < m * m && with_matrix; j++) r.matrix[j] = 0;
  f64* u = r.trial;
  for (i64 at = 0; at < r.count; at++) {
    const i64 i = r.items[at];
    const Answer a = answer_of(r, i, r.slope[i], r.y[k + 2]);
    if (a.w == 0 && a.give == 0) continue;
    const f64* row = of.v + i * k;
    const f64 mean = of.mean ? of.mean[i] : 0;
    for (i64 j = 0; j < k; j += 8) store(r.grad + j, multiply_add(a.w, load<f64x8>(row + j), load<f64x8>(r.grad + j)));
    r.grad[k] -= a.w, r.grad[k + 1] -= mean * a.w;
    if (r.limited && r.decision[i] == FREE) r.grad[k + 2] += a.z;
    if (!with_matrix) continue;
    if (r.limited) r.matrix[(k + 2) * m + k + 2] += a.bend;
    if (a.give == 0) continue;
    for (i64 j = 0; j < m; j++) u[j] = j < k ? row[j] : 0;
    u[k] = -1, u[k + 1] = -mean, u[k + 2] = r.limited ? a.tie : 0;
    for (i64 j = 0; j < k + 3; j++) {
      const f64 by = a.give * u[j];
      if (by == 0) continue;
      f64* to = r.matrix + j * m;
      for (i64 l = 0; l <= j; l += 8) store(to + l, multiply_add(by, load<f64x8>(u + l), load<f64x8>(to + l)));
    }
  }
}

// Solves (matrix + ease) x = grad into `move` by Cholesky; rows whose multiplier rests at 0 stay.
inline void newton_move(const Relaxed& r, f64 ease) {
  const Choice& of = *r.of;
  const i64 k = of.step, m = multipliers(of), size = k + 3;
  f64* a = r.matrix;
  f64 largest = 0;
  for (i64 j = 0; j < size; j++) {
    if (j < k) a[j * m + j] += 0.5;
    largest = a[j * m + j] > largest ? a[j * m + j] : largest;
  }
  for (i64 j = k; j < size; j++) {
    const bool rests = j > k && r.y[j] <= 0 && r.grad[j] <= 0;
    if (rests || (j == k + 1 && !of.mean) || (j == k + 2 && !r.limited)) {
      for (i64 l = 0; l < j; l++) a[j * m + l] = 0;
      for (i64 l = j + 1; l < size; l++) a[l * m + j] = 0;
      a[j * m + j] = 1, r.grad[j] = 0;
    } else {
      a[j * m + j] += 1e-13 * largest + ease;
    }
  }
  for (i64 j = 0; j < size; j++) {
    f64* row = a + j * m;
    for (i64 l = 0; l < j; l++) row[l] = (row[l] - dot(row, a + l * m, l)) / a[l * m + l];
    const f64 pivot = row[j] - dot(row, row, j);
    row[j] = __builtin_sqrt(pivot > 1e-15 * largest ? pivot : 1e-15 * largest);
    r.move[j] = (r.grad[j] - dot(row, r.move, j)) / row[j];
  }
  for (i64 j = size - 1; j >= 0; j--) {
    r.move[j] /= a[j * m + j];
    for (i64 l = 0; l < j; l++) r.move[l] -= a[j * m + l] * r.move[j];
  }
  for (i64 j = size; j < m; j++) r.move[j] = 0;
}

// How far weights are from what is asked: of the budget, the return and the number.
inline f64 residual(const Relaxed& r) {
  const Choice& of = *r.of;
  const f64 *g = r.grad, *y = r.y + of.step;
  const f64 *end = g + of.step, wrong_return = end[1] > 0 || y[1] > 0 ? __builtin_fabs(end[1]) : 0;
  const f64 wrong_number = r.limited && (end[2] > 0 || y[2] > 0) ? __builtin_fabs(end[2]) / static_cast<f64>(of.most) : 0;
  const f64 shared = __builtin_sqrt(dot(g, g, of.step) / (1e-300 + 0.25 * dot(r.y, r.y, of.step)));
  f64 most = __builtin_fabs(end[0]) / __builtin_fabs(of.budget);
  const f64 others[] = {wrong_return / (1e-300 + __builtin_fabs(of.asked)), wrong_number, shared};
  for (const f64 x : others) most = x > most ? x : most;
  return most;
}

// Newton's method until the residual is below `enough`; false where it does not get there.
inline bool maximize(const Relaxed& r, f64 enough, int rounds) {
  const Choice& of = *r.of;
  const i64 m = multipliers(of), k = of.step;
  f64 value = dual_value(r, r.y);
  for (int round = 0; round < rounds; round++) {
    derivatives(r, true);
    const f64 left = residual(r);
    if (left <= enough) return true;
    // Where no asset gives way yet, the budget has no curvature of its own.
    newton_move(r, 1e-3 * (left < 1 ? left : 1));
    f64 step = 1;
    int halvings = 0;
    for (; halvings < 40; halvings++, step *= 0.5) {
      f64 rise = 0;
      for (i64 j = 0; j < m; j++) {
        r.trial[j] = r.y[j] + step * r.move[j];
        if (j > k && r.trial[j] < 0) r.trial[j] = 0;
        rise += r.grad[j] * (r.trial[j] - r.y[j]);
      }
      const f64 next = dual_value(r, r.trial);
      if (next >= value + 1e-4 * rise - 1e-15 * __builtin_fabs(value)) {
        value = next;
        break;
      }
    }
    if (halvings == 40) {
      dual_value(r, r.y);
      return false;
    }
    for (i64 j = 0; j < m; j++) r.y[j] = r.trial[j];
  }
  derivatives(r, false);
  return residual(r) <= enough;
}

// What the relaxation costs at w and z.
inline f64 relaxed_value(const Relaxed& r) {
  const Choice& of = *r.of;
  for (i64 j = 0; j < of.step; j++) r.exposure[j] = 0;
  f64 sum = 0;
  for (i64 at = 0; at < r.count; at++) {
    const i64 i = r.items[at];
    const f64 w = r.w[i];
    if (w == 0) continue;
    for (i64 j = 0; j < of.step; j += 8) store(r.exposure + j, multiply_add(w, load<f64x8>(of.v + i * of.step + j), load<f64x8>(r.exposure + j)));
    sum += of.d[i] * w * w / r.z[i] - (of.gain ? of.gain[i] * w : 0);
  }
  return sum + dot(r.exposure, r.exposure, of.step);
}

// Which assets are not out, and how many are in.
inline void list_items(Relaxed& r) {
  r.count = r.inside = 0;
  for (i64 i = 0; i < r.of->n; i++) r.inside += r.decision[i] == IN;
  for (i64 i = 0; i < r.of->n; i++) {
    r.w[i] = r.z[i] = 0;
    if (r.decision[i] == IN || (r.decision[i] == FREE && r.inside < r.of->most)) r.items[r.count++] = i;
  }
  r.limited = r.count > r.of->most;
}

// The relaxation of the decisions, from the multipliers at hand: ends within `enough` of its value, or where its bound is `cut` or more. Returns the bound.
inline f64 relax(Relaxed& r, f64 near, f64 enough, f64 cut, int rounds) {
  const Choice& of = *r.of;
  list_items(r);
  if (!r.limited) r.y[of.step + 2] = 0;
  r.near = near;
  f64 bound = -__builtin_inf();
  for (int round = 0; round < rounds; round++) {
    maximize(r, 1e-8, 40);
    const f64 found = lagrangian_bound(of, r.decision, r.y, r.space), value = relaxed_value(r);
    bound = found > bound ? found : bound;
    if (bound >= cut || value - bound <= enough * __builtin_fabs(value)) break;
    for (i64 at = 0; at < r.count; at++) r.center[r.items[at]] = r.w[r.items[at]];
    r.near *= 0.4;
  }
  return bound;
}

}  // namespace tickforge::TICKFORGE_ISA
