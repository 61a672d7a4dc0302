// Weights from inside their limits onto those that hold.
#pragma once
#include "tail_problem.h"

namespace tickforge::TICKFORGE_ISA {

// The members' weights at their bounds where they are next to them and the multipliers say so, and the others moved, each by its room
// squared, so that the constraints that hold do so exactly; as they were where that leads out of the bounds.
inline const f64* onto_limits(const TailSearch& at, i64 m) {
  const i64 n = at.count;
  const Box& w = at.point.w;
  f64 *g = at.polish, *miss = g + m * m, *active = miss + m, *scratch = active + m;
  for (i64 k = 0; k < n; k++) {
    const f64 down = w.x[k] - at.lower[k], up = at.upper[k] - w.x[k], small = 1e-6 * (at.upper[k] - at.lower[k]);
    at.polished[k] = down < small && w.below[k] > down ? at.lower[k] : up < small && w.above[k] > up ? at.upper[k] : w.x[k];
  }
  for (i64 j = 0; j < m; j++) {
    const f64 value = dot(at.matrix + j * n, at.polished, n), width = at.high[j] - at.low[j], near = 1e-6 * (width < 1 ? width : 1);
    active[j] = width <= 0 || value < at.low[j] + near || value > at.high[j] - near;
    miss[j] = active[j] != 0 ? (value - at.low[j] <= near ? at.low[j] : at.high[j]) - value : 0;
  }
  const auto room = [&](i64 k) {
    const f64 down = at.polished[k] - at.lower[k], up = at.upper[k] - at.polished[k], least = down < up ? down : up;
    return least * least;
  };
  for (i64 j = 0; j < m; j++)
    for (i64 l = j; l < m; l++) {
      f64 sum = j == l && active[j] == 0 ? 1 : 0;
      for (i64 k = 0; k < n && active[j] != 0 && active[l] != 0; k++) sum += at.matrix[j * n + k] * room(k) * at.matrix[l * n + k];
      g[j * m + l] = sum;
    }
  factor_or_fix(g, m, scratch);
  solve_upper(g, m, miss);
  bool fits = true;
  for (i64 k = 0; k < n; k++) {
    f64 move = 0;
    for (i64 j = 0; j < m; j++) move += at.matrix[j * n + k] * miss[j];
    at.moved[k] = at.polished[k] + room(k) * move;
    fits &= at.moved[k] >= at.lower[k] && at.moved[k] <= at.upper[k];
  }
  return fits ? at.moved : w.x;
}

}  // namespace tickforge::TICKFORGE_ISA
