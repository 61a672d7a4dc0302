// Contract: src/kernels/factor/panel/normal_scores.ts. A radix sort instead of counting; quantiles by AS 241.
#include "kernels/parts/cross_section_rank.h"
#include "kernels/parts/normal_quantile.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "values, universe", .options = "assets", .outputs = "score"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return 5 * assets + 40;
}

template <class T> Status normal_scores(In<T> values, OptionalIn<u8> universe, i32 assets, Workspace scratch, Out<T> score) {
  f64* const rank = scratch.data;
  for (i64 at = 0; at < values.length; at += assets) {
    rank_date(values, universe, at, assets, rank, rank);
    normal_quantiles(rank, score.data + at, assets);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(normal_scores)
