// Contract: src/kernels/risk/covariance/ledoit_wolf.ts. The sums over pairs of assets are turned into sums over rows: no work of n p^2 beyond
// the covariance itself.
#include "kernels/risk/parts/shrinkage.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns", .options = "assets, target", .outputs = "covariance, mean, shrinkage"};
CHOICE(Toward, identity, constant_correlation, single_factor)

constexpr f64 rounding = 0x1p-44;

static f64 identity_share(const Moments& m, const f64* c, i64 p, f64 rows, f64 mu) {
  f64 distance = m.apart;
  for (i64 i = 0; i < p; i++) distance += (c[i * p + i] - mu) * (c[i * p + i] - mu);
  if (p == 1 || !(m.fourth - m.squares > rounding * m.fourth)) return 0;
  const f64 noise = (m.fourth - m.squares) / rows;
  return noise < distance ? noise / distance : 1.0;
}

// Sums over the rows of what the constant correlation needs beyond S: with d a row less its mean and r the deviations,
// fourth = mean of sum d_i^4, cross = mean of (sum d_i^3 / r_i)(sum d_j r_j).
struct CrossMoments {
  f64 fourth, cross;
};
template <class T> static CrossMoments cross_moments(const T* x, i64 rows, i64 p, const f64* mean, const f64* root, f64* row) {
  CrossMoments m{0, 0};
  for (i64 k = 0; k < rows; k++) {
    for (i64 j = 0; j < p; j++) row[j] = static_cast<f64>(x[k * p + j]) - mean[j];
    f64x8 fourth{}, cubes{}, sizes{};
    i64 j = 0;
    for (; p - j >= 8; j += 8) {
      const f64x8 d = load<f64x8>(row + j), square = d * d, r = load<f64x8>(root + j);
      fourth += square * square, cubes += square * d / r, sizes += d * r;
    }
    f64 a = reduce_add(cubes), b = reduce_add(sizes), c = reduce_add(fourth);
    for (; j < p; j++) {
      const f64 d = row[j], square = d * d;
      c += square * square, a += square * d / root[j], b += d * root[j];
    }
    m.fourth += c, m.cross += a * b;
  }
  m.fourth /= static_cast<f64>(rows), m.cross /= static_cast<f64>(rows);
  return m;
}

struct Target {
  f64 share, correlation;
};
template <class T>
static Target constant_correlation(const T* x, i64 rows, i64 p, const Moments& m, const f64* mean, const f64* c, f64* root, f64* row) {
  for (i64 i = 0; i < p; i++) root[i] = __builtin_sqrt(c[i * p + i]);
  f64 correlations = 0, sizes = 0, variances = 0;
  for (i64 i = 0; i < p; i++) {
    variances += c[i * p + i] * c[i * p + i], sizes += c[i * p + i] * c[i * p + i];
    for (i64 j = i + 1; j < p; j++) {
      const f64 product = root[i] * root[j];
      correlations += 2 * (c[i * p + j] / product), sizes += 2 * (product * c[i * p + j]);
    }
  }
  const f64 r = correlations / static_cast<f64>(p * (p - 1));
  const CrossMoments cross = cross_moments(x, rows, p, mean, root, row);
  f64 distance = 0;
  for (i64 i = 0; i < p; i++)
    for (i64 j = i + 1; j < p; j++) {
      const f64 d = c[i * p + j] - r * root[i] * root[j];
      distance += 2 * (d * d);
    }
  const f64 own = cross.fourth - variances;
  const f64 noise = m.fourth - m.squares - (own + r * (cross.cross - sizes - own));
  if (distance <= rounding * rounding * m.squares) return {0, r};  // the covariance is the target
  const f64 share = noise / distance / static_cast<f64>(rows);
  return {share < 0 ? 0.0 : share > 1 ? 1.0 : share, r};
}

// Covariance of each asset with the mean of all into c_market; the upper half of c is read. Returns the variance of that mean.
static f64 with_market(const f64* c, i64 p, f64* c_market) {
  const f64 count = static_cast<f64>(p);
  for (i64 i = 0; i < p; i++) c_market[i] = 0;
  for (i64 i = 0; i < p; i++) {
    c_market[i] += c[i * p + i];
    for (i64 j = i + 1; j < p; j++) c_market[i] += c[i * p + j], c_market[j] += c[i * p + j];
  }
  f64 total = 0;
  for (i64 i = 0; i < p; i++) total += c_market[i] /= count;
  return total / count;
}

// With d a row less its mean, m its mean over the assets and b their covariances with the market: sums over the rows of sum d_i^4,
// m (sum d_i^2) (sum d_i b_i), m sum d_i^3 b_i, m^2 (sum d_i b_i)^2, m^2 sum (d_i b_i)^2 and (sum d_i b_i)^2.
struct MarketMoments {
  f64 fourth, pairs, own_pairs, squares, own_squares, level;
};
template <class T> static MarketMoments market_moments(const T* x, i64 rows, i64 p, const f64* mean, const f64* b, f64* row) {
  MarketMoments all{};
  for (i64 k = 0; k < rows; k++) {
    for (i64 j = 0; j < p; j++) row[j] = static_cast<f64>(x[k * p + j]) - mean[j];
    f64x8 sums{}, squares{}, fourths{}, along{}, cubes{}, spread{};
    const auto take = [&](f64x8 d, f64x8 with) {
      const f64x8 d2 = d * d, moved = d * with;
      sums += d, squares += d2, fourths += d2 * d2, along += moved, cubes += d2 * moved, spread += moved * moved;
    };
    i64 j = 0;
    for (; p - j >= 8; j += 8) take(load<f64x8>(row + j), load<f64x8>(b + j));
    if (j < p) {
      f64x8 d{}, with{};
      for (i64 i = 0; j + i < p; i++) d[i] = row[j + i], with[i] = b[j + i];
      take(d, with);
    }
    const f64 m = reduce_add(sums) / static_cast<f64>(p), moved = reduce_add(along);
    all.fourth += reduce_add(fourths), all.pairs += m * reduce_add(squares) * moved, all.own_pairs += m * reduce_add(cubes);
    all.squares += m * m * moved * moved, all.own_squares += m * m * reduce_add(spread), all.level += moved * moved;
  }
  return all;
}

// Its weight; the target's pairs are b_i b_j / variance, where that is not 0.
struct Market {
  f64 share, variance;
};
template <class T> static Market single_factor(const T* x, i64 rows, i64 p, const Moments& m, const f64* mean, const f64* c, f64* b, f64* row) {
  const f64 variance = with_market(c, p, b), n = static_cast<f64>(rows);
  if (p == 1 || !(variance > rounding * m.trace / static_cast<f64>(p))) return {0, 0};
  const MarketMoments all = market_moments(x, rows, p, mean, b, row);
  f64 distance = 0, variances = 0, spread = 0;
  for (i64 i = 0; i < p; i++) {
    variances += c[i * p + i] * c[i * p + i], spread += b[i] * b[i] * c[i * p + i];
    for (i64 j = i + 1; j < p; j++) {
      const f64 d = c[i * p + j] - b[i] * (b[j] / variance);
      distance += 2 * (d * d);
    }
  }
  const f64 level = all.level / n - spread;  // sum over pairs of b_i S_ij b_j
  const f64 first = ((all.pairs - all.own_pairs) / n - level) / variance;
  const f64 third = ((all.squares - all.own_squares) / n - variance * level) / (variance * variance);
  const f64 noise = m.fourth - m.squares - (all.fourth / n - variances + 2 * first - third);
  if (distance <= rounding * rounding * m.squares || !(noise > rounding * m.fourth)) return {0, variance};
  const f64 share = noise / distance / n;
  return {share > 1 ? 1.0 : share, variance};
}

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return packed_size(assets) + 3 * assets;
}

template <class T>
Status ledoit_wolf(In<T> returns, i32 assets, Toward target, Workspace scratch, Out<f64> covariance, Out<f64> mean, Out<f64> shrinkage) {
  const i64 p = assets, rows = returns.length / p;
  f64 *c = covariance.data, *root = scratch.data + packed_size(p) + p, *row = root + p;
  const Moments m = shrinkage_moments(returns.data, rows, p, mean.data, scratch.data, c);
  if (target == Toward::identity) {
    const f64 mu = m.trace / static_cast<f64>(p);
    shrinkage[0] = identity_share(m, c, p, static_cast<f64>(rows), mu);
    shrink_to_identity(c, p, shrinkage[0], mu);
    return done();
  }
  if (target == Toward::single_factor) {
    const Market market = single_factor(returns.data, rows, p, m, mean.data, c, root, row);
    shrinkage[0] = market.share;
    const f64 rest = 1 - market.share, add = market.share == 0 ? 0 : market.share / market.variance;
    mirror(c, p, [=](i64 i, i64 j, f64 s) { return rest * s + (i == j ? market.share * s : add * root[i] * root[j]); });
    return done();
  }
  const Target t = p < 3 ? Target{0, 0} : constant_correlation(returns.data, rows, p, m, mean.data, c, root, row);
  shrinkage[0] = t.share;
  const f64 rest = 1 - t.share, add = t.share * t.correlation;
  if (p < 3) mirror(c, p, [](i64, i64, f64 s) { return s; });
  else mirror(c, p, [=](i64 i, i64 j, f64 s) { return rest * s + (i == j ? t.share * s : add * root[i] * root[j]); });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(ledoit_wolf)
