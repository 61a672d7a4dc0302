// Contract: src/kernels/portfolio/mean_variance/maximum_diversification.ts. By secants over programmes (tangency.h) instead of homogenization.
#include "tangency.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{
    .inputs = "covariance, loading, factorCovariance, specificVariance, returns, lower, upper, constraint, constraintLower, constraintUpper, start",
    .options = "assets, budget, tolerance, maxIterations",
    .outputs =
        "diversification, weights, status, primalResidual, dualResidual, gap, iterations, volatility, constraintMultiplier, budgetCertificate, "
        "certificate"};

static i64 scratch_size(const Sizes& of) {
  constexpr i32 first = names.input("covariance");
  const i64 n = of.option(names.option("assets")), step = padded(risk_model_factors(of, first, n));
  const i64 linear = of.length(names.input("constraintLower"));
  return risk_model_scratch(of, first, n) + n + tangency_scratch(n) + programme_scratch(n, step, linear, risk_model_is_whole(of, first, n));
}

static Status maximum_diversification(OptionalIn<f64> covariance, OptionalIn<f64> loading, OptionalIn<f64> factor_covariance,
                                      OptionalIn<f64> specific_variance, OptionalIn<f64> returns, OptionalIn<f64> lower, OptionalIn<f64> upper,
                                      OptionalIn<f64> constraint, OptionalIn<f64> constraint_lower, OptionalIn<f64> constraint_upper,
                                      OptionalIn<f64> start, i32 assets, f64 budget, f64 tolerance, i32 most, Workspace scratch,
                                      Out<f64> diversification, Out<f64> weights, Out<i32> status, Out<f64> primal, Out<f64> dual, Out<f64> gap,
                                      Out<i32> iterations, Out<f64> volatility, OptionalOut<f64> multiplier, Out<f64> budget_certificate,
                                      OptionalOut<f64> certificate) {
  const i64 n = assets, linear = constraint_lower.length;
  const SidePorts sides{lower, upper, constraint, constraint_lower, constraint_upper};
  if (const Status look = look_at_sides(sides, names.input("lower"), n); look.code != OK) return look;
  RiskModel risk;
  const RiskPorts ports{covariance, loading, factor_covariance, specific_variance, returns};
  if (const Status made = risk_model(ports, names.input("covariance"), n, scratch.data, risk); made.code != OK) return made;
  f64* rest = scratch.data + scratch.length - programme_scratch(n, risk.step, linear, risk.whole != nullptr);
  f64 *more = rest - tangency_scratch(n), *excess = more - n;
  const ProgrammeSpace space = programme_space(rest, n, linear);
  Programme programme = programme_of(risk, sides, budget, space);
  SolverSpace solver = solver_space(space.solver, n, risk.step, linear, risk.whole != nullptr);
  Solution found{.x = space.x, .bound = space.bound, .multiplier = space.multiplier, .certificate = space.certificate};
  for (i64 i = 0; i < n && start; i++) found.x[i] = start[i];
  for (i64 r = 0; r < rows_of(linear); r++) found.multiplier[r] = 0;
  for (i64 i = 0; i < n; i++) excess[i] = __builtin_sqrt(variance_of(risk, i));
  const Effort effort{.tolerance = tolerance < 1e-11 ? tolerance : 1e-11, .most = most, .warm = static_cast<bool>(start)};
  const Tangency best = find_tangency(programme, excess, effort, solver, {more, more + n, more + 2 * n}, found);
  if (best.none)
    return refuse(BAD_VALUE, covariance ? names.input("covariance") : returns ? names.input("returns") : names.input("specificVariance"), 0, 0);
  const bool none = found.status == 2;
  const f64 nan = __builtin_nan("");
  status[0] = none ? 2 : best.gap <= 10 * tolerance && found.primal <= tolerance ? 0 : 1;
  iterations[0] = found.iterations;
  diversification[0] = none ? nan : best.ratio;
  volatility[0] = none ? nan : __builtin_sqrt(best.variance);
  primal[0] = none ? nan : found.primal, dual[0] = none ? nan : best.dual, gap[0] = none ? nan : best.gap;
  for (i64 i = 0; i < n; i++) weights[i] = none ? nan : found.x[i];
  budget_certificate[0] = none ? found.certificate[0] : 0;
  for (i64 r = 0; r < multiplier.length; r++) {
    multiplier[r] = none ? nan : found.multiplier[r + 1] * best.ratio / best.variance;
    certificate[r] = none ? found.certificate[r + 1] : 0;
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(maximum_diversification)
