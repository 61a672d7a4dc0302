// Contract: src/kernels/risk/tail/simulate_returns.ts. Shaders: shaders/normal_draws.metal, shaders/product_sums.metal. The Cholesky factor and
// the scales of Student's t are made here.
#include "gpu/gpu_paths.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "mean, covariance, loadings, factorCovariance, specificVariance",
                             .options = "assets, paths, firstPath, distribution, df, seed, stream, threads",
                             .outputs = "returns"};

static i64 scratch_size(const Sizes& of) { return model_sizes(of, names.option("assets"), names.input("loadings")).space(); }

static Status simulate_returns(OptionalIn<f64> mean, OptionalIn<f64> covariance, OptionalIn<f64> loadings, OptionalIn<f64> factor_covariance,
                               OptionalIn<f64> specific_variance, i32 assets, i32 paths, i32 first_path, Distribution distribution, f64 df, i32 seed,
                               i32 stream, i32, Workspace scratch, Threads, Out<f64> returns) {
  ReturnModel model;
  const Law law = law_of(distribution, df, seed, stream);
  const ModelInputs given{mean, covariance, loadings, factor_covariance, specific_variance};
  if (const Status opened = open_model(given, {names.input("covariance"), names.input("factorCovariance")}, assets, scratch.data, model);
      opened.code != OK)
    return opened;
  const PathSums sums{assets, model.depth, model.variables, model.dense, model.specific};
  Work work;
  const bool whole = each_path_batch(work, sums, static_cast<u64>(first_path), paths, law, [&](const PathBatch& batch) {
    if (!work.finish()) return false;
    for (i64 k = 0; k < batch.count; k++)
      for (i64 i = 0; i < assets; i++) returns[(batch.start + k) * assets + i] = batch.deviation(i, k) + model.mean[i];
    return true;
  });
  return whole ? done() : device_failed();
}

}  // namespace tickforge::TICKFORGE_ISA
GPU_KERNEL(simulate_returns, true, &normal_draws, &product_sums)
