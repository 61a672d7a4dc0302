// Contract: src/kernels/factor/styles/size.ts. Quantiles by selection instead of a sort.
#include "kernels/parts/cross_section.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "cap, universe", .options = "assets, lower, upper", .outputs = "score"};

// The capitalization at index round((n - 1) p) in falling order.
static f64 at_share(const f64* caps, i64 padded, i64 count, f64 p, f64* kept) {
  if (count == 0) return missing;
  keep<Keep::AT_LEAST>(caps, padded, -largest, kept);
  return kth_largest(kept, count, static_cast<i64>(__builtin_floor(static_cast<f64>(count - 1) * p + 0.5)) + 1);
}

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return 5 * (assets + 16);
}

template <class T> Status size(In<T> cap, OptionalIn<u8> universe, i32 assets, f64 lower, f64 upper, Workspace scratch, Out<T> score) {
  const i64 padded = round_up(assets, 8);
  f64 *caps = scratch.data, *logs = caps + padded, *inside = logs + padded, *kept = inside + padded;
  for (i64 at = 0; at < cap.length; at += assets) {
    const u8* const in = universe ? universe.data + at : nullptr;
    for (i64 i = 0; i < assets; i++) {
      const f64 c = static_cast<f64>(cap[at + i]), finite = c <= largest ? c : missing;
      caps[i] = c > 0.0 ? finite : missing;
    }
    const i64 count = take_section(Section<f64>{caps, in, nullptr, assets}, inside);
    const f64 low = at_share(inside, padded, count, lower, kept), high = at_share(inside, padded, count, upper, kept);
    for (i64 i = 0; i < assets; i++) logs[i] = -log_any(caps[i]);
    standardize_row(logs, in, assets, inside, score.data + at);
    for (i64 i = 0; i < assets; i++)
      if (caps[i] < low && caps[i] > high && score[at + i] == score[at + i]) score[at + i] = 0;
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(size)
