// Contract: src/kernels/risk/stress/worst_periods.ts. Losses of all stretches once, then the largest that is left, as often as asked for.
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, weights", .options = "assets, horizon, count", .outputs = "start, end, loss, scenario"};

// What an asset returned from a row on.
static f64 compounded(const f64* first, i64 assets, i64 horizon) {
  f64 grown = 1;
  for (i64 t = 0; t < horizon; t++) grown *= 1 + first[t * assets];
  return grown - 1;
}

static i64 scratch_size(const Sizes& of) { return of.length(names.input("returns")) / of.option(names.option("assets")); }

static Status worst_periods(In<f64> returns, In<f64> weights, i32 assets, i32 horizon, i32 count, Workspace scratch, Out<i32> start, Out<i32> end,
                            Out<f64> loss, Out<f64> scenario) {
  const i64 n = assets, starts = returns.length / n - horizon + 1;
  const f64 none = __builtin_nan("");
  f64* losses = scratch.data;  // NaN: not to be taken any more
  for (i64 t = 0; t < starts; t++) {
    losses[t] = 0;
    for (i64 j = 0; j < n; j++) losses[t] -= weights[j] * compounded(returns.data + t * n + j, n, horizon);
  }
  for (i64 k = 0; k < count; k++) {
    i64 worst = -1;
    for (i64 t = 0; t < starts; t++)
      if (losses[t] == losses[t] && (worst < 0 || losses[t] > losses[worst])) worst = t;
    start[k] = static_cast<i32>(worst);
    end[k] = static_cast<i32>(worst < 0 ? -1 : worst + horizon - 1);
    loss[k] = worst < 0 ? none : losses[worst];
    for (i64 j = 0; j < n; j++) scenario[k * n + j] = worst < 0 ? none : compounded(returns.data + worst * n + j, n, horizon);
    if (worst < 0) continue;
    const i64 from = worst - horizon + 1 > 0 ? worst - horizon + 1 : 0, to = worst + horizon < starts ? worst + horizon : starts;
    for (i64 t = from; t < to; t++) losses[t] = none;
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(worst_periods)
