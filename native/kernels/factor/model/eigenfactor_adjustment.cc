// Contract: src/kernels/factor/model/eigenfactor_adjustment.ts. Samples are drawn in the axes of the eigenvectors, eigenvalues by QL.
#include "linalg/eigen.h"
#include "kernels/parts/normal_quantile.h"
#include "kernels/parts/philox.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "covariance", .options = "factors, observations, draws, seed, scale", .outputs = "adjusted, bias"};

namespace {

// Normal numbers of one draw, in order.
struct Normals {
  u64 draw;
  u32 seed;
  i64 left;  // numbers of the draw that are still to come
  i64 next, count;
  u64 block;
  f64 ready[quantile_block];

  Normals(u64 path, u32 key, i64 numbers) : draw(path), seed(key), left(numbers), next(0), count(0), block(0) {}
  f64 take() {
    if (next == count) {
      count = left < quantile_block ? left : quantile_block;
      for (i64 i = 0; i < count; i += 2) {
        const Uniforms u = uniform_pair(draw, block++, seed, 0);
        ready[i] = u.first;
        if (i + 1 < count) ready[i + 1] = u.second;
      }
      quantiles_of_block(ready, ready, count);
      left -= count, next = 0;
    }
    return ready[next++];
  }
};

struct Simulation {
  i64 factors, observations, draws;
  u32 seed;
  f64 *estimate, *vectors, *values, *order, *deviation, *b, *scratch;
};

// Adds true over estimated variance of each eigenfactor of one draw to `sums`.
inline bool add_draw(const Simulation& s, i64 draw, const f64* truth, f64* sums) {
  const i64 n = s.factors;
  Normals normals(static_cast<u64>(draw), s.seed, s.observations * n);
  for (i64 i = 0; i < n * n; i++) s.estimate[i] = 0;
  for (i64 t = 0; t < s.observations; t++) {
    for (i64 k = 0; k < n; k++) s.b[k] = s.deviation[k] * normals.take();
    for (i64 i = 0; i < n; i++) add_scaled(s.estimate + i * n, s.b, s.b[i], n);
  }
  for (i64 i = 0; i < n * n; i++) s.estimate[i] /= static_cast<f64>(s.observations);
  const bool settled = eigen_rows(s.estimate, n, s.values, s.vectors, s.scratch);
  ascending_order(s.values, n, s.order);
  for (i64 k = 0; k < n; k++) {
    const i64 at = static_cast<i64>(s.order[k]);
    const f64* v = s.vectors + at * n;
    f64 variance = 0;
    for (i64 i = 0; i < n; i++) variance += truth[i] * v[i] * v[i];
    sums[k] += variance / s.values[at];
  }
  return settled;
}

}  // namespace

static i64 scratch_size(const Sizes& of) {
  const i64 n = of.option(names.option("factors"));
  return 5 * n * n + 12 * n + 520;
}

static Status eigenfactor_adjustment(In<f64> covariance, i32 factors, i32 observations, i32 draws, i32 seed, f64 scale, Workspace scratch,
                                     Out<f64> adjusted, Out<f64> bias) {
  const i64 n = factors, size = n * n;
  f64 *rows = scratch.data, *sorted = rows + size, *d = sorted + size, *order = d + n, *more = order + n, *small = more + 4 * n;
  Simulation s{n,
               observations,
               draws,
               static_cast<u32>(seed),
               small,
               small + size,
               small + 2 * size,
               small + 2 * size + n,
               small + 2 * size + 2 * n,
               small + 2 * size + 3 * n,
               more};
  for (i64 m = 0; m * n < bias.length; m++) {
    const f64* a = covariance.data + m * size;
    f64 *out = adjusted.data + m * size, *v = bias.data + m * n;
    for (i64 i = 0; i < n; i++)
      for (i64 j = 0; j < n; j++) out[i * n + j] = i > j ? a[i * n + j] : a[j * n + i];
    bool settled = eigen_rows(out, n, d, rows, more);
    ascending_order(d, n, order);
    for (i64 k = 0; k < n; k++)
      for (i64 i = 0; i < n; i++) sorted[k * n + i] = rows[static_cast<i64>(order[k]) * n + i];
    for (i64 k = 0; k < n; k++) s.b[k] = d[static_cast<i64>(order[k])];
    for (i64 k = 0; k < n; k++) d[k] = s.b[k], v[k] = 1;
    i64 first = 0;
    while (first < n && !(d[first] > 1e-12 * d[n - 1])) first++;
    s.factors = n - first;
    for (i64 k = first; k < n; k++) s.deviation[k - first] = __builtin_sqrt(d[k]), v[k] = 0;
    for (i64 draw = 0; draw < draws && first < n; draw++) settled &= add_draw(s, draw, d + first, v + first);
    for (i64 k = first; k < n; k++) v[k] = __builtin_sqrt(v[k] / static_cast<f64>(draws));
    for (i64 i = 0; i < size; i++) out[i] = 0;
    for (i64 k = 0; k < n; k++) {
      const f64 gamma = settled ? scale * (v[k] - 1) + 1 : __builtin_nan(""), by = d[k] * gamma * gamma;
      const f64* u = sorted + k * n;
      for (i64 i = 0; i < n; i++) add_scaled(out + i * n, u, by * u[i], n);
    }
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(eigenfactor_adjustment)
