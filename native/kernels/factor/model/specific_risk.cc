// Contract: src/kernels/factor/model/specific_risk.ts. Groups are runs of the assets sorted by cap.
#include "kernels/parts/cross_section_rank.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "residuals, cap",
                             .options = "assets, batch, halfLife, groups, shrinkage, minimum",
                             .state = "squares, weight, count",
                             .outputs = "volatility, raw"};

namespace {

// Shrinks the assets order[from .. to) towards their mean.
inline void shrink(const u32* order, const f64* cap, i64 from, i64 to, f64 q, const f64* raw, f64* volatility) {
  f64 total = 0, sum = 0, squares = 0;
  i64 known = 0;
  for (i64 k = from; k < to; k++) {
    const f64 own = raw[order[k]];
    if (own != own) continue;
    total += cap[k], sum += cap[k] * own, known++;
  }
  const f64 mean = sum / total;
  for (i64 k = from; k < to; k++) {
    const f64 away = raw[order[k]] - mean;
    squares += away == away ? away * away : 0.0;
  }
  const f64 distance = __builtin_sqrt(squares / static_cast<f64>(known));
  for (i64 k = from; k < to; k++) {
    const f64 own = raw[order[k]], pull = q * __builtin_fabs(own - mean), v = pull > 0 ? pull / (distance + pull) : 0.0;
    volatility[order[k]] = own == own ? v * mean + (1 - v) * own : mean;
  }
}

}  // namespace

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return 6 * assets + 64;
}

template <class T>
Status specific_risk(In<T> residuals, In<T> cap, i32 assets, i32 batch, f64 half_life, i32 groups, f64 shrinkage, i32 minimum, State<f64> squares,
                     State<f64> weight, State<f64> count, Workspace scratch, Out<T> volatility, Out<T> raw) {
  const i64 n = assets;
  const f64 fade = exp_minus(0.6931471805599453 / half_life);
  f64 *caps = scratch.data, *sorted = caps + n, *own = sorted + n, *shrunk = own, *room = own + n;
  u32* order = reinterpret_cast<u32*>(room + sort_room(n));
  for (i64 i = 0; i < residuals.length; i++)  // before any update is taken
    if (__builtin_fabs(static_cast<f64>(residuals[i])) > largest) return {BAD_VALUE, 0, i, 0, 0};
  for (i64 i = 0; i < cap.length; i++)
    if (cap[i] <= 0 || static_cast<f64>(cap[i]) > largest) return {BAD_VALUE, 1, i, 0, 0};
  for (i64 u = 0; u * n < cap.length; u++) {
    for (i64 row = u * batch; row < (u + 1) * batch; row++)
      for (i64 i = 0; i < n; i++) {
        const f64 e = static_cast<f64>(residuals[row * n + i]);
        const bool is = e == e;
        squares[i] = is ? fade * squares[i] + e * e : squares[i];
        weight[i] = is ? fade * weight[i] + 1 : weight[i];
        count[i] += is;
      }
    for (i64 i = 0; i < n; i++) {
      caps[i] = static_cast<f64>(cap[u * n + i]);
      own[i] = count[i] >= minimum ? __builtin_sqrt(squares[i] / weight[i]) : missing;
      raw[u * n + i] = static_cast<T>(own[i]);
    }
    const i64 ranked = sort_section(caps, n, sorted, order, room);
    i64 from = 0;
    for (i64 g = 0; g < groups; g++) {
      i64 to = ((g + 1) * ranked + groups - 1) / groups;  // the first rank whose rank * groups / ranked is above g
      if (to > ranked) to = ranked;
      shrink(order, sorted, from, to, shrinkage, own, shrunk);
      from = to;
    }
    for (i64 i = 0; i < n; i++) volatility[u * n + i] = static_cast<T>(caps[i] == caps[i] ? shrunk[i] : missing);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(specific_risk)
