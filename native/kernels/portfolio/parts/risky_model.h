// A risk model whose assets all have a variance: src/kernels/portfolio/parts/risky_model.ts.
#pragma once
#include "risk_model.h"

namespace tickforge::TICKFORGE_ISA {

// The step of the model's rows, before it is made.
inline i64 model_step(const RiskPorts& in, i64 n) {
  const i64 periods = in.returns.length / n;
  return padded(in.covariance ? n : in.loading ? in.loading.length / n : periods < n ? periods : n);
}

// Refuses the first asset whose `variance` is not above 0.
inline Status all_risky(const RiskPorts& in, i32 first, const f64* variance, i64 n) {
  for (i64 i = 0; i < n; i++)
    if (!(variance[i] > 0)) return refuse(BAD_VALUE, first + (in.covariance ? 0 : in.returns ? 4 : 3), in.returns ? i : 0, 0);
  return done();
}

// The same, with the variance of each asset.
inline Status risky_model(const RiskPorts& in, i32 first, i64 n, f64* scratch, RiskModel& model, f64* variance) {
  const Status status = risk_model(in, first, n, scratch, model);
  if (status.code != OK) return status;
  for (i64 i = 0; i < n; i++) variance[i] = in.covariance ? in.covariance[i * n + i] : variance_of(model, i);
  return all_risky(in, first, variance, n);
}

}  // namespace tickforge::TICKFORGE_ISA
