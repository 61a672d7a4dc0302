// The portfolio that is looked for, what the search for it keeps, and its answer.
#pragma once
#include "kernels/parts/portfolio_losses.h"
#include "kernels/parts/tail_risk.h"
#include "tail_point.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr i64 first_members = 64, most_members = 2048;

template <class T> struct TailProblem {
  i64 periods, assets, rows;        // row 0 is the budget
  const T* returns;                 // [period][asset]
  const f64 *cost, *lower, *upper;  // [asset]
  const f64 *matrix, *low, *high;   // [row][asset], [row]: all finite
  f64 confidence;
};
struct TailSearch {
  f64 *weights, *best, *reduced, *best_reduced, *score, *size;  // [asset]
  f64 *y, *best_y; // [row]
  f64 *losses, *thinned, *q;                                    // [period]
  f64 *members, *inside;                                        // places of members; 1 for each of them
  f64 *returns, *held, *cost, *lower, *upper, *matrix, *low, *high, *polished, *moved, *polish;
  TailPoint point;
  i64 count;                                                    // of members
};
inline i64 most_of(i64 assets) { return assets < most_members ? assets : most_members; }
inline TailSearch tail_search(Room& room, i64 periods, i64 assets, i64 rows) {
  const i64 n = most_of(assets), row = round_up(periods, row_step) + row_step;
  TailSearch to{};
  room.each(assets, to.weights, to.best, to.reduced, to.best_reduced, to.score, to.size, to.inside);
  room.each(rows, to.y, to.best_y, to.low, to.high);
  room.each(row, to.losses, to.q, to.held);
  to.thinned = room.take(2 * row);
  room.each(n, to.members, to.cost, to.lower, to.upper, to.polished, to.moved);
  to.polish = room.take(rows * rows + 2 * rows + factor_scratch(rows));
  to.matrix = room.take(rows * n), to.returns = room.take(periods * n);
  to.point = tail_point(room, periods, n, rows);
  return to;
}

struct TailAnswer {
  i32 status;           // 0 solved, 1 stopped early, 2 infeasible
  f64 objective, bound, gap, es, var, primal, dual, budget;
  i64 iterations;
};

}  // namespace tickforge::TICKFORGE_ISA
