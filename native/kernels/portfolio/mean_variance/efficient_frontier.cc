// Contract: src/kernels/portfolio/mean_variance/efficient_frontier.ts. The critical line, from the portfolio of least variance on, instead of a
// programme a point: twice, for where it ends, and for its points.
#include "descending.h"
#include "frontier_path.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs =
                                 "covariance, loading, factorCovariance, specificVariance, returns, expected, target, lower, upper, constraint, "
                                 "constraintLower, constraintUpper, start",
                             .options = "assets, points, budget, tolerance, maxIterations",
                             .outputs =
                                 "weights, expectedReturn, variance, slope, status, gap, primalResidual, degenerate, turningPoints, "
                                 "budgetCertificate, certificate"};

namespace {

struct FrontierSpace {
  f64 *push, *wanted, *order, *mu, *solver;
  PathSpace path;
};
FrontierSpace frontier_space(Room& room, i64 n, i64 step, i64 linear, i64 points, bool whole) {
  FrontierSpace to{};
  to.push = room.take(n), to.wanted = room.take(points), to.order = room.take(points), to.mu = room.take(n);
  to.solver = room.take(programme_scratch(n, step, linear, whole));
  to.path = path_space(room, n, 1 + linear, step);
  return to;
}

// By how much the variance of w is above a bound on that of all weights with the same return or more, as a share of it.
f64 point_gap(const Programme& of, const FrontierPath& path, const f64* mu, const f64* push, f64 variance, f64 asked, f64 t) {
  const i64 n = of.risk->assets;
  f64 bound = -0.5 * variance + t * asked;
  for (i64 r = 0; r <= of.linear; r++) bound -= side_value(of, r, path.multipliers().value(r, t));
  for (i64 i = 0; i < n; i++) {
    f64 d = push[i] - t * mu[i];
    for (i64 r = 0; r <= of.linear; r++) d += path.multipliers().value(r, t) * path.coefficient(r, i);
    bound += d > 0 ? d * of.lower[i] : d * of.upper[i];
  }
  const f64 over = 0.5 * variance - bound;
  return variance > 0 ? over / (0.5 * variance) : over;
}

}  // namespace

static i64 scratch_size(const Sizes& of) {
  constexpr i32 first = names.input("covariance");
  const i64 n = of.option(names.option("assets")), step = padded(risk_model_factors(of, first, n)),
            linear = of.length(names.input("constraintLower"));
  Room room;
  frontier_space(room, n, step, linear, of.option(names.option("points")), risk_model_is_whole(of, first, n));
  return risk_model_scratch(of, first, n) + room.used + 8;
}

static Status efficient_frontier(OptionalIn<f64> covariance, OptionalIn<f64> loading, OptionalIn<f64> factor_covariance,
                                 OptionalIn<f64> specific_variance, OptionalIn<f64> returns, In<f64> expected, OptionalIn<f64> target,
                                 OptionalIn<f64> lower, OptionalIn<f64> upper, OptionalIn<f64> constraint, OptionalIn<f64> constraint_lower,
                                 OptionalIn<f64> constraint_upper, OptionalIn<f64> start, i32 assets, i32 points, f64 budget, f64 tolerance, i32 most,
                                 Workspace scratch, Out<f64> weights, Out<f64> reward, Out<f64> variance, Out<f64> slope, Out<i32> status,
                                 Out<f64> gap, Out<f64> primal, Out<i32> degenerate, Out<i32> turning_points, Out<f64> budget_certificate,
                                 OptionalOut<f64> certificate) {
  const i64 n = assets, linear = constraint_lower.length;
  const SidePorts sides{lower, upper, constraint, constraint_lower, constraint_upper};
  if (const Status look = look_at_sides(sides, names.input("lower"), n); look.code != OK) return look;
  RiskModel risk;
  const RiskPorts ports{covariance, loading, factor_covariance, specific_variance, returns};
  if (const Status made = risk_model(ports, names.input("covariance"), n, scratch.data, risk); made.code != OK) return made;
  Room counted;
  frontier_space(counted, n, risk.step, linear, points, risk.whole != nullptr);
  Room room{scratch.data + scratch.length - counted.used};
  const FrontierSpace space = frontier_space(room, n, risk.step, linear, points, risk.whole != nullptr);
  const ProgrammeSpace rest = programme_space(space.solver, n, linear);
  const Programme programme = programme_of(risk, sides, budget, rest);
  SolverSpace solver = solver_space(rest.solver, n, risk.step, linear, risk.whole != nullptr);
  Solution found{.x = rest.x, .bound = rest.bound, .multiplier = rest.multiplier, .certificate = rest.certificate};
  for (i64 i = 0; i < n && start; i++) found.x[i] = start[i];
  for (i64 r = 0; r < rows_of(linear); r++) found.multiplier[r] = 0;
  solve_programme(programme, {.tolerance = tolerance < 1e-10 ? tolerance : 1e-10, .most = most, .warm = static_cast<bool>(start)}, solver, found);
  const bool none = found.status == 2;
  budget_certificate[0] = none ? found.certificate[0] : 0;
  for (i64 r = 0; r < certificate.length; r++) certificate[r] = none ? found.certificate[r + 1] : 0;
  const f64 nan = __builtin_nan("");
  for (i64 k = 0; k < points; k++) {
    status[k] = none ? 2 : 1, degenerate[k] = 0;
    reward[k] = variance[k] = slope[k] = gap[k] = primal[k] = nan;
    for (i64 i = 0; i < n; i++) weights[k * n + i] = nan;
  }
  turning_points[0] = 0;
  if (none) return done();

  // Returns over the largest: what the path divides and multiplies neither vanishes nor overflows.
  f64 unit = 0;
  for (i64 i = 0; i < n; i++) unit = __builtin_fabs(expected[i]) > unit ? __builtin_fabs(expected[i]) : unit;
  if (!(unit > 0)) unit = 1;
  const f64* mu = space.mu;
  for (i64 i = 0; i < n; i++) space.mu[i] = expected[i] / unit;
  FrontierPath path(programme, mu, space.path);
  f64 least = 0, largest = 0;
  const auto reward_at = [&](f64 t) {
    f64 sum = 0;
    for (i64 i = 0; i < n; i++) sum += mu[i] * (path.weights().at[i] + (path.weights().by[i] != 0 ? t * path.weights().by[i] : 0));
    return sum;
  };
  bool whole = path.walk(found.x, found.multiplier, [&](f64 from, f64 to) {
    if (from == 0) least = reward_at(0);
    largest = reward_at(to < __builtin_huge_val() ? to : from);
  });
  turning_points[0] = static_cast<i32>(path.turns);
  for (i64 k = 0; k < points; k++) {
    const f64 share = points > 1 ? static_cast<f64>(k) / static_cast<f64>(points - 1) : 0;
    space.wanted[k] = -(target ? target[k] / unit : k == points - 1 && points > 1 ? largest : least + share * (largest - least));
    space.order[k] = static_cast<f64>(k);
  }
  sort_descending(space.order, points, space.wanted);
  i64 next = 0;
  const f64 dust = 1e-12 * (__builtin_fabs(largest) + __builtin_fabs(least));
  path.walk(found.x, found.multiplier, [&](f64 from, f64 to) {
    const bool end = !(to < __builtin_huge_val());
    const f64 first = reward_at(from), last = end ? first : reward_at(to);
    const auto asked = [&](i64 k) { return -space.wanted[static_cast<i64>(space.order[k])]; };
    if (next >= points || asked(next) > last + (end ? dust : 0)) return;
    const bool alike = path.degenerate();
    for (; next < points && asked(next) <= last + (end ? dust : 0); next++) {
      const i64 k = static_cast<i64>(space.order[next]);
      f64 t = last > first ? from + (to - from) * ((asked(next) - first) / (last - first)) : from;
      t = t < from ? from : t;
      f64* w = weights.data + k * n;
      for (i64 i = 0; i < n; i++) {
        const f64 x = path.weights().at[i] + (path.weights().by[i] != 0 ? t * path.weights().by[i] : 0);
        w[i] = x < programme.lower[i] ? programme.lower[i] : x > programme.upper[i] ? programme.upper[i] : x;
      }
      path.covariance_times_weights(w, space.push);
      variance[k] = dot(w, space.push, n), reward[k] = dot(w, expected.data, n), slope[k] = 2 * t / unit, degenerate[k] = alike;
      const f64 reached = dot(w, mu, n), floor = asked(next) < reached ? reached : asked(next);
      gap[k] = point_gap(programme, path, mu, space.push, variance[k], t > 0 ? floor : 0, t);
      f64 missed = 0;
      for (i64 r = 0; r <= linear; r++) {
        const f64 value = row_value(programme, r, w), off = value > programme.high[r] ? value - programme.high[r] : programme.low[r] - value;
        missed = off > missed ? off : missed;
      }
      primal[k] = missed;
      status[k] = whole && gap[k] <= tolerance && missed <= tolerance ? 0 : 1;
    }
  });
  for (; next < points; next++) status[static_cast<i64>(space.order[next])] = whole ? 2 : 1;
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(efficient_frontier)
