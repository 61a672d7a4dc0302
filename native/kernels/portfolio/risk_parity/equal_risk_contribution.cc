// Contract: src/kernels/portfolio/risk_parity/equal_risk_contribution.ts.
#include "bounded_budgets.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{
    .inputs = "covariance, loading, factorCovariance, specificVariance, returns, budget, lower, upper, start",
    .options = "assets, portfolios, tolerance, maxIterations",
    .outputs = "weights, share, riskless, bound, status, volatility, objective, primalResidual, dualResidual, gap, iterations"};

static constexpr i32 model_port = names.input("covariance"), lower_port = names.input("lower");
static i64 scratch_size(const Sizes& of) {
  const i64 n = of.option(names.option("assets"));
  return risk_model_scratch(of, model_port, n) + 7 * n + padded(risk_model_factors(of, model_port, n));
}

static Status equal_risk_contribution(OptionalIn<f64> covariance, OptionalIn<f64> loading, OptionalIn<f64> factor_covariance,
                                      OptionalIn<f64> specific_variance, OptionalIn<f64> returns, OptionalIn<f64> budgets, OptionalIn<f64> least,
                                      OptionalIn<f64> largest, OptionalIn<f64> start, i32 assets, i32 portfolios, f64 tolerance, i32 most,
                                      Workspace scratch, Out<f64> weights, Out<f64> share, Out<f64> riskless, Out<i32> bound, Out<i32> status,
                                      Out<f64> volatility, Out<f64> objective, Out<f64> primal, Out<f64> dual, Out<f64> gap, Out<i32> iterations) {
  const i64 n = assets;
  const RiskPorts ports{covariance, loading, factor_covariance, specific_variance, returns};
  f64 *variance = scratch.data, *budget = variance + n, *y = budget + n, *pull = y + n, *lower = pull + n, *upper = lower + n, *kept = upper + n,
      *rest = kept + n;
  RiskModel model{};
  f64 *z = rest, *space = z + model_step(ports, n);
  if (const Status said = risky_model(ports, model_port, n, space, model, variance); said.code != OK) return said;
  for (i64 i = 0; i < n; i++) {
    lower[i] = least ? least[i] : 0.0, upper[i] = largest ? largest[i] : 1.0;
    if (lower[i] > upper[i]) return refuse(BAD_VALUE, lower_port + (least ? 0 : 1), i, 0);
  }
  const f64 nan = __builtin_nan(""), near = 1e-12;
  for (i64 p = 0; p < portfolios; p++) {
    f64 *w = weights.data + p * n, *s = share.data + p * n, *without = riskless.data + p * n;
    for (i64 i = 0; i < n; i++) budget[i] = budgets ? budgets[p * n + i] : 1.0;
    const f64 asked = sum_of(budget, n);
    for (i64 i = 0; i < n; i++) budget[i] /= asked, y[i] = start ? start[i] : 1 / __builtin_sqrt(variance[i]);
    status[p] = BoundedSearch{{model, variance, budget, y, z}, lower, upper, kept}.run(tolerance, most, iterations[p]);
    const bool none = status[p] == 2 || status[p] == 4;
    i32* at = bound.data + p * n;
    for (i64 i = 0; i < n; i++) {
      w[i] = none ? nan : y[i];
      s[i] = nan;
      without[i] = status[p] == 2 ? y[i] : 0.0;
      at[i] = none ? 0 : upper[i] < 1 && y[i] >= (1 - near) * upper[i] ? 1 : lower[i] > 0 && y[i] <= (1 + near) * lower[i] ? -1 : 0;
    }
    volatility[p] = objective[p] = primal[p] = dual[p] = gap[p] = nan;
    if (none) continue;
    factor_exposure(model, w, z);
    covariance_times(model, w, z, pull);
    f64 whole = 0, logs = 0, apart = 0, most_wrong = 0, shares = 0, budgeted = 0;
    for (i64 i = 0; i < n; i++) whole += w[i] * pull[i];
    for (i64 i = 0; i < n; i++)
      if (at[i] == 0) shares += w[i] * pull[i] / whole, budgeted += budget[i];
    for (i64 i = 0; i < n; i++) {
      s[i] = w[i] * pull[i] / whole;
      const f64 x = s[i] / budget[i] - 1, wrong = __builtin_fabs(s[i] / (budget[i] * (shares / budgeted)) - 1);
      if (at[i] == 0 && wrong > most_wrong) most_wrong = wrong;
      logs += budget[i] * log_any(w[i]);  // of 0 where bounds leave nothing else
      apart += x > -1 ? budget[i] * (x - log_one_plus(x)) : __builtin_inf();
    }
    volatility[p] = __builtin_sqrt(whole);
    objective[p] = log_positive(whole) / 2 - logs;
    primal[p] = __builtin_fabs(sum_of(w, n) - 1);
    dual[p] = most_wrong;
    gap[p] = apart > 0 ? apart : 0.0;
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(equal_risk_contribution)
