// Contract: src/kernels/portfolio/mean_variance/minimum_variance.ts. Newton's method on the dual (solve_programme.h) instead of an active set.
#include "kernels/portfolio/parts/programme_call.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs =
                                 "covariance, loading, factorCovariance, specificVariance, returns, lower, upper, constraint, "
                                 "constraintLower, constraintUpper, start",
                             .options = "assets, budget, tolerance, maxIterations",
                             .outputs =
                                 "weights, status, objective, primalResidual, dualResidual, gap, iterations, boundMultiplier, "
                                 "budgetMultiplier, constraintMultiplier, budgetCertificate, certificate"};

static i64 scratch_size(const Sizes& of) {
  constexpr i32 first = names.input("covariance");
  const i64 n = of.option(names.option("assets")), step = padded(risk_model_factors(of, first, n));
  const i64 linear = of.length(names.input("constraintLower"));
  return risk_model_scratch(of, first, n) + programme_scratch(n, step, linear, risk_model_is_whole(of, first, n));
}

static Status minimum_variance(OptionalIn<f64> covariance, OptionalIn<f64> loading, OptionalIn<f64> factor_covariance,
                               OptionalIn<f64> specific_variance, OptionalIn<f64> returns, OptionalIn<f64> lower, OptionalIn<f64> upper,
                               OptionalIn<f64> constraint, OptionalIn<f64> constraint_lower, OptionalIn<f64> constraint_upper, OptionalIn<f64> start,
                               i32 assets, f64 budget, f64 tolerance, i32 most, Workspace scratch, Out<f64> weights, Out<i32> status,
                               Out<f64> objective, Out<f64> primal, Out<f64> dual, Out<f64> gap, Out<i32> iterations, Out<f64> bound,
                               Out<f64> budget_multiplier, OptionalOut<f64> constraint_multiplier, Out<f64> budget_certificate,
                               OptionalOut<f64> certificate) {
  const i64 n = assets, linear = constraint_lower.length;
  const SidePorts sides{lower, upper, constraint, constraint_lower, constraint_upper};
  if (const Status look = look_at_sides(sides, names.input("lower"), n); look.code != OK) return look;
  RiskModel risk;
  const RiskPorts ports{covariance, loading, factor_covariance, specific_variance, returns};
  if (const Status made = risk_model(ports, names.input("covariance"), n, scratch.data, risk); made.code != OK) return made;
  f64* rest = scratch.data + scratch.length - programme_scratch(n, risk.step, linear, risk.whole != nullptr);
  const ProgrammeSpace space = programme_space(rest, n, linear);
  const Programme programme = programme_of(risk, sides, budget, space);
  SolverSpace solver = solver_space(space.solver, n, risk.step, linear, risk.whole != nullptr);
  Solution found{.x = space.x, .bound = space.bound, .multiplier = space.multiplier, .certificate = space.certificate};
  for (i64 i = 0; i < n && start; i++) found.x[i] = start[i];
  for (i64 r = 0; r < rows_of(linear); r++) found.multiplier[r] = 0;
  solve_programme(programme, {.tolerance = tolerance, .most = most, .warm = static_cast<bool>(start)}, solver, found);
  write_answer(programme, found, {weights.data, status.data, objective.data, primal.data, dual.data, gap.data, iterations.data, bound.data});
  budget_multiplier[0] = found.status == 2 ? __builtin_nan("") : found.multiplier[0];
  budget_certificate[0] = found.certificate[0];
  for (i64 r = 0; r < constraint_multiplier.length; r++) {
    constraint_multiplier[r] = found.status == 2 ? __builtin_nan("") : found.multiplier[r + 1];
    certificate[r] = found.certificate[r + 1];
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(minimum_variance)
