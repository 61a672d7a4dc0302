// Contract: src/kernels/risk/covariance/sample_covariance.ts. Shader: shaders/product_sums.metal, over rows that are centred here in f64.
#include "linalg/covariance.h"
#include "gpu/gpu_products.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns", .options = "assets, ddof", .outputs = "covariance, mean"};

static i64 scratch_size(const Sizes&) { return 0; }

static Status sample_covariance(In<f32> returns, i32 assets, i32 ddof, Workspace, Out<f64> covariance, Out<f64> mean) {
  const i64 n = assets, rows = returns.length / n;
  column_means(returns.data, rows, n, mean.data);
  Work work;
  Pair *centred, *sums;
  const LaunchArgument panel = work.take(rows * n, centred), found = work.take(n * n, sums);
  for (i64 k = 0; k < rows * n && !work.failed(); k++) centred[k] = pair_of(static_cast<f64>(returns[k]) - mean[k % n]);
  const product_sums_constants constants{static_cast<u32>(n), static_cast<u32>(n), static_cast<u32>(rows), 1, 0};
  work.launch(product_sums, n * n, {panel, panel, Work::constants(Pair{}), found, Work::constants(constants)});
  if (!work.finish()) return device_failed();
  const f64 divisor = static_cast<f64>(rows - ddof);
  for (i64 k = 0; k < n * n; k++) covariance[k] = value_of(sums[k]);
  mirror(covariance.data, n, [=](i64, i64, f64 sum) { return sum / divisor; });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
GPU_KERNEL(sample_covariance, false, &product_sums)
