// Contract: src/kernels/risk/performance/drawdowns.ts. One walk along the paths of as many portfolios as a register holds; the deepest falls of each so
// far are kept in order, and most falls that end are too small to be looked at.
#include "simd/simd.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns", .options = "portfolios, count, compounded", .outputs = "depth, peak, trough, recovery"};

namespace {

struct Fall {
  f64 depth = 0;
  i32 peak = 0, trough = 0, recovery = -1;
};

// The deepest falls of one portfolio. Depths are kept as they were computed, whatever the outputs hold.
struct Deepest {
  f64* depth;
  i32 *peak, *trough, *recovery;
  i64 room, kept;

  // What a fall must exceed to be kept.
  f64 least() const { return kept == room ? depth[room - 1] : 0; }
  void add(const Fall& fall) {
    if (!(fall.depth > least())) return;
    i64 at = kept < room ? kept++ : room - 1;
    for (; at > 0 && depth[at - 1] < fall.depth; at--) put(at, {depth[at - 1], peak[at - 1], trough[at - 1], recovery[at - 1]});
    put(at, fall);
  }
  void put(i64 at, const Fall& fall) { depth[at] = fall.depth, peak[at] = fall.peak, trough[at] = fall.trough, recovery[at] = fall.recovery; }
};

// The falls that the paths of a register are in, and the deepest of each path.
struct Walk {
  f64xn value, high, depth, peak, trough, least;
  i64 lanes;
  Deepest worst[register_lanes];

  void begin(i64 in_use, f64 start) { value = high = broadcast<f64xn>(start), depth = peak = trough = least = f64xn{}, lanes = in_use; }
  void keep(i64xn which, i32 recovery) {
    for (i64 l = 0; l < lanes; l++)
      if (which[l]) worst[l].add({depth[l], static_cast<i32>(peak[l]), static_cast<i32>(trough[l]), recovery}), least[l] = worst[l].least();
  }
  template <bool Sums> [[gnu::always_inline]] void day(f64xn r, i32 place) {
    const f64xn here = broadcast<f64xn>(static_cast<f64>(place));
    value = Sums ? value + r : value * (1.0 + r);
    const i64xn over = value >= high;
    if (const i64xn ended = over & (depth > least); any_negative(ended)) keep(ended, place);
    high = over ? value : high, depth = over ? f64xn{} : depth, peak = over ? here : peak;
    const f64xn below = Sums ? high - value : (high - value) / high;
    trough = below > depth ? here : trough;
    depth = below > depth ? below : depth;
  }
};

// Portfolios that walk side by side, so that a day's returns are read in one stretch.
constexpr i64 most = 128, ahead = 4;  // days that are asked for before they are needed

// All days of `side` portfolios that stand beside each other.
template <bool Sums, class T> void walk_days(const T* returns, i64 days, i64 portfolios, i64 side, Walk* walks) {
  T rest[register_lanes] = {};  // of a day that ends before the register does
  for (i64 d = 0; d < days; d++) {
    const T *from = returns + d * portfolios, *soon = d + ahead < days ? from + ahead * portfolios : from;
    i64 l = 0;
    for (; l + register_lanes <= side; l += register_lanes)
      __builtin_prefetch(soon + l), walks[l / register_lanes].day<Sums>(load<f64xn>(from + l), static_cast<i32>(d + 1));
    if (l == side) continue;
    __builtin_memcpy(rest, from + l, static_cast<size_t>(side - l) * sizeof(T));
    walks[l / register_lanes].day<Sums>(load<f64xn>(rest), static_cast<i32>(d + 1));
  }
}

}  // namespace

static i64 scratch_size(const Sizes& of) {
  const i64 count = of.option(names.option("count")), some = 100'000 / count;
  return count * (some < 8 ? 8 : some < most ? some : most);
}

template <class T>
Status drawdowns(In<T> returns, i32 portfolios, i32 count, YesNo compounded, Workspace scratch, Out<T> depth, Out<i32> peak, Out<i32> trough,
                 Out<i32> recovery) {
  const i64 days = returns.length / portfolios, room = scratch.length / count / register_lanes * register_lanes, tile = room < most ? room : most;
  Walk walks[most / register_lanes];
  for (i64 p = 0; p < portfolios; p += tile) {
    const i64 side = portfolios - p < tile ? portfolios - p : tile, first = p * count, total = side * count;
    for (i64 i = 0; i < total; i++) scratch[i] = 0, peak[first + i] = trough[first + i] = recovery[first + i] = -1;
    for (i64 l = 0; l < side; l += register_lanes)
      walks[l / register_lanes].begin(side - l < register_lanes ? side - l : register_lanes, compounded == YesNo::no ? 0 : 1);
    for (i64 l = 0, at = first; l < side; l++, at += count)
      walks[l / register_lanes].worst[l % register_lanes] = {&scratch[l * count], &peak[at], &trough[at], &recovery[at], count, 0};
    if (compounded == YesNo::no) walk_days<true>(returns.data + p, days, portfolios, side, walks);
    else walk_days<false>(returns.data + p, days, portfolios, side, walks);
    for (i64 l = 0; l < side; l += register_lanes) walks[l / register_lanes].keep(walks[l / register_lanes].depth > f64xn{}, -1);
    for (i64 i = 0; i < total; i++) depth[first + i] = static_cast<T>(scratch[i]);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(drawdowns)
