// Contract: src/kernels/factor/signals/quantile_returns.ts. One sort gives the edges; groups and sums follow it.
#include "kernels/parts/cross_section_rank.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{
    .inputs = "factor, forward, universe", .options = "assets, horizons, quantiles, demean", .outputs = "quantile, mean, count"};
CHOICE(Demean, date, none)

// Groups of one date: the sorted values up to each edge.
static void set_quantiles(const f64* sorted, const u32* order, i64 count, i32 quantiles, i32* quantile) {
  i64 i = 0;
  for (i64 k = 1; k <= quantiles; k++) {
    const i64 place = (count - 1) * k, below = place / quantiles;
    const f64 part = static_cast<f64>(place % quantiles) / static_cast<f64>(quantiles);
    const f64 edge = place % quantiles == 0 ? sorted[below] : sorted[below] + (sorted[below + 1] - sorted[below]) * part;
    for (; i < count && (sorted[i] <= edge || k == quantiles); i++) quantile[order[i]] = static_cast<i32>(k);
  }
}

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return 6 * assets + 64;
}

template <class T>
Status quantile_returns(In<T> factor, In<T> forward, OptionalIn<u8> universe, i32 assets, i32 horizons, i32 quantiles, Demean demean,
                        Workspace scratch, Out<i32> quantile, Out<T> mean, Out<i32> count) {
  f64 *x = scratch.data, *sorted = x + round_up(assets, 8), *room = sorted + assets, sums[101];
  u32* const order = reinterpret_cast<u32*>(room + sort_room(assets));
  i64 counts[101];
  for (i64 t = 0; t * assets < factor.length; t++) {
    take_section(Section<T>{factor.data + t * assets, universe ? universe.data + t * assets : nullptr, nullptr, assets}, x);
    const i64 valued = sort_section(x, assets, sorted, order, room);
    i32* const own = quantile.data + t * assets;
    for (i64 i = 0; i < assets; i++) own[i] = 0;
    if (valued > 0) set_quantiles(sorted, order, valued, quantiles, own);
    for (i64 h = 0; h < horizons; h++) {
      const T* const returns = forward.data + (t * horizons + h) * assets;
      for (i64 q = 0; q <= quantiles; q++) sums[q] = 0, counts[q] = 0;
      for (i64 i = 0; i < assets; i++) {
        const f64 r = static_cast<f64>(returns[i]);
        const i64 q = __builtin_fabs(r) <= largest ? own[i] : 0;
        sums[q] += q > 0 ? r : 0.0, counts[q]++;
      }
      f64 total = 0, number = 0;
      for (i64 q = 1; q <= quantiles; q++) total += sums[q], number += static_cast<f64>(counts[q]);
      const f64 all = demean == Demean::date ? total / number : 0.0;
      const i64 at = (t * horizons + h) * quantiles;
      for (i64 q = 1; q <= quantiles; q++) {
        mean[at + q - 1] = static_cast<T>(counts[q] > 0 ? sums[q] / static_cast<f64>(counts[q]) - all : missing);
        count[at + q - 1] = static_cast<i32>(counts[q]);
      }
    }
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(quantile_returns)
