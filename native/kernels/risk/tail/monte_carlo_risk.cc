// Contract: src/kernels/risk/tail/monte_carlo_risk.ts. Paths in panels, as tiles of matrix products; of the losses only the tail is kept. The
// collapsed form weighs the random variables themselves, so that the returns of the assets need not be made.
#include "kernels/risk/parts/return_model.h"
#include "kernels/risk/parts/simulated_tail.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "weights, mean, covariance, loadings, factorCovariance, specificVariance",
                             .options = "assets, paths, confidence, distribution, df, form, seed, stream, threads",
                             .outputs = "var, es, varLow, varHigh, varError, esError"};

namespace {

struct Simulation {
  ReturnModel model;
  Law law;
  bool collapsed;
  i64 portfolios, batch;
  const f64 *turned, *shift;

  i64 columns() const { return collapsed ? model.variables : model.assets; }
  i64 space() const { return batch * (model.variables + (collapsed ? 0 : model.assets + 8)); }

  // Losses of one batch of paths.
  void make(u64 first, f64* losses, i64 row, f64* space) const {
    const i64 tiles = batch / tile_scenarios, from = model.variables * tile_scenarios, to = (model.assets + 8) * tile_scenarios;
    f64 *z = space, *returns = z + tiles * from, scale[tile_scenarios];
    for (i64 t = 0; t < tiles; t++) normal_panel(first + static_cast<u64>(t * tile_scenarios), model.variables, law.seed, law.stream, z + t * from);
    if (!collapsed) returns_of(model, z, returns, tiles);
    for (i64 t = 0; t < tiles; t++) {
      f64* to_tile = losses + t * tile_scenarios;
      panel_losses(collapsed ? z + t * from : returns + t * to, turned, columns(), portfolios, to_tile, row);
      path_scales(first + static_cast<u64>(t * tile_scenarios), law, scale);
      for (i64 p = 0; p < portfolios; p++)
        for (i64 lane = 0; lane < tile_scenarios; lane++) to_tile[p * row + lane] = to_tile[p * row + lane] * scale[lane] + shift[p];
    }
  }

  // What a loss is without deviations from the mean, and the weights of what it is made from.
  void weigh(const f64* weights, Space& space) {
    f64 *losses = space.take(portfolios), *rows = space.take(collapsed ? portfolios * model.variables : 0);
    f64* turning = space.take(round_up(portfolios, 8) * columns());
    for (i64 p = 0; p < portfolios; p++) {
      losses[p] = 0;
      for (i64 i = 0; i < model.assets; i++) losses[p] -= weights[p * model.assets + i] * model.mean[i];
      if (collapsed) collapse(model, weights + p * model.assets, rows + p * model.variables);
    }
    turn_weights(collapsed ? rows : weights, portfolios, columns(), turning);
    turned = turning, shift = losses;
  }
};

}  // namespace

static i64 scratch_size(const Sizes& of) {
  const ModelSizes model = model_sizes(of, names.option("assets"), names.input("loadings"));
  const i64 portfolios = of.length(names.input("weights")) / model.assets, threads = of.option(names.option("threads"));
  const bool collapsed = static_cast<Form>(of.option(names.option("form"))) == Form::collapsed;
  const i64 weights = (round_up(portfolios, 8) + portfolios) * (collapsed ? model.variables : model.assets);
  const i64 space = model.batch * (model.variables + (collapsed ? 0 : model.assets + 8));
  const PathPlan plan{of.option(names.option("paths")), portfolios, model.batch, space, static_cast<i32>(threads)};
  return model.space() + portfolios + weights + tail_scratch(plan, tail_rule(of.number(names.option("confidence"))));
}

static Status monte_carlo_risk(In<f64> weights, OptionalIn<f64> mean, OptionalIn<f64> covariance, OptionalIn<f64> loadings,
                               OptionalIn<f64> factor_covariance, OptionalIn<f64> specific_variance, i32 assets, i32 paths, f64 confidence,
                               Distribution distribution, f64 df, Form form, i32 seed, i32 stream, i32 threads, Workspace scratch, Threads crew,
                               Out<f64> var, Out<f64> es, Out<f64> var_low, Out<f64> var_high, Out<f64> var_error, Out<f64> es_error) {
  Space space{scratch.data};
  Simulation of{{}, law_of(distribution, df, seed, stream), form == Form::collapsed, var.length, 0, nullptr, nullptr};
  const ModelInputs given{mean, covariance, loadings, factor_covariance, specific_variance};
  f64* const room = space.take(model_space(assets, given.depth(assets)));
  if (const Status opened = open_model(given, {names.input("covariance"), names.input("factorCovariance")}, assets, room, of.model);
      opened.code != OK)
    return opened;
  of.batch = batch_paths(of.model.variables);
  of.weigh(weights.data, space);
  const bool whole = simulate_tails(
      {paths, of.portfolios, of.batch, of.space(), threads}, tail_rule(confidence), crew, space,
      [&](u64 first, f64* losses, i64 row, f64* room) { of.make(first, losses, row, room); },
      RiskOutputs{var, es, var_low, var_high, var_error, es_error});
  return whole ? done() : cancelled();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(monte_carlo_risk)
