// Contract: src/kernels/risk/tail/simulate_returns.ts. Panels of neighbouring paths, turned into rows.
#include "abi/parallel.h"
#include "kernels/risk/parts/return_model.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "mean, covariance, loadings, factorCovariance, specificVariance",
                             .options = "assets, paths, firstPath, distribution, df, seed, stream, threads",
                             .outputs = "returns"};

static i64 scratch_size(const Sizes& of) {
  const ModelSizes model = model_sizes(of, names.option("assets"), names.input("loadings"));
  return model.space() + of.option(names.option("threads")) * model.batch * (model.variables + model.assets + 8);
}

static Status simulate_returns(OptionalIn<f64> mean, OptionalIn<f64> covariance, OptionalIn<f64> loadings, OptionalIn<f64> factor_covariance,
                               OptionalIn<f64> specific_variance, i32 assets, i32 paths, i32 first_path, Distribution distribution, f64 df, i32 seed,
                               i32 stream, i32 threads, Workspace scratch, Threads crew, Out<f64> returns) {
  ReturnModel model;
  const Law law = law_of(distribution, df, seed, stream);
  const ModelInputs given{mean, covariance, loadings, factor_covariance, specific_variance};
  if (const Status opened = open_model(given, {names.input("covariance"), names.input("factorCovariance")}, assets, scratch.data, model);
      opened.code != OK)
    return opened;
  const i64 batch = batch_paths(model.variables), tiles = batch / tile_scenarios, wide = (model.assets + 8) * tile_scenarios;
  f64* spaces = scratch.data + model_space(assets, model.depth);
  const bool whole = spread(crew, (paths + batch - 1) / batch, batch, threads, [&](i64 part, i32 thread) {
    f64 *z = spaces + thread * batch * (model.variables + model.assets + 8), *made = z + batch * model.variables, scale[tile_scenarios];
    for (i64 t = 0; t < tiles; t++)
      normal_panel(static_cast<u64>(first_path + part * batch + t * tile_scenarios), model.variables, law.seed, law.stream,
                   z + t * model.variables * tile_scenarios);
    returns_of(model, z, made, tiles);
    for (i64 t = 0; t < tiles; t++) {
      const i64 start = part * batch + t * tile_scenarios, count = paths - start < tile_scenarios ? paths - start : tile_scenarios;
      path_scales(static_cast<u64>(first_path + start), law, scale);
      for (i64 lane = 0; lane < count; lane++)
        for (i64 i = 0; i < assets; i++)
          returns[(start + lane) * assets + i] = made[t * wide + i * tile_scenarios + lane] * scale[lane] + model.mean[i];
    }
  });
  return whole ? done() : cancelled();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(simulate_returns)
