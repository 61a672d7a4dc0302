// Replicas of a simulated bifurcation side by side: a column a replica, `width` of them in a group, so that what the couplings add is a product
// of matrices. Factors of a product have 24 bits each: it is exact, and every processor gives the same bits, fused or not.
#pragma once
#include "qubo_walk.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr i64 group_replicas = 32;
#if defined(__AVX512F__)
inline constexpr i64 product_rows = 6;
#else
inline constexpr i64 product_rows = 2;
#endif

template <int vectors, i64 rows>
[[gnu::always_inline]] inline void product_tile(const f64* a, i64 across, i64 down, const f64* s, i64 depth, i64 step, const f64* start, f64* out) {
  f64x8 sums[rows][vectors];
  for (i64 r = 0; r < rows; r++)
    for (i64 v = 0; v < vectors; v++) sums[r][v] = broadcast<f64x8>(start ? start[r] : 0.0);
  for (i64 j = 0; j < depth; j++, s += step) {
    f64x8 right[vectors];
    for (i64 v = 0; v < vectors; v++) right[v] = load<f64x8>(s + 8 * v);
    for (i64 r = 0; r < rows; r++)
      for (i64 v = 0; v < vectors; v++) sums[r][v] = multiply_add_exact(a[r * down + j * across], right[v], sums[r][v]);
  }
  for (i64 r = 0; r < rows; r++)
    for (i64 v = 0; v < vectors; v++) store(out + r * step + 8 * v, sums[r][v]);
}

// out[i] = start_i + sum over j of a(i, j) s[j], a(i, j) at a[i down + j across]; rows of s and out are 8 `vectors` values.
template <int vectors>
inline void product(const f64* a, i64 across, i64 down, i64 count, const f64* s, i64 depth, const f64* start, f64* out) {
  constexpr i64 step = 8 * vectors;
  i64 i = 0;
  for (; i + product_rows <= count; i += product_rows)
    product_tile<vectors, product_rows>(a + i * down, across, down, s, depth, step, start ? start + i : nullptr, out + i * step);
  for (; i < count; i++) product_tile<vectors, 1>(a + i * down, across, down, s, depth, step, start ? start + i : nullptr, out + i * step);
}

inline f64 rounded(f64 x) { return static_cast<f64>(static_cast<f32>(x)); }
[[gnu::always_inline]] inline f64x8 rounded(f64x8 x) { return __builtin_convertvector(__builtin_convertvector(x, f32x8), f64x8); }

struct Motion {
  i64 steps;
  f64 time_step, strength;  // strength: c0
  bool ballistic;
  u32 seed;
  const f64 *center, *pull;  // pull: what is rounded of couplings [n][padded], or of loadings [n][factors_padded]
};

// Positions, momenta, what is seen of positions, and forces: [n][width] each; and sums of factors.
inline i64 motion_space(i64 n, i64 factors) { return (4 * n + factors) * group_replicas; }

template <int vectors> inline void forces(const Problem& of, const Motion& motion, const f64* seen, f64* sums, f64* force) {
  constexpr i64 step = 8 * vectors;
  if (of.dense) return product<vectors>(motion.pull, 1, of.padded, of.n, seen, of.n, motion.center, force);
  product<vectors>(motion.pull, of.factors_padded, 1, of.factors, seen, of.n, nullptr, sums);
  for (i64 f = 0; f < of.factors; f++)
    for (i64 v = 0; v < step; v += 8) store(sums + f * step + v, rounded((-0.5 * of.weight[f]) * load<f64x8>(sums + f * step + v)));
  product<vectors>(motion.pull, 1, of.factors_padded, of.n, sums, of.factors, motion.center, force);
  for (i64 i = 0; i < of.n; i++)
    for (i64 v = 0; v < step; v += 8) {
      const f64x8 own = (0.5 * of.own[i]) * load<f64x8>(seen + i * step + v);
      store(force + i * step + v, load<f64x8>(force + i * step + v) + own);
    }
}

// Moves replicas first .. first + 8 vectors; leaves their signs in ends[replica][n], of those below `replicas`.
template <int vectors> inline void move_group(const Problem& of, const Motion& motion, i64 first, i64 replicas, f64* space, i8* ends) {
  constexpr i64 step = 8 * vectors;
  const i64 n = of.n, size = n * step;
  f64 *position = space, *momentum = position + size, *seen = momentum + size, *force = seen + size, *sums = force + size;
  for (i64 r = 0; r < step; r++)
    for (i64 i = 0; i < n; i += 8) {
      f64x8 even, odd;
      uniform_pairs(static_cast<u64>(i), 0, motion.seed, static_cast<u32>(first + r), even, odd);
      for (i64 l = 0; l < 8 && i + l < n; l++) {
        position[(i + l) * step + r] = 0.1 * (2 * even[l] - 1);
        momentum[(i + l) * step + r] = 0.1 * (2 * odd[l] - 1);
      }
    }
  const auto see = [&](f64x8 p) { return motion.ballistic ? rounded(p) : select(greater_equal(p, 0.0), 1.0, broadcast<f64x8>(-1.0)); };
  for (i64 at = 0; at < size; at += 8) store(seen + at, see(load<f64x8>(position + at)));
  for (i64 t = 0; t < motion.steps; t++) {
    forces<vectors>(of, motion, seen, sums, force);
    const f64 pump = static_cast<f64>(t) / static_cast<f64>(motion.steps) - 1;
    for (i64 at = 0; at < size; at += 8) {
      const f64x8 p = load<f64x8>(position + at);
      const f64x8 y = load<f64x8>(momentum + at) + (pump * p + motion.strength * load<f64x8>(force + at)) * motion.time_step;
      const f64x8 next = p + y * motion.time_step;
      const auto outside = greater(abs(next), 1.0);
      const f64x8 held = select(outside, select(greater(next, 0.0), 1.0, broadcast<f64x8>(-1.0)), next);
      store(position + at, held);
      store(momentum + at, select(outside, f64x8{}, y));
      store(seen + at, see(held));
    }
  }
  for (i64 r = 0; r < step && first + r < replicas; r++)
    for (i64 i = 0; i < n; i++) ends[(first + r) * n + i] = position[i * step + r] >= 0 ? -1 : 1;
}

}  // namespace tickforge::TICKFORGE_ISA
