// How returns hang on independent variables, as src/kernels/risk/parts/simulation.ts says: mean + L z with a Cholesky factor L of the
// covariance, or mean + B F z + d e with loadings B, the factor F of the factors' covariance and specific deviations d.
#pragma once
#include "linalg/cholesky.h"
#include "kernels/parts/draws.h"

namespace tickforge::TICKFORGE_ISA {

struct ModelInputs {
  OptionalIn<f64> mean, covariance, loadings, factor_covariance, specific_variance;
  i64 depth(i64 assets) const { return loadings ? loadings.length / assets : assets; }
};
CHOICE(Distribution, normal, student_t)
CHOICE(Form, collapsed, full)  // of monte_carlo_risk: whether weights are taken over to the variables first
struct Law {
  f64 df;  // 0: normal
  u32 seed, stream;
};
inline Law law_of(Distribution distribution, f64 df, i32 seed, i32 stream) {
  return {distribution == Distribution::student_t ? df : 0, static_cast<u32>(seed), static_cast<u32>(stream)};
}

struct ReturnModel {
  i64 assets, variables, depth;  // depth: variables that the dense part reads
  bool triangular;
  const f64 *mean, *dense, *specific;  // dense[assets][depth]; specific null where there is none
  f64* blocks;                         // the dense part as tiles read it: [assets / tile_portfolios][depth][tile_portfolios]
};

// f64 values for a model; `depth` is the assets, or the factors where there are some.
inline i64 model_space(i64 assets, i64 depth) { return (assets + 8) * depth + assets * depth + depth * depth + cholesky_scratch(depth) + 2 * assets; }

// The inputs that open_model may refuse.
struct ModelPorts {
  i32 covariance, factor_covariance;
};

// Fills in `model`, or refuses a covariance that has no factor.
inline Status open_model(const ModelInputs& in, const ModelPorts& ports, i64 assets, f64* space, ReturnModel& model) {
  const bool factors = static_cast<bool>(in.loadings);
  const i64 depth = in.depth(assets);
  f64 *blocks = space, *dense = blocks + (assets + 8) * depth, *lower = dense + assets * depth, *scratch = lower + depth * depth;
  f64 *mean = scratch + cholesky_scratch(depth), *specific = mean + assets;
  const i64 failed = lower_factor(factors ? in.factor_covariance.data : in.covariance.data, depth, factors ? lower : dense, scratch);
  if (failed >= 0) return refuse(NOT_DEFINITE, factors ? ports.factor_covariance : ports.covariance, failed * (depth + 1), 0);
  for (i64 i = 0; i < assets; i++) mean[i] = in.mean ? in.mean[i] : 0;
  for (i64 i = 0; factors && i < assets; i++) {
    f64* row = dense + i * depth;
    specific[i] = __builtin_sqrt(in.specific_variance[i]);
    for (i64 k = 0; k < depth; k++) row[k] = 0;
    for (i64 f = 0; f < depth; f++)
      for (i64 k = 0; k <= f; k++) row[k] += in.loadings[i * depth + f] * lower[f * depth + k];
  }
  for (i64 i = 0; i < assets; i += tile_portfolios)
    turn(dense + i * depth, assets - i < tile_portfolios ? assets - i : tile_portfolios, depth, tile_portfolios, 1, blocks + i * depth);
  model = {assets, factors ? depth + assets : assets, depth, !factors, mean, dense, factors ? specific : nullptr, blocks};
  return done();
}

// Weights of the variables instead of those of the assets: weights times the model's matrix.
inline void collapse(const ReturnModel& model, const f64* weights, f64* out) {
  for (i64 k = 0; k < model.variables; k++) out[k] = 0;
  for (i64 i = 0; i < model.assets; i++)
    for (i64 k = 0; k < (model.triangular ? i + 1 : model.depth); k++) out[k] += weights[i] * model.dense[i * model.depth + k];
  for (i64 i = 0; model.specific && i < model.assets; i++) out[model.depth + i] = weights[i] * model.specific[i];
}

// Returns less their means of `tiles` panels of variables; a block of rows of the matrix serves all panels while it is near. Rows of a
// panel of returns go up to a multiple of tile_portfolios.
inline void returns_of(const ReturnModel& model, const f64* z, f64* returns, i64 tiles) {
  const i64 from = model.variables * tile_scenarios, to = (model.assets + 8) * tile_scenarios;
  for (i64 i = 0; i < model.assets; i += tile_portfolios) {
    const i64 needed = i + tile_portfolios < model.depth ? i + tile_portfolios : model.depth, depth = model.triangular ? needed : model.depth;
    for (i64 t = 0; t < tiles; t++)
      for (i64 k = 0; k < depth; k += panel_assets)
        tile(z + t * from + k * tile_scenarios, model.blocks + i * model.depth + k * tile_portfolios,
             depth - k < panel_assets ? depth - k : panel_assets, returns + t * to + i * tile_scenarios, tile_scenarios, k == 0);
  }
  if (!model.specific) return;
  for (i64 t = 0; t < tiles; t++)
    for (i64 i = 0; i < model.assets; i++) {
      const f64* e = z + t * from + (model.depth + i) * tile_scenarios;
      f64* row = returns + t * to + i * tile_scenarios;
      for (i64 lane = 0; lane < tile_scenarios; lane++) row[lane] += model.specific[i] * e[lane];
    }
}

// What each path's deviations from the mean are multiplied by: for Student's t, sqrt((df - 2) / chi-square), so that the covariance is
// the one given.
inline void path_scales(u64 first, const Law& law, f64* scale) {
  for (i64 lane = 0; lane < tile_scenarios; lane++)
    scale[lane] = law.df == 0 ? 1 : __builtin_sqrt((law.df - 2) / chi_square_draw(first + static_cast<u64>(lane), law.df, law.seed, law.stream));
}

// Paths that are made together: a panel that stays in the nearest cache, or, where the matrix does not fit into the second, so many
// that a block of it serves several tiles. A multiple of the tiles of every build.
inline i64 batch_paths(i64 variables) {
  const i64 tiles = (variables > 512 ? 65536 : 4096) / (24 * variables);
  return 24 * (tiles < 1 ? 1 : tiles);
}

// What scratch memory is sized by; arguments by their index.
struct ModelSizes {
  i64 assets, depth, variables, batch;
  i64 space() const { return model_space(assets, depth); }
};
inline ModelSizes model_sizes(const Sizes& of, i32 assets_option, i32 loadings) {
  const i64 assets = of.option(assets_option), depth = of.given(loadings) ? of.length(loadings) / assets : assets;
  const i64 variables = of.given(loadings) ? depth + assets : assets;
  return {assets, depth, variables, batch_paths(variables)};
}

}  // namespace tickforge::TICKFORGE_ISA
