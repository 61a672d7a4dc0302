// Contract: src/kernels/risk/covariance/ewma_covariance.ts. The rows of an update come in blocks: old sums decay once for a block, its outer
// products are added by tiles, upper half only.
#include "linalg/linalg.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{
    .inputs = "returns", .options = "assets, batch, decay, halfLife, start", .state = "sums, weight", .outputs = "covariance"};
CHOICE(EwmaStart, normalized, first)

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return 2 * (packed_size(assets) + assets);
}

template <class T>
Status ewma_covariance(In<T> returns, i32 assets, i32 batch, f64 decay, f64 half_life, EwmaStart start, State<f64> sums, State<f64> weight,
                       Workspace scratch, Out<f64> covariance) {
  const i64 p = assets, updates = returns.length / (p * batch);
  const f64 lambda = decay > 0 ? decay : exp_minus(0.6931471805599453 / half_life), fresh = 1 - lambda;
  f64 *left = scratch.data, *right = left + packed_size(p), *row = right + packed_size(p), *scaled = row + p;
  for (i64 u = 0; u < updates; u++) {
    for (i64 first = 0; first < batch; first += depth_block) {
      const i64 depth = batch - first < depth_block ? batch - first : depth_block;
      f64 power = 1, total = 0;
      for (i64 k = depth - 1; k >= 0; k--) {  // the newest row first: it has the largest weight
        const T* x = returns.data + ((u * batch + first + k) * p);
        const f64 w = k == 0 && weight[0] == 0 && start == EwmaStart::first ? power : power * fresh;
        for (i64 j = 0; j < p; j++) row[j] = static_cast<f64>(x[j]), scaled[j] = w * row[j];
        pack_row(scaled, p, k, depth, left);
        pack_row(row, p, k, depth, right);
        power *= lambda, total += w;
      }
      add_products(left, right, p, depth, power, sums.data, p, true);
      weight[0] = power * weight[0] + total;
    }
    f64* c = covariance.data + u * p * p;
    for (i64 i = 0; i < p; i++)
      for (i64 j = i; j < p; j++) c[i * p + j] = sums[i * p + j];
    const f64 whole = start == EwmaStart::first ? 1.0 : weight[0];
    mirror(c, p, [=](i64, i64, f64 sum) { return sum / whole; });
  }
  for (i64 i = 0; i < p; i++)  // products on the diagonal reach below it
    for (i64 j = i / diagonal_block * diagonal_block; j < i; j++) sums[i * p + j] = 0;
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(ewma_covariance)
