// Contract: src/kernels/factor/panel/cross_section_rank.ts. A radix sort instead of counting.
#include "kernels/parts/cross_section_rank.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "values, universe", .options = "assets", .outputs = "rank"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return 5 * assets + 40;
}

template <class T> Status cross_section_rank(In<T> values, OptionalIn<u8> universe, i32 assets, Workspace scratch, Out<T> rank) {
  for (i64 at = 0; at < values.length; at += assets) rank_date(values, universe, at, assets, scratch.data, rank.data + at);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(cross_section_rank)
