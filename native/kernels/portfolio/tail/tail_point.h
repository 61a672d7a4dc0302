// Rockafellar and Uryasev's linear program, and a point inside its limits with all that a step of interior_point.h keeps of it.
#pragma once
#include "kernels/portfolio/parts/bordered.h"
#include "kernels/portfolio/parts/room.h"

namespace tickforge::TICKFORGE_ISA {

struct TailProgram {
  i64 scenarios, assets, rows;
  const f64 *returns, *held;         // [scenario][asset], [scenario]
  const f64 *cost, *lower, *upper;   // [asset], lower < upper
  const f64 *matrix, *low, *high;    // [row][asset], [row]; low = high: an equation
  f64 mass, cap;                     // sum of q; the most that one is
};

// Bounded unknowns: how far they are from both ends, and the multipliers of these.
struct Box {
  f64 *x, *below, *above, *dx, *dbelow, *dabove, *curve, *push;
};
struct TailPoint {
  Box w, v;                          // weights; values of the constraints
  f64 *y, *dy;                       // multipliers of the constraints
  f64 *s, *z, *q, *p, *ds, *dz, *dq; // p = mass cap - q
  f64 *loss, *miss, *hold, *aim;     // of scenarios: how far s and z are off, 1 / (s / q + z / p), what dq would be alone
  f64 *gradient, *wrong, *ridge;             // of weights; of constraints
  f64 *second_s, *second_z;          // products of the first direction, for the second
  Box second_w, second_v;
  f64 eta, deta;
  f64 *matrix, *border, *square, *right, *rest, *move, *scratch;
};

inline Box box_of(Room& room, i64 n) {
  return {room.take(n), room.take(n), room.take(n), room.take(n), room.take(n), room.take(n), room.take(n), room.take(n)};
}
inline TailPoint tail_point(Room& room, i64 t, i64 n, i64 m) {
  TailPoint to{};
  to.w = box_of(room, n), to.v = box_of(room, m), to.second_w = box_of(room, n), to.second_v = box_of(room, m);
  to.y = room.take(m), to.dy = room.take(m), to.wrong = room.take(m), to.ridge = room.take(m);
  room.each(t, to.s, to.z, to.q, to.p, to.ds, to.dz, to.dq, to.loss, to.miss, to.hold, to.aim, to.second_s, to.second_z);
  to.gradient = room.take(n + 1), to.right = room.take(n + 1), to.rest = room.take(m), to.move = room.take(n + 1);
  to.matrix = room.take((n + 1) * (n + 1)), to.border = room.take(m * (n + 1)), to.square = room.take(m * m);
  to.scratch = room.take(factor_scratch(n + 1 > m ? n + 1 : m) + packed_size(n + 1) + n + 1);
  return to;
}

}  // namespace tickforge::TICKFORGE_ISA
