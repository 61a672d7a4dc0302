// Losses of many portfolios in every scenario, block by block: tiles of a matrix product that adds over the assets in their order,
// so that a loss does not depend on how the work was cut.
#pragma once
#include "simd/simd.h"

namespace tickforge::TICKFORGE_ISA {

// Scenarios and portfolios of one tile: as many sums as there are registers for.
#if defined(__AVX512F__)
inline constexpr i64 tile_vectors = 3, tile_portfolios = 8;
#else
inline constexpr i64 tile_vectors = 1, tile_portfolios = 4;
#endif
inline constexpr i64 panel_assets = 128;  // as much of a panel as stays in the nearest cache
inline constexpr i64 tile_scenarios = 8 * tile_vectors;
inline constexpr i64 row_step = 24;       // the losses of a portfolio have room for a multiple of this
inline constexpr i64 portfolio_step = 8;  // portfolios of a block come in these

// `panel` is [assets][tile_scenarios], `weights` [assets][tile_portfolios], of which the first Rows are read; `losses` [Rows][row], to
// which is added unless `first`.
template <i64 Rows = tile_portfolios> inline void tile(const f64* panel, const f64* weights, i64 assets, f64* losses, i64 row, bool first) {
  f64x8 sums[Rows][tile_vectors];
  for (i64 p = 0; p < Rows; p++)
    for (i64 v = 0; v < tile_vectors; v++) sums[p][v] = first ? f64x8{} : load<f64x8>(losses + p * row + 8 * v);
  for (i64 a = 0; a < assets; a++, panel += tile_scenarios, weights += tile_portfolios) {
    f64x8 returns[tile_vectors];
    for (i64 v = 0; v < tile_vectors; v++) returns[v] = load<f64x8>(panel + 8 * v);
    for (i64 p = 0; p < Rows; p++)
      for (i64 v = 0; v < tile_vectors; v++) sums[p][v] = multiply_add(weights[p], returns[v], sums[p][v]);
  }
  for (i64 p = 0; p < Rows; p++)
    for (i64 v = 0; v < tile_vectors; v++) store(losses + p * row + 8 * v, sums[p][v]);
}

// Copies `count` rows of a matrix to [columns][step], times `sign`; what is beyond `count` becomes 0.
template <class T> void turn(const T* rows, i64 count, i64 columns, i64 step, f64 sign, f64* out) {
  for (i64 c = 0; c < columns; c++)
    for (i64 r = 0; r < step; r++) out[c * step + r] = r < count ? sign * static_cast<f64>(rows[r * columns + c]) : 0.0;
}

// losses[portfolio][row] of the scenarios of one panel, for portfolios whose weights are turned; rows up to a multiple of
// tile_portfolios may be written.
inline void panel_losses(const f64* panel, const f64* turned, i64 assets, i64 portfolios, f64* losses, i64 row) {
  for (i64 a = 0; a < assets; a += panel_assets) {
    const i64 depth = assets - a < panel_assets ? assets - a : panel_assets;
    for (i64 k = 0; k < portfolios; k += tile_portfolios) {
      const f64 *from = panel + a * tile_scenarios, *weights = turned + k * assets + a * tile_portfolios;
      if (portfolios - k == 1) tile<1>(from, weights, depth, losses + k * row, row, a == 0);
      else tile(from, weights, depth, losses + k * row, row, a == 0);
    }
  }
}

// Weights of portfolios as `panel_losses` reads them; a loss is minus their product with the returns.
template <class T> void turn_weights(const T* weights, i64 portfolios, i64 assets, f64* turned) {
  for (i64 k = 0; k < portfolios; k += tile_portfolios)
    turn(weights + k * assets, portfolios - k < tile_portfolios ? portfolios - k : tile_portfolios, assets, tile_portfolios, -1, turned + k * assets);
}

// f64 values of scratch: a panel of returns, turned weights and losses of a block of portfolios, and `rows` rows of losses more. Sizes of
// the two inputs as their lengths are.
inline i64 portfolio_scratch(i64 returns, i64 weights, i64 assets, i64 rows) {
  const i64 row = (returns / assets + row_step - 1) / row_step * row_step;
  const i64 some = (weights / assets + portfolio_step - 1) / portfolio_step * portfolio_step,
            fitting = (i64{1} << 20) / (row + assets) / portfolio_step * portfolio_step;
  const i64 most = some < 256 ? some : 256, block = most < fitting ? most : fitting;
  return assets * row_step + (block > portfolio_step ? block : portfolio_step) * (row + assets) + rows * (row + row_step);
}

// Calls each(portfolio, losses) with the losses of one portfolio, which it may change; they have room for a multiple of row_step.
// `scratch` holds what portfolio_scratch says without its rows.
template <class T, class Each> void each_portfolio(const T* returns, i64 scenarios, const T* weights, i64 portfolios, i64 assets, f64* scratch,
                                                   i64 length, Each each) {
  const i64 row = (scenarios + row_step - 1) / row_step * row_step;
  f64* panel = scratch;
  f64* turned = panel + assets * row_step;
  const i64 block = (length - assets * row_step) / (row + assets) / portfolio_step * portfolio_step;
  f64* losses = turned + block * assets;
  for (i64 p = 0; p < portfolios; p += block) {
    const i64 count = portfolios - p < block ? portfolios - p : block;
    if (assets == 1) {
      for (i64 k = 0; k < count; k++) {
        const f64 weight = -static_cast<f64>(weights[p + k]);
        for (i64 s = 0; s < scenarios; s++) losses[s] = weight * static_cast<f64>(returns[s]);
        each(p + k, losses);
      }
      continue;
    }
    turn_weights(weights + p * assets, count, assets, turned);
    for (i64 s = 0; s < scenarios; s += tile_scenarios) {
      turn(returns + s * assets, scenarios - s < tile_scenarios ? scenarios - s : tile_scenarios, assets, tile_scenarios, 1, panel);
      panel_losses(panel, turned, assets, count, losses + s, row);
    }
    for (i64 k = 0; k < count; k++) each(p + k, losses + k * row);
  }
}

}  // namespace tickforge::TICKFORGE_ISA
