// Contract: src/kernels/portfolio/mean_variance/inverse_volatility.ts. Variances from V V' + diag(D).
#include "kernels/portfolio/parts/risk_model.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{
    .inputs = "covariance, loading, factorCovariance, specificVariance, returns", .options = "assets", .outputs = "weights, volatility, total"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return risk_model_scratch(of, names.input("covariance"), assets) + padded(risk_model_factors(of, names.input("covariance"), assets));
}

static Status inverse_volatility(OptionalIn<f64> covariance, OptionalIn<f64> loading, OptionalIn<f64> factor_covariance,
                                 OptionalIn<f64> specific_variance, OptionalIn<f64> returns, i32 assets, Workspace scratch, Out<f64> weights,
                                 Out<f64> volatility, Out<f64> total) {
  RiskModel model;
  const RiskPorts risk{covariance, loading, factor_covariance, specific_variance, returns};
  if (const Status status = risk_model(risk, names.input("covariance"), assets, scratch.data, model); status.code != OK) return status;
  f64 sum = 0;
  i64 still = 0;
  for (i64 i = 0; i < assets; i++) {
    volatility[i] = __builtin_sqrt(variance_of(model, i));
    still += volatility[i] == 0;
    sum += 1 / volatility[i];
  }
  for (i64 i = 0; i < assets; i++) weights[i] = still > 0 ? (volatility[i] == 0 ? 1 / static_cast<f64>(still) : 0.0) : 1 / volatility[i] / sum;
  f64* y = scratch.data + scratch.length - model.step;
  factor_exposure(model, weights.data, y);
  f64 squares = dot(y, y, model.step);
  for (i64 i = 0; i < assets; i++) squares += model.d[i] * weights[i] * weights[i];
  total[0] = __builtin_sqrt(squares);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(inverse_volatility)
