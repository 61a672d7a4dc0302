// Mean and conditional value at risk as a linear program (Rockafellar & Uryasev 2000, eq. 17), by Mehrotra's predictor and corrector:
//   minimize cost'w + mass (eta + cap sum of z) with z >= 0, s = z + returns w + held + eta >= 0, lower <= w <= upper, low <= matrix w <= high.
// The multipliers q of s, 0 <= q <= mass cap and of sum mass, are weights of the scenarios; given them all else follows, so that a step is
// a system in w and eta alone, with the constraints as its border.
#pragma once
#include "tail_point.h"

namespace tickforge::TICKFORGE_ISA {

// What of a direction an unknown between two ends takes: with its multipliers at `target` after the step.
struct BoxTerms {
  f64 curve, push;
};
inline BoxTerms box_terms(f64 x, f64 lower, f64 upper, f64 below, f64 above, f64 target, f64 second_below, f64 second_above) {
  const f64 down = x - lower, up = upper - x;
  return {below / down + above / up, (target - below * down - second_below) / down - (target - above * up - second_above) / up};
}

struct TailState {
  f64 products, primal, dual;  // sum of all products; largest residuals
};

class InteriorPoint {
 public:
  InteriorPoint(const TailProgram& program, TailPoint& point) : of(program), at(point) {}

  void start() {
    const i64 n = of.assets, m = of.rows, t = of.scenarios;
    f64 sum = 0, room = 0;
    for (i64 i = 0; i < n; i++) sum += of.lower[i], room += of.upper[i] - of.lower[i];
    const f64 wanted = (of.low[0] - sum) / room, share = wanted < 1e-3 ? 1e-3 : wanted > 0.999 ? 0.999 : wanted;
    for (i64 i = 0; i < n; i++) at.w.x[i] = of.lower[i] + share * (of.upper[i] - of.lower[i]);
    for (i64 j = 0; j < m; j++) at.v.x[j] = 0.5 * (of.low[j] + of.high[j]), at.y[j] = 0;
    f64 size = 0, middle = 0;
    for (i64 k = 0; k < t; k++) middle += at.loss[k] = -of.held[k] - dot(of.returns + k * n, at.w.x, n);
    middle /= static_cast<f64>(t);
    for (i64 k = 0; k < t; k++) size += __builtin_fabs(at.loss[k] - middle) / static_cast<f64>(t);
    at.eta = middle + size;
    size = size > 1e-6 ? size : 1e-6;
    for (i64 k = 0; k < t; k++) {
      const f64 over = at.loss[k] - at.eta;
      at.z[k] = (over > 0 ? over : 0) + size, at.s[k] = (over < 0 ? -over : 0) + size;
      at.q[k] = of.mass / static_cast<f64>(t), at.p[k] = of.mass * of.cap - at.q[k];
    }
    gradient();
    f64 most = 1e-3;
    for (i64 i = 0; i < n; i++) most = __builtin_fabs(at.gradient[i]) > most ? __builtin_fabs(at.gradient[i]) : most;
    for (i64 i = 0; i < n; i++)
      at.w.below[i] = 0.5 * most + (at.gradient[i] > 0 ? at.gradient[i] : 0), at.w.above[i] = at.w.below[i] - at.gradient[i];
    for (i64 j = 0; j < m; j++) at.v.below[j] = at.v.above[j] = equation(j) ? 0 : most;
  }

  // Residuals at the point, and the sum of products that goes to 0.
  TailState look() {
    const i64 n = of.assets, m = of.rows, t = of.scenarios;
    TailState state{};
    const auto largest = [](f64& most, f64 value) { most = __builtin_fabs(value) > most ? __builtin_fabs(value) : most; };
    gradient();
    for (i64 k = 0; k < t; k++) {
      at.loss[k] = -of.held[k] - dot(of.returns + k * n, at.w.x, n);
      at.miss[k] = at.eta - at.loss[k] - at.s[k] + at.z[k];
      largest(state.primal, at.miss[k]);
      state.products += at.s[k] * at.q[k] + at.z[k] * at.p[k];
    }
    for (i64 j = 0; j < m; j++) {
      at.wrong[j] = at.v.x[j] - dot(of.matrix + j * n, at.w.x, n);
      largest(state.primal, at.wrong[j]);
      largest(state.dual, equation(j) ? 0 : at.y[j] - at.v.below[j] + at.v.above[j]);
      if (!equation(j)) state.products += at.v.below[j] * (at.v.x[j] - of.low[j]) + at.v.above[j] * (of.high[j] - at.v.x[j]);
    }
    for (i64 i = 0; i < n; i++) {
      largest(state.dual, at.gradient[i] - at.w.below[i] + at.w.above[i]);
      state.products += at.w.below[i] * (at.w.x[i] - of.lower[i]) + at.w.above[i] * (of.upper[i] - at.w.x[i]);
    }
    return state;
  }

  void step(const TailState& state) {
    const f64 count = static_cast<f64>(2 * (of.scenarios + of.assets + of.rows));
    prepare();
    direct(0, false);
    const Lengths first = lengths();
    const f64 after = products(first), ratio = after / state.products;
    keep_seconds();
    direct(state.products / count * ratio * ratio * ratio, true);
    const Lengths whole = lengths();
    move(whole.primal * 0.9995 > 1 ? 1 : whole.primal * 0.9995, whole.dual * 0.9995 > 1 ? 1 : whole.dual * 0.9995);
  }

 private:
  struct Lengths {
    f64 primal, dual;
  };
  bool equation(i64 j) const { return !(of.low[j] < of.high[j]); }

  // cost - returns'q - matrix'y.
  void gradient() {
    const i64 n = of.assets;
    for (i64 i = 0; i < n; i++) at.gradient[i] = of.cost[i];
    for (i64 k = 0; k < of.scenarios; k++) add_scaled(at.gradient, of.returns + k * n, -at.q[k], n);
    for (i64 j = 0; j < of.rows; j++) add_scaled(at.gradient, of.matrix + j * n, -at.y[j], n);
  }

  // The matrix of weights and eta, its factor, and what the constraints are in it.
  void prepare() {
    const i64 n = of.assets, m = of.rows, t = of.scenarios, wide = n + 1;
    f64 most = 0;
    for (i64 k = 0; k < t; k++) {
      at.hold[k] = 1 / (at.s[k] / at.q[k] + at.z[k] / at.p[k]);
      most = at.hold[k] > most ? at.hold[k] : most;
    }
    f64* work = at.scratch + factor_scratch(wide > m ? wide : m);
    f64 *packed = work, *line = packed + packed_size(wide);
    for (i64 i = 0; i < wide * wide; i++) at.matrix[i] = 0;
    i64 depth = 0;
    const auto flush = [&] {
      // Panels lie `depth` apart: rows are packed for a whole block, those that are not there are 0.
      for (i64 j = 0; j < wide; j++) line[j] = 0;
      for (i64 k = depth; k < depth_block; k++) pack_row(line, wide, k, depth_block, packed);
      add_products(packed, packed, wide, depth_block, 1.0, at.matrix, wide, true);
      depth = 0;
    };
    for (i64 k = 0; k < t; k++) {
      if (!(at.hold[k] > 1e-15 * most)) continue;
      const f64 root = __builtin_sqrt(at.hold[k]);
      for (i64 i = 0; i < n; i++) line[i] = root * of.returns[k * n + i];
      line[n] = root;
      pack_row(line, wide, depth++, depth_block, packed);
      if (depth == depth_block) flush();
    }
    // What constraints ask for anyway is added: without it the matrix alone would be singular near a corner.
    for (i64 j = 0; j < m; j++) {
      at.v.curve[j] = equation(j) ? 0 : at.v.below[j] / (at.v.x[j] - of.low[j]) + at.v.above[j] / (of.high[j] - at.v.x[j]);
      at.ridge[j] = equation(j) || most < 0.5 * at.v.curve[j] ? most : 0.5 * at.v.curve[j];
      for (i64 i = 0; i < n; i++) line[i] = __builtin_sqrt(at.ridge[j]) * of.matrix[j * n + i];
      line[n] = 0;
      pack_row(line, wide, depth++, depth_block, packed);
      if (depth == depth_block) flush();
    }
    if (depth > 0) flush();
    for (i64 i = 0; i < n; i++)
      at.matrix[i * wide + i] += at.w.curve[i] = at.w.below[i] / (at.w.x[i] - of.lower[i]) + at.w.above[i] / (of.upper[i] - at.w.x[i]);
    factor_or_fix(at.matrix, wide, at.scratch);
    for (i64 j = 0; j < m; j++) {
      f64* of_row = at.border + j * wide;
      for (i64 i = 0; i < n; i++) of_row[i] = of.matrix[j * n + i];
      of_row[n] = 0;
      solve_upper(at.matrix, wide, of_row);
    }
    for (i64 j = 0; j < m; j++) {
      for (i64 l = j; l < m; l++) at.square[j * m + l] = dot(of.matrix + j * n, at.border + l * wide, n);
      if (!equation(j)) at.square[j * m + j] += 1 / (at.v.curve[j] - at.ridge[j]);
    }
    factor_or_fix(at.square, m, at.scratch);
  }

  // The direction with products `target`, less those of the first direction where `corrected`.
  void direct(f64 target, bool corrected) {
    const i64 n = of.assets, m = of.rows, t = of.scenarios, wide = n + 1;
    const auto terms = [&](const Box& b, const Box& second, i64 i, f64 lower, f64 upper) {
      return box_terms(b.x[i], lower, upper, b.below[i], b.above[i], target, corrected ? second.below[i] : 0, corrected ? second.above[i] : 0);
    };
    f64 total = of.mass;
    for (i64 i = 0; i < n; i++)
      at.right[i] = -(at.gradient[i] - at.w.below[i] + at.w.above[i]) + (at.w.push[i] = terms(at.w, at.second_w, i, of.lower[i], of.upper[i]).push);
    at.right[n] = 0;
    for (i64 k = 0; k < t; k++) {
      const f64 rs = target - at.s[k] * at.q[k] - (corrected ? at.second_s[k] : 0),
                rz = target - at.z[k] * at.p[k] - (corrected ? at.second_z[k] : 0);
      at.ds[k] = rs, at.dz[k] = rz;
      at.aim[k] = at.hold[k] * (rs / at.q[k] - rz / at.p[k] - at.miss[k]);
      add_scaled(at.right, of.returns + k * n, at.aim[k], n);
      at.right[n] += at.aim[k];
      total -= at.q[k];
    }
    at.right[n] -= total;
    for (i64 j = 0; j < m; j++) {
      at.v.push[j] = equation(j) ? 0 : -(at.y[j] - at.v.below[j] + at.v.above[j]) + terms(at.v, at.second_v, j, of.low[j], of.high[j]).push;
      at.rest[j] = at.wrong[j] + (equation(j) ? 0 : at.v.push[j] / at.v.curve[j]);
      at.dy[j] = 0;
    }
    for (i64 k = 0; k < t; k++) at.dq[k] = at.aim[k];
    for (i64 i = 0; i < wide; i++) at.move[i] = 0;
    add_solution();
    if (corrected) {  // what rounding left of the residuals is taken off once more
      for (i64 i = 0; i < n; i++) {
        const f64 down = at.w.x[i] - of.lower[i], up = of.upper[i] - at.w.x[i], dx = at.move[i];
        at.right[i] =
            (target - at.second_w.below[i] - at.w.below[i] * dx) / down - (target - at.second_w.above[i] + at.w.above[i] * dx) / up - at.gradient[i];
      }
      at.right[n] = -of.mass;
      for (i64 k = 0; k < t; k++) {
        add_scaled(at.right, of.returns + k * n, at.dq[k], n);
        at.right[n] += at.q[k] + at.dq[k];
      }
      for (i64 j = 0; j < m; j++) {
        add_scaled(at.right, of.matrix + j * n, at.dy[j], n);
        at.rest[j] = at.wrong[j] - dot(of.matrix + j * n, at.move, n) + (equation(j) ? 0 : (at.v.push[j] - at.dy[j]) / at.v.curve[j]);
      }
      add_solution();
    }
    for (i64 i = 0; i < n; i++) {
      const f64 down = at.w.x[i] - of.lower[i], up = of.upper[i] - at.w.x[i], dx = at.w.dx[i] = at.move[i];
      at.w.dbelow[i] = (target - (corrected ? at.second_w.below[i] : 0) - at.w.below[i] * dx) / down - at.w.below[i];
      at.w.dabove[i] = (target - (corrected ? at.second_w.above[i] : 0) + at.w.above[i] * dx) / up - at.w.above[i];
    }
    at.deta = at.move[n];
    for (i64 j = 0; j < m; j++) {
      at.v.dx[j] = at.v.dbelow[j] = at.v.dabove[j] = 0;
      if (equation(j)) continue;
      const f64 down = at.v.x[j] - of.low[j], up = of.high[j] - at.v.x[j], dx = at.v.dx[j] = (at.v.push[j] - at.dy[j]) / at.v.curve[j];
      at.v.dbelow[j] = (target - (corrected ? at.second_v.below[j] : 0) - at.v.below[j] * dx) / down - at.v.below[j];
      at.v.dabove[j] = (target - (corrected ? at.second_v.above[j] : 0) + at.v.above[j] * dx) / up - at.v.above[j];
    }
    for (i64 k = 0; k < t; k++) {
      at.ds[k] = (at.ds[k] - at.s[k] * at.dq[k]) / at.q[k];
      at.dz[k] = (at.dz[k] + at.z[k] * at.dq[k]) / at.p[k];
    }
  }

  // Adds to the move of weights and eta, and to those of the multipliers, what makes `right` and `rest` nothing.
  void add_solution() {
    const i64 n = of.assets, m = of.rows, wide = n + 1;
    for (i64 j = 0; j < m; j++) add_scaled(at.right, of.matrix + j * n, at.ridge[j] * at.rest[j], n);
    solve_upper(at.matrix, wide, at.right);
    for (i64 j = 0; j < m; j++) at.rest[j] -= dot(of.matrix + j * n, at.right, n);
    solve_upper(at.square, m, at.rest);
    for (i64 j = 0; j < m; j++) {
      add_scaled(at.right, at.border + j * wide, at.rest[j], wide);
      at.dy[j] += equation(j) ? at.rest[j] : at.rest[j] * at.v.curve[j] / (at.v.curve[j] - at.ridge[j]);
    }
    add_scaled(at.move, at.right, 1, wide);
    for (i64 k = 0; k < of.scenarios; k++) at.dq[k] -= at.hold[k] * (dot(of.returns + k * n, at.right, n) + at.right[n]);
  }

  // How far each side can go before something is 0, at most 1 / 0.9995.
  Lengths lengths() const {
    f64 primal = 1, dual = 1;  // of the inverse
    const auto at_least = [](f64& most, f64 value, f64 change) { most = -change > most * value ? -change / value : most; };
    primal = dual = 0.9995;
    for (i64 k = 0; k < of.scenarios; k++) {
      at_least(primal, at.s[k], at.ds[k]), at_least(primal, at.z[k], at.dz[k]);
      at_least(dual, at.q[k], at.dq[k]), at_least(dual, at.p[k], -at.dq[k]);
    }
    const auto box = [&](const Box& b, i64 i, f64 lower, f64 upper) {
      at_least(primal, b.x[i] - lower, b.dx[i]), at_least(primal, upper - b.x[i], -b.dx[i]);
      at_least(dual, b.below[i], b.dbelow[i]), at_least(dual, b.above[i], b.dabove[i]);
    };
    for (i64 i = 0; i < of.assets; i++) box(at.w, i, of.lower[i], of.upper[i]);
    for (i64 j = 0; j < of.rows; j++)
      if (!equation(j)) box(at.v, j, of.low[j], of.high[j]);
    return {1 / primal, 1 / dual};
  }

  // Sum of products after steps of these lengths.
  f64 products(Lengths all) const {
    const f64 a = all.primal > 1 ? 1 : all.primal, b = all.dual > 1 ? 1 : all.dual;
    f64 sum = 0;
    for (i64 k = 0; k < of.scenarios; k++)
      sum += (at.s[k] + a * at.ds[k]) * (at.q[k] + b * at.dq[k]) + (at.z[k] + a * at.dz[k]) * (at.p[k] - b * at.dq[k]);
    const auto box = [&](const Box& c, i64 i, f64 lower, f64 upper) {
      const f64 x = c.x[i] + a * c.dx[i];
      sum += (x - lower) * (c.below[i] + b * c.dbelow[i]) + (upper - x) * (c.above[i] + b * c.dabove[i]);
    };
    for (i64 i = 0; i < of.assets; i++) box(at.w, i, of.lower[i], of.upper[i]);
    for (i64 j = 0; j < of.rows; j++)
      if (!equation(j)) box(at.v, j, of.low[j], of.high[j]);
    return sum;
  }

  void keep_seconds() {
    for (i64 k = 0; k < of.scenarios; k++) at.second_s[k] = at.ds[k] * at.dq[k], at.second_z[k] = -at.dz[k] * at.dq[k];
    for (i64 i = 0; i < of.assets; i++) at.second_w.below[i] = at.w.dx[i] * at.w.dbelow[i], at.second_w.above[i] = -at.w.dx[i] * at.w.dabove[i];
    for (i64 j = 0; j < of.rows; j++) at.second_v.below[j] = at.v.dx[j] * at.v.dbelow[j], at.second_v.above[j] = -at.v.dx[j] * at.v.dabove[j];
  }

  void move(f64 primal, f64 dual) {
    for (i64 k = 0; k < of.scenarios; k++) {
      at.s[k] += primal * at.ds[k], at.z[k] += primal * at.dz[k];
      at.q[k] += dual * at.dq[k], at.p[k] -= dual * at.dq[k];
    }
    // Within its ends by more than rounding: an unknown that the constraints put at an end gets no further.
    const auto box = [&](Box& b, i64 i, f64 lower, f64 upper) {
      const f64 x = b.x[i] + primal * b.dx[i], least = lower + 1e-14 * (upper - lower), most = upper - 1e-14 * (upper - lower);
      b.x[i] = x < least ? least : x > most ? most : x;
      b.below[i] += dual * b.dbelow[i], b.above[i] += dual * b.dabove[i];
    };
    for (i64 i = 0; i < of.assets; i++) box(at.w, i, of.lower[i], of.upper[i]);
    for (i64 j = 0; j < of.rows; j++) {
      at.y[j] += dual * at.dy[j];
      if (!equation(j)) box(at.v, j, of.low[j], of.high[j]);
    }
    at.eta += primal * at.deta;
  }

  TailProgram of;
  TailPoint& at;
};

}  // namespace tickforge::TICKFORGE_ISA
