// Contract: src/kernels/factor/signals/information_coefficient.ts. Ranks by radix sort.
#include "kernels/factor/parts/signal_quality.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "factor, forward, universe", .options = "assets, horizons", .outputs = "pearson, spearman, count"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return 9 * assets + 64;
}

template <class T>
Status information_coefficient(In<T> factor, In<T> forward, OptionalIn<u8> universe, i32 assets, i32 horizons, Workspace scratch, Out<T> pearson,
                               Out<T> spearman, Out<i32> count) {
  const i64 padded = round_up(assets, 8);
  f64 *a = scratch.data, *b = a + padded, *ranks = b + padded, *other = ranks + padded, *room = other + padded;
  for (i64 at = 0; at * assets < forward.length; at++) {
    const i64 date = at / horizons;
    const i64 pairs =
        take_pairs(factor.data + date * assets, forward.data + at * assets, universe ? universe.data + date * assets : nullptr, assets, a, b);
    count[at] = static_cast<i32>(pairs);
    pearson[at] = static_cast<T>(correlation_of(a, b, padded, pairs));
    rank_section(a, padded, true, room, ranks);
    rank_section(b, padded, true, room, other);
    spearman[at] = static_cast<T>(correlation_of(ranks, other, padded, pairs));
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(information_coefficient)
