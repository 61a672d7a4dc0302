// Contract: src/kernels/portfolio/tail/minimum_cvar.ts. The same linear program by an interior point on a working set of assets.
#include "tail_call.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, lower, upper, constraint, constraintLower, constraintUpper",
                             .options = "assets, confidence, budget, tolerance, maxIterations",
                             .outputs =
                                 "weights, status, shortfall, var, mean, objective, bound, gap, primalResidual, dualResidual, iterations, "
                                 "budgetMultiplier, constraintMultiplier, budgetCertificate, certificate"};

static i64 scratch_size(const Sizes& of) {
  return tail_scratch(of.length(names.input("returns")), of.length(names.input("constraint")), of.option(names.option("assets")));
}

template <class T>
Status minimum_cvar(In<T> returns, OptionalIn<f64> lower, OptionalIn<f64> upper, OptionalIn<f64> constraint, OptionalIn<f64> low,
                    OptionalIn<f64> high, i32 assets, f64 confidence, f64 budget, f64 tolerance, i32 most_iterations, Workspace scratch,
                    Out<f64> weights, Out<i32> status, Out<f64> shortfall, Out<f64> var, Out<f64> mean, Out<f64> objective, Out<f64> bound,
                    Out<f64> gap, Out<f64> primal, Out<f64> dual, Out<f64> iterations, Out<f64> budget_multiplier, OptionalOut<f64> multiplier,
                    Out<f64> budget_certificate, OptionalOut<f64> certificate) {
  const i64 periods = returns.length / assets, rows = 1 + constraint.length / assets;
  Room room{scratch.data};
  TailLimits limits = tail_limits(room, periods, assets, rows);
  const LimitPlaces places{names.input("lower"), names.input("upper"), names.input("constraintLower"), names.input("constraintUpper")};
  const Status read = read_limits({lower, upper, constraint, low, high}, places, assets, budget, limits);
  if (read.code != OK) return read;
  for (i64 i = 0; i < assets; i++) limits.cost[i] = 0;
  mean_returns(returns, assets, limits.mean);
  limits.search.count = 0;
  WorkingSet<T> set(
      {periods, assets, rows, returns.data, limits.cost, limits.lower, limits.upper, limits.matrix, limits.low, limits.high, confidence},
      limits.search);
  const TailOutputs<T> out{weights,           status,     shortfall,          var,        mean, objective, bound, gap, primal, dual, iterations,
                           budget_multiplier, multiplier, budget_certificate, certificate};
  write_answer(set.solve(tolerance, most_iterations), 1, limits, 0, assets, rows, out);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(minimum_cvar)
