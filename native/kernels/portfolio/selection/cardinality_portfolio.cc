// Contract: src/kernels/portfolio/selection/cardinality_portfolio.ts. Instead of all patterns: the perspective relaxation and its Lagrangian bound, supports
// from its parts and from annealing, exchanges, and branch and bound.
#include "diagonal_split.h"
#include "selection_anneal.h"
#include "selection_approach.h"
#include "selection_proof.h"
#include "selection_tree.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "covariance, loading, factorCovariance, specificVariance, returns, expected, lower, upper",
                             .options = "assets, most, objective, riskAversion, minimumReturn, budget, nodes, tolerance, sweeps, seed",
                             .outputs = "weights, status, value, bound, gap, held"};
CHOICE(SelectionObjective, minimum_variance, mean_variance)

static i64 width_of(const Sizes& of, i64 n) { return padded(risk_model_factors(of, names.input("covariance"), n)); }
static i64 tree_space(i64 n, i64 step) {
  const i64 m = padded(step + 3);
  return 2 * (relaxed_space(n, step) + 2 * n) + 18 * n + n * step + 3 * m + step + (6 * n + 7) / 8;
}

static i64 scratch_size(const Sizes& of) {
  const i64 n = of.option(names.option("assets")), width = width_of(of, n),
            split = of.given(names.input("loading")) ? 0 : n * n + n * padded(n) + split_space(n);
  return risk_model_scratch(of, names.input("covariance"), n) + n * (width + 1) + split +
         tree_space(n, width > padded(n) || split == 0 ? width : padded(n)) + anneal_space(n, of.option(names.option("most")), width) + n + 64;
}

namespace {

struct Memory {
  f64* at;
  f64* take(i64 values) {
    f64* taken = at;
    at += values;
    return taken;
  }
};

void open_relaxed(Relaxed& r, const Choice& of, const i8* decision, Memory& memory) {
  const i64 n = of.n, m = multipliers(of);
  r.of = &of, r.decision = decision;
  r.items = reinterpret_cast<i64*>(memory.take(2 * n));
  r.w = memory.take(n), r.z = memory.take(n), r.center = memory.take(n), r.slope = memory.take(n), r.space = memory.take(n);
  r.y = memory.take(m);
  r.grad = memory.take(m), r.move = memory.take(m), r.trial = memory.take(m), r.matrix = memory.take(m * m), r.exposure = memory.take(of.step);
  for (i64 j = 0; j < m; j++) r.y[j] = 0;
  for (i64 i = 0; i < n; i++) r.w[i] = r.z[i] = r.slope[i] = 0, r.center[i] = of.budget / static_cast<f64>(n);
}

}  // namespace

static Status cardinality_portfolio(OptionalIn<f64> covariance, OptionalIn<f64> loading, OptionalIn<f64> factor_covariance,
                                    OptionalIn<f64> specific_variance, OptionalIn<f64> returns, OptionalIn<f64> expected, OptionalIn<f64> lower,
                                    OptionalIn<f64> upper, i32 assets, i32 most, SelectionObjective objective, f64 risk_aversion, f64 minimum_return,
                                    f64 budget, i32 nodes, f64 tolerance, i32 sweeps, i32 seed, Workspace scratch, Out<f64> weights, Out<i32> status,
                                    Out<f64> value, Out<f64> bound, Out<f64> gap, Out<i32> held) {
  const i64 n = assets;
  RiskModel model;
  const RiskPorts risk{covariance, loading, factor_covariance, specific_variance, returns};
  if (const Status refused = risk_model(risk, names.input("covariance"), n, scratch.data, model); refused.code != OK) return refused;
  for (i64 i = 0; i < n; i++)
    if ((upper ? upper[i] : budget) < (lower ? lower[i] : 0)) return refuse(BAD_VALUE, upper ? names.input("upper") : names.input("lower"), i, 0);
  const bool mean_variance = objective == SelectionObjective::mean_variance;
  Choice of{.n = n, .factors = model.factors, .step = model.step, .most = most > 0 && most < n ? most : n};
  of.budget = budget;

  Memory memory{scratch.data + (model.d - scratch.data) + n};  // behind V and D, which stay
  f64 *v = nullptr, *d = nullptr;
  if (!loading) {
    f64 *whole = memory.take(n * n), *split = memory.take(n * padded(n));
    d = memory.take(n);
    for (i64 i = 0; i < n; i++)
      for (i64 j = 0; j < n; j++) whole[i * n + j] = covariance ? covariance[i * n + j] : model.factors >= n ? covariance_of(model, i, j) : 0;
    if ((covariance || model.factors >= n) && split_diagonal(whole, n, split, d, memory.at) > 0) v = split, of.step = padded(n);
  }
  if (!v) {
    v = memory.take(n * of.step), d = memory.take(n);
    for (i64 at = 0; at < n * of.step; at++) v[at] = model.v[at];
    for (i64 i = 0; i < n; i++) d[i] = model.d[i];
  }
  // Variances are divided by their mean: what follows measures by 1.
  f64 unit = 0;
  for (i64 i = 0; i < n; i++) unit += (d[i] + dot(v + i * of.step, v + i * of.step, of.step)) / static_cast<f64>(n);
  if (!(unit > 0)) unit = 1;
  const f64 root = 1 / __builtin_sqrt(unit), scale = (mean_variance ? 0.5 * risk_aversion : 1) * unit;
  for (i64 at = 0; at < n * of.step; at++) v[at] *= root;
  f64 *gain = memory.take(n), *low = memory.take(n), *high = memory.take(n);
  bool smooth = true;
  for (i64 i = 0; i < n; i++) {
    d[i] /= unit, smooth &= d[i] > 1e-9;
    gain[i] = mean_variance && expected ? expected[i] / scale : 0;
    low[i] = lower ? lower[i] : 0, high[i] = upper ? upper[i] : budget;
  }
  of.v = v, of.d = d, of.gain = gain, of.lower = low, of.upper = high;
  if (!mean_variance && expected) {
    f64 *mean = memory.take(n), largest = 0;
    for (i64 i = 0; i < n; i++) largest = __builtin_fabs(expected[i]) > largest ? __builtin_fabs(expected[i]) : largest;
    if (!(largest > 0)) largest = 1;
    for (i64 i = 0; i < n; i++) mean[i] = expected[i] / largest;
    of.mean = mean, of.asked = minimum_return / largest;
  }
  Search s{};
  s.of = &of, s.value = __builtin_inf(), s.smooth = smooth, s.near = 0.1;
  i8* decisions = reinterpret_cast<i8*>(memory.take((6 * n + 7) / 8));
  s.node = decisions, s.chosen = decisions + n, s.kept = decisions + 2 * n, s.all_in = decisions + 3 * n, s.kept_aside = decisions + 4 * n,
  s.kept_before = decisions + 5 * n;
  for (i64 i = 0; i < n; i++) s.node[i] = high[i] > 0 ? FREE : OUT, s.kept[i] = OUT, s.all_in[i] = IN;
  open_relaxed(s.relaxed, of, s.node, memory);
  open_relaxed(s.support, of, s.all_in, memory);
  s.support.of = &s.few;
  s.few_v = memory.take(n * of.step), s.few_values = memory.take(5 * n);
  s.weights = memory.take(n), s.best = memory.take(n), s.exposure = memory.take(of.step), s.multipliers = memory.take(2 * multipliers(of));
  s.aside = memory.take(n + multipliers(of));
  for (i64 j = 0; j < 2 * multipliers(of); j++) s.multipliers[j] = 0;
  Path path{memory.take(n), memory.take(n), memory.take(n), 0};
  bool whole = false;
  const auto widen = [&] {
    anneal_supports(s, sweeps, static_cast<u32>(seed), memory.at);
    approach_return(s);
  };
  whole = proved_impossible(of, s.relaxed.space);
  const f64 least = whole ? __builtin_inf() : search_tree(s, path, nodes, tolerance, widen, whole);
  held[0] = 0;
  const bool found = s.value < __builtin_inf();
  for (i64 i = 0; i < n; i++) {
    weights[i] = found ? s.best[i] : __builtin_nan("");
    held[0] += found && s.kept[i] == IN && s.best[i] > 0;
  }
  value[0] = found ? scale * s.value : __builtin_nan("");
  bound[0] = !found && whole ? __builtin_nan("") : scale * least;
  const f64 size = __builtin_fabs(value[0]);
  gap[0] = found ? (value[0] - bound[0]) / (size > 1e-300 ? size : 1e-300) : __builtin_nan("");
  status[0] = !found && whole ? 2 : found && gap[0] <= tolerance * (1 + 1e-9) ? 0 : 1;
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(cardinality_portfolio)
