// Contract: src/kernels/portfolio/mean_variance/mean_variance.ts. Newton's method on the dual (solve_programme.h), each row from the one before it.
#include "kernels/portfolio/parts/programme_call.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs =
                                 "covariance, loading, factorCovariance, specificVariance, returns, lower, upper, constraint, "
                                 "constraintLower, constraintUpper, expected, riskAversion, benchmark, held, tradeCost, quadraticCost, "
                                 "impactCost, start",
                             .options = "assets, budget, tolerance, maxIterations, turnoverLimit, grossLimit, shortLimit",
                             .outputs =
                                 "weights, status, objective, primalResidual, dualResidual, gap, iterations, mean, risk, cost, turnover, "
                                 "boundMultiplier, limitMultiplier, constraintMultiplier, limitCertificate, certificate"};

static i64 scratch_size(const Sizes& of) {
  constexpr i32 first = names.input("covariance");
  const i64 n = of.option(names.option("assets")), step = padded(risk_model_factors(of, first, n));
  const i64 linear = of.length(names.input("constraintLower"));
  return risk_model_scratch(of, first, n) + 3 * n + step + programme_scratch(n, step, linear, risk_model_is_whole(of, first, n));
}

// Covariance times x.
static void times(const RiskModel& risk, const f64* x, f64* y, f64* out) {
  if (!risk.whole) {
    factor_exposure(risk, x, y);
    return covariance_times(risk, x, y, out);
  }
  for (i64 i = 0; i < risk.assets; i++) out[i] = dot(risk.whole + i * risk.assets, x, risk.assets);
}

static Status mean_variance(OptionalIn<f64> covariance, OptionalIn<f64> loading, OptionalIn<f64> factor_covariance, OptionalIn<f64> specific_variance,
                            OptionalIn<f64> returns, OptionalIn<f64> lower, OptionalIn<f64> upper, OptionalIn<f64> constraint,
                            OptionalIn<f64> constraint_lower, OptionalIn<f64> constraint_upper, In<f64> expected, OptionalIn<f64> risk_aversion,
                            OptionalIn<f64> benchmark, OptionalIn<f64> held, OptionalIn<f64> trade_cost, OptionalIn<f64> quadratic_cost,
                            OptionalIn<f64> impact_cost, OptionalIn<f64> start, i32 assets, f64 budget, f64 tolerance, i32 most, f64 turnover_limit,
                            f64 gross_limit, f64 short_limit, Workspace scratch, Out<f64> weights, Out<i32> status, Out<f64> objective,
                            Out<f64> primal, Out<f64> dual, Out<f64> gap, Out<i32> iterations, Out<f64> mean, Out<f64> risk_of, Out<f64> cost,
                            Out<f64> turnover, Out<f64> bound, Out<f64> limit_multiplier, OptionalOut<f64> constraint_multiplier,
                            Out<f64> limit_certificate, OptionalOut<f64> certificate) {
  const i64 n = assets, linear = constraint_lower.length, rows = rows_of(linear);
  const SidePorts sides{lower, upper, constraint, constraint_lower, constraint_upper};
  if (const Status look = look_at_sides(sides, names.input("lower"), n); look.code != OK) return look;
  RiskModel risk;
  const RiskPorts ports{covariance, loading, factor_covariance, specific_variance, returns};
  if (const Status made = risk_model(ports, names.input("covariance"), n, scratch.data, risk); made.code != OK) return made;
  f64* rest = scratch.data + scratch.length - programme_scratch(n, risk.step, linear, risk.whole != nullptr);
  f64 *pull = rest - 3 * n - risk.step, *active = pull + n, *image = active + n, *y = image + n;
  const ProgrammeSpace space = programme_space(rest, n, linear);
  Programme programme = programme_of(risk, sides, budget, space);
  const f64 limits[] = {turnover_limit, gross_limit, short_limit};
  for (i64 l = 0; l < 3; l++)
    if (limits[l] < 0x1.fffffffffffffp1023) space.high[linear + 1 + l] = limits[l];
  programme.held = held.data, programme.trade = trade_cost.data, programme.quadratic = quadratic_cost.data, programme.impact = impact_cost.data;
  SolverSpace solver = solver_space(space.solver, n, risk.step, linear, risk.whole != nullptr);
  Solution found{.x = space.x, .bound = space.bound, .multiplier = space.multiplier, .certificate = space.certificate};
  for (i64 i = 0; i < n && start; i++) found.x[i] = start[i];
  for (i64 r = 0; r < rows; r++) found.multiplier[r] = 0;
  bool warm = static_cast<bool>(start);
  for (i64 p = 0; p < status.length; p++) {
    const f64 aversion = risk_aversion ? risk_aversion[p] : 1.0;
    if (benchmark) times(risk, benchmark.data, y, image);
    for (i64 i = 0; i < n; i++) pull[i] = expected[p * n + i] + (benchmark ? aversion * image[i] : 0.0);
    programme.risk_aversion = aversion, programme.expected = pull;
    solve_programme(programme, {.tolerance = tolerance, .most = most, .warm = warm}, solver, found);
    warm = found.status == 0;
    write_answer(programme, found,
                 {weights.data + p * n, status.data + p, objective.data + p, primal.data + p, dual.data + p, gap.data + p, iterations.data + p,
                  bound.data + p * n});
    const f64* w = weights.data + p * n;
    mean[p] = dot(expected.data + p * n, w, n), cost[p] = turnover[p] = 0;
    for (i64 i = 0; i < n; i++) {
      const f64 traded = __builtin_fabs(w[i] - held_of(programme, i));
      active[i] = w[i] - (benchmark ? benchmark[i] : 0.0);
      turnover[p] += traded;
      cost[p] += ((trade_cost ? trade_cost[i] : 0.0) + (impact_cost ? impact_cost[i] : 0.0) * __builtin_sqrt(traded) +
                  (quadratic_cost ? 0.5 * quadratic_cost[i] : 0.0) * traded) *
                 traded;
    }
    times(risk, active, y, image);
    const f64 variance = dot(active, image, n);
    risk_of[p] = variance < 0 ? 0.0 : __builtin_sqrt(variance);  // of NaN, NaN
    // Of w - benchmark itself: as a difference of what w and the benchmark have, it would be rounding where the two nearly cancel.
    objective[p] = 0.5 * aversion * variance - mean[p] + cost[p];
    const bool none = found.status == 2;
    for (i64 l = 0; l < 4; l++) {
      const i64 r = l == 0 ? 0 : linear + l;
      limit_multiplier[p * 4 + l] = none ? __builtin_nan("") : found.multiplier[r];
      limit_certificate[p * 4 + l] = found.certificate[r];
    }
    for (i64 r = 0; r < linear; r++) {
      constraint_multiplier[p * linear + r] = none ? __builtin_nan("") : found.multiplier[r + 1];
      certificate[p * linear + r] = found.certificate[r + 1];
    }
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(mean_variance)
