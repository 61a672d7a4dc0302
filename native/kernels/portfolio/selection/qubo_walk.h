// A state of a problem in motion: eight variables are judged at once, and those behind one that changed are judged anew, which is what one
// after the other gives.
#pragma once
#include "kernels/parts/draws.h"
#include "qubo_problem.h"
#include "simd/elementary_lanes.h"

namespace tickforge::TICKFORGE_ISA {

// x and sign = 1 - 2x of each variable; field: of a dense problem by how much the energy rises with x_i; of one of low rank sums of factors.
struct Walk {
  const Problem* problem;
  f64 *sign, *field;
};
inline i64 walk_space(const Problem& of) { return of.padded + (of.dense ? of.padded : of.factors_padded); }
inline i64 walk_space(i64 n, i64 factors) { return 2 * padded_to_eight(n) + padded_to_eight(factors); }

[[gnu::always_inline]] inline void add_row(f64* to, const f64* row, f64 sign, i64 padded) {
  for (i64 j = 0; j < padded; j += 8) store(to + j, multiply_add_exact(sign, load<f64x8>(row + j), load<f64x8>(to + j)));
}

inline void change(const Walk& walk, i64 i) {
  const Problem& of = *walk.problem;
  const i64 wide = of.dense ? of.padded : of.factors_padded;
  add_row(walk.field, of.matrix + i * wide, walk.sign[i], wide);
  walk.sign[i] = -walk.sign[i];
}

// By how much the energy rises where each of eight variables changes.
[[gnu::always_inline]] inline f64x8 rises(const Walk& walk, i64 i) {
  const Problem& of = *walk.problem;
  const f64x8 sign = load<f64x8>(walk.sign + i);
  if (of.dense) return sign * load<f64x8>(walk.field + i);
  f64x8 slope = load_first(of.linear + i, of.n - i);
  for (i64 f = 0; f < of.factors; f++) slope = slope + load<f64x8>(of.slopes + f * of.padded + i) * walk.field[f];
  return sign * slope + load<f64x8>(of.own + i);
}

// The fields of the bits that are set, anew.
inline void restart(const Walk& walk) {
  const Problem& of = *walk.problem;
  const i64 wide = of.dense ? of.padded : of.factors_padded;
  for (i64 j = 0; j < wide; j++) walk.field[j] = of.dense ? of.linear[j] : 0;
  for (i64 i = 0; i < of.n; i++)
    if (walk.sign[i] < 0) add_row(walk.field, of.matrix + i * wide, 1, wide);
  for (i64 i = of.n; i < of.padded; i++) walk.sign[i] = 1;
}

inline f64 energy_of(const Walk& walk) {
  const Problem& of = *walk.problem;
  f64 sum = 0;
  for (i64 i = 0; i < of.n; i++)
    if (walk.sign[i] < 0) sum += of.dense ? of.linear[i] + walk.field[i] : of.linear[i];
  if (of.dense) return 0.5 * sum;
  for (i64 f = 0; f < of.factors; f++) sum += of.weight[f] * walk.field[f] * walk.field[f];
  return sum;
}

// Variable after variable changes where the rise is below scale * limits[i]; -inf beyond the last one. Returns the rise in all.
struct Swept {
  f64 rise;
  bool moved;
};
inline Swept sweep(const Walk& walk, f64 scale, const f64* limits) {
  Swept swept{0, false};
  for (i64 i = 0; i < walk.problem->n; i += 8) {
    const f64x8 limit = scale * load<f64x8>(limits + i);
    for (i64 from = 0; from < 8;) {
      const f64x8 more = rises(walk, i);
      const auto taken = less(more, limit);
      if (!any(taken)) break;
      i64 l = from;
      while (l < 8 && !taken[l]) l++;
      if (l == 8) break;
      swept.rise += more[l];
      swept.moved = true;
      change(walk, i + l);
      from = l + 1;
    }
  }
  return swept;
}

inline void fill_limits(f64* limits, f64 with, i64 n, i64 padded) {
  for (i64 i = 0; i < padded; i++) limits[i] = i < n ? with : -__builtin_inf();
}
inline void descend(const Walk& walk, f64* limits) {
  fill_limits(limits, -1e-12, walk.problem->n, walk.problem->padded);
  for (int round = 0; round < 1000; round++)
    if (!sweep(walk, walk.problem->unit, limits).moved) return;
}

// The two uniforms of each variable in a block of a stream.
inline void uniforms_of_block(u64 block, u32 seed, u32 stream, f64* first, f64* second, i64 padded) {
  for (i64 i = 0; i < padded; i += 8) {
    f64x8 even, odd;
    uniform_pairs(static_cast<u64>(i), block, seed, stream, even, odd);
    store(first + i, even);
    store(second + i, odd);
  }
}

inline void random_start(const Walk& walk, u32 seed, u32 stream, f64* space) {
  const i64 padded = walk.problem->padded;
  uniforms_of_block(0, seed, stream, space, space + padded, padded);
  for (i64 i = 0; i < padded; i++) walk.sign[i] = space[i] < 0.5 ? -1 : 1;
  restart(walk);
}

// Minus logarithms of the uniforms of sweeps 2 pair and 2 pair + 1.
inline void draw_limits(u64 pair, u32 seed, u32 stream, f64* limits, const Problem& of) {
  uniforms_of_block(1 + pair, seed, stream, limits, limits + of.padded, of.padded);
  for (i64 i = 0; i < 2 * of.padded; i += register_lanes) store(limits + i, -log_positive<Rounding::SAME>(load<f64xn>(limits + i)));
  for (i64 i = of.n; i < of.padded; i++) limits[i] = limits[of.padded + i] = -__builtin_inf();
}

// The first of the best of all ends [count][n] of signs, with its energy computed anew, into the outputs.
inline void report_best(const Problem& of, const i8* ends, const f64* energies, i64 count, const Walk& walk, u8* solution, f64* energy) {
  i64 best = 0;
  for (i64 r = 1; r < count; r++) best = energies[r] < energies[best] ? r : best;
  for (i64 i = 0; i < of.n; i++) walk.sign[i] = ends[best * of.n + i], solution[i] = walk.sign[i] < 0;
  restart(walk);
  *energy = energy_of(walk);
}
inline void keep_end(const Walk& walk, i8* end) {
  for (i64 i = 0; i < walk.problem->n; i++) end[i] = static_cast<i8>(walk.sign[i]);
}
inline i64 ends_space(i64 count, i64 n) { return (count * n + 7) / 8; }

}  // namespace tickforge::TICKFORGE_ISA
