// Contract: src/kernels/factor/panel/style_score.ts. Mean and deviation come from one pass about the middle of the bounds.
#include "kernels/parts/cross_section.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "values, weights, universe", .options = "assets, tail, weighting", .outputs = "score"};

static i64 scratch_size(const Sizes& of) { return score_scratch(of.option(names.option("assets"))); }

template <class T>
Status style_score(In<T> values, OptionalIn<T> weights, OptionalIn<u8> universe, i32 assets, f64 tail, Weighting weighting, Workspace scratch,
                   Out<T> score) {
  for (i64 at = 0; at < values.length; at += assets) {
    const Section<T> section{values.data + at, universe ? universe.data + at : nullptr, weights ? weights.data + at : nullptr, assets};
    style_score_of(section, tail, weighting == Weighting::both, scratch.data, score.data + at);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(style_score)
