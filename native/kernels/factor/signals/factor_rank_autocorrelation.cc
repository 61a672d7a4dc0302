// Contract: src/kernels/factor/signals/factor_rank_autocorrelation.ts. Ranks by radix sort.
#include "kernels/factor/parts/signal_quality.h"
#include "abi/state_values.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "factor, universe", .options = "assets, period", .state = "ring, dates", .outputs = "autocorrelation"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return 9 * assets + 64;
}

template <class T>
Status factor_rank_autocorrelation(In<T> factor, OptionalIn<u8> universe, i32 assets, i32 period, State<f64> ring, State<f64> dates,
                                   Workspace scratch, Out<T> autocorrelation) {
  const i64 padded = round_up(assets, 8);
  f64 *x = scratch.data, *ranks = x + padded, *a = ranks + padded, *b = a + padded, *room = b + padded;
  i64 seen = count_of(dates[0]);
  for (i64 t = 0; t * assets < factor.length; t++, seen++) {
    take_section(Section<T>{factor.data + t * assets, universe ? universe.data + t * assets : nullptr, nullptr, assets}, x);
    rank_section(x, assets, true, room, ranks);
    f64* const before = ring.data + seen % period * assets;
    autocorrelation[t] = static_cast<T>(correlation_of(a, b, padded, take_pairs(ranks, before, nullptr, assets, a, b)));
    for (i64 i = 0; i < assets; i++) before[i] = ranks[i];
  }
  dates[0] = static_cast<f64>(seen);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(factor_rank_autocorrelation)
