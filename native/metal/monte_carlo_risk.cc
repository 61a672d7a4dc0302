// Contract: src/kernels/risk/tail/monte_carlo_risk.ts. Shaders: shaders/normal_draws.metal, shaders/product_sums.metal. Weights are always taken
// over to the random variables, whatever `form` says; the tail is kept here.
#include "gpu/gpu_paths.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "weights, mean, covariance, loadings, factorCovariance, specificVariance",
                             .options = "assets, paths, confidence, distribution, df, form, seed, stream, threads",
                             .outputs = "var, es, varLow, varHigh, varError, esError"};

static i64 scratch_size(const Sizes& of) {
  const ModelSizes model = model_sizes(of, names.option("assets"), names.input("loadings"));
  const PathPlan plan{of.option(names.option("paths")), of.length(names.input("weights")) / model.assets, model.batch, 0, 1};
  return model.space() + tail_scratch(plan, tail_rule(of.number(names.option("confidence"))));
}

static Status monte_carlo_risk(In<f64> weights, OptionalIn<f64> mean, OptionalIn<f64> covariance, OptionalIn<f64> loadings,
                               OptionalIn<f64> factor_covariance, OptionalIn<f64> specific_variance, i32 assets, i32 paths, f64 confidence,
                               Distribution distribution, f64 df, Form, i32 seed, i32 stream, i32, Workspace scratch, Threads crew, Out<f64> var,
                               Out<f64> es, Out<f64> var_low, Out<f64> var_high, Out<f64> var_error, Out<f64> es_error) {
  Space space{scratch.data};
  ReturnModel model;
  const Law law = law_of(distribution, df, seed, stream);
  const i64 portfolios = var.length;
  const ModelInputs given{mean, covariance, loadings, factor_covariance, specific_variance};
  f64* const room = space.take(model_space(assets, given.depth(assets)));
  if (const Status opened = open_model(given, {names.input("covariance"), names.input("factorCovariance")}, assets, room, model); opened.code != OK)
    return opened;
  std::vector<f64> turned(static_cast<size_t>(portfolios * model.variables)), shift(static_cast<size_t>(portfolios));
  for (i64 p = 0; p < portfolios; p++) {
    collapse(model, weights.data + p * assets, turned.data() + p * model.variables);
    for (i64 i = 0; i < assets; i++) shift[static_cast<size_t>(p)] -= weights[p * assets + i] * model.mean[i];
  }
  const PathSums sums{portfolios, model.variables, model.variables, turned.data(), nullptr};
  const PathPlan plan{paths, portfolios, batch_paths(model.variables), 0, 1};
  return tails_of_device(
      plan, tail_rule(confidence), crew, space,
      [&](i64 first, i64 count, f64* losses, i64 row) {
        Work work;
        return portfolios == 0 || each_path_batch(work, sums, static_cast<u64>(first), count, law, [&](const PathBatch& batch) {
                 if (!work.finish()) return false;
                 for (i64 p = 0; p < portfolios; p++)
                   for (i64 k = 0; k < batch.count; k++) losses[p * row + batch.start + k] = shift[static_cast<size_t>(p)] - batch.deviation(p, k);
                 return true;
               });
      },
      RiskOutputs{var, es, var_low, var_high, var_error, es_error});
}

}  // namespace tickforge::TICKFORGE_ISA
GPU_KERNEL(monte_carlo_risk, true, &normal_draws, &product_sums)
