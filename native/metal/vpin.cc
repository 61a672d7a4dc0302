// Contract: src/kernels/flow/toxicity/vpin.ts. Shaders: shaders/lot_sums.metal, shaders/bucket_borders.metal. Trades are put in order of their
// instruments here and cut into pieces, one GPU thread each, so that one instrument keeps a GPU busy as thousands do. The shaders' sums are
// exact; an instrument where the reference's own roundings could decide a border otherwise is taken by the native code, alone. Buckets are
// written here, in the order of the tape: a rank hangs on differences of 1e-12, which takes f64, and there is one for hundreds of trades.
#include "../../shaders/constants.h"
#include "gpu/gpu.h"
#include "kernels/flow/parts/vpin_tape.h"

namespace tickforge::TICKFORGE_ISA {

namespace {

constexpr Shader lot_sums =
    shader_row<Reads<f32>, Reads<i8>, Reads<f32>, Reads<u32>, Reads<u32>, Reads<f64>, Writes<u64>, Writes<u64>, Reads<bucket_pieces_constants>>(
        "lot_sums", 64);
constexpr Shader bucket_borders = shader_row<Reads<f32>, Reads<i8>, Reads<f32>, Reads<u32>, Reads<u32>, Reads<f64>, Reads<u64>, Reads<u64>,
                                             Writes<u32>, Writes<bucket_border>, Writes<Pair>, Reads<bucket_pieces_constants>>("bucket_borders", 64);

// Rows at a time: few at first, then four times as many, so that little is done in vain where the outputs are soon full.
constexpr i64 first_rows = i64{1} << 12, most_rows = i64{1} << 18;
constexpr i64 piece_rows = 64;
constexpr f64 smallest = 0x1p-900, largest = 0x1p900;  // capacities that power_near takes
constexpr u32 none = ~u32{0};

// As shaders/lots.h has it.
struct Units {
  u64 capacity;
  f64 unit;

  explicit Units(f64 volume) : capacity(0), unit(power_near(volume, -60)) { capacity = of(volume); }
  u64 of(f64 volume) const { return static_cast<u64>(static_cast<i64>(volume / unit)); }
  bool holds(f64 volume) const { return static_cast<f64>(static_cast<i64>(volume / unit)) * unit == volume; }
  f64 volume(u64 units) const { return static_cast<f64>(static_cast<i64>(units)) * unit; }
};

// The trades of one instrument.
struct Run {
  u32 id;
  i64 first, end;  // places in the order
  i64 closed;      // place of the last one that filled a bucket; before `first`: none did
  u64 opened;      // buyer-initiated volume when the bucket began
  u64 volume, bought;  // at the end
  bool native;
};

class Pouring {
 public:
  const i64 rows;  // at a time, at most
  i8* found_sides;

  Pouring(Tape<f32>& tape, const Trades<f32>& of)
      : rows(of.count < most_rows ? of.count : most_rows), t(tape), trades(of), runs_of(static_cast<size_t>(of.instruments), none) {
    const i64 pieces = rows / piece_rows + (rows < of.instruments ? rows : of.instruments) + 1;
    sizes = work.reads(of.size, of.count);
    sides = of.by_tick_rule ? work.take(rows, found_sides) : of.side ? work.reads(of.side, of.count) : Work::constants(i8{});
    fractions = of.buy_fraction && !of.by_tick_rule ? work.reads(of.buy_fraction, of.count) : Work::constants(f32{});
    orders = work.take(rows, order), firsts = work.take(pieces + 1, first), capacities = work.take(pieces, capacity);
    volumes = work.take(pieces, volume), boughts = work.take(pieces, bought);
    fills = work.take(rows, filled), borders = work.take(rows, border), doubts = work.take(pieces, doubt);
  }
  bool failed() { return work.failed() && !work.finish(); }

  // Takes rows start to end, no more than `rows`; returns the first not taken.
  template <class Source> i64 take_rows(const Source& source, i64 start, i64 end, Code& code) {
    begin = start, count = end - start;
    group();
    if (!run_shaders()) return code = static_cast<Code>(device_failed_code), start;
    const i64 stopped = write(source, code);
    if (code == OK) settle();
    else take_open(source, stopped);
    return stopped;
  }

 private:
  f64* hot(u32 id) const { return t.hot + LINE * id; }
  u32 instrument(i64 row) const { return t.instrument ? t.instrument[begin + row] : 0; }
  Run& run_of(u32 id) { return runs[runs_of[id]]; }

  void group() {
    for (const Run& run : runs) runs_of[run.id] = none;
    runs.clear();
    for (i64 k = 0; k < count; k++) {
      const u32 id = instrument(k);
      if (runs_of[id] == none) runs_of[id] = static_cast<u32>(runs.size()), runs.push_back({id, 0, 0, 0, 0, 0, 0, false});
      run_of(id).end++;
    }
    i64 at = 0;
    for (Run& run : runs) run.first = at, at += run.end, run.end = run.first, run.closed = run.first - 1;
    for (i64 k = 0; k < count; k++) order[run_of(instrument(k)).end++] = static_cast<u32>(k);
  }

  bool run_shaders() {
    i64 pieces = 0;
    for (Run& run : runs) {
      f64 whole = t.capacity(run.id);
      run.native = !(whole >= smallest && whole <= largest);
      if (run.native) whole = 1;
      for (i64 place = run.first; place < run.end; place += piece_rows) first[pieces] = static_cast<u32>(place), capacity[pieces++] = whole;
    }
    first[pieces] = static_cast<u32>(count);
    const LaunchArgument constants = Work::constants(bucket_pieces_constants{static_cast<u32>(pieces), trades.by_tick_rule || trades.side});
    const LaunchArgument side = trades.by_tick_rule || !trades.side ? sides : part<i8>(sides, count, begin);
    const LaunchArgument fraction = trades.by_tick_rule || !trades.buy_fraction ? fractions : part<f32>(fractions, count, begin);
    const LaunchArgument size = part<f32>(sizes, count, begin);
    work.launch(lot_sums, pieces, {size, side, fraction, orders, firsts, capacities, volumes, boughts, constants});
    if (!work.finish()) return false;
    i64 piece = 0;
    for (Run& run : runs) piece = start_pieces(run, piece);
    work.launch(bucket_borders, pieces, {size, side, fraction, orders, firsts, capacities, volumes, boughts, fills, borders, doubts, constants});
    if (!work.finish()) return false;
    piece = 0;
    for (Run& run : runs) piece = judge(run, piece);
    return true;
  }

  // Where each piece of a run begins, in place of what it holds.
  i64 start_pieces(Run& run, i64 piece) {
    const Units units(capacity[piece]);
    const f64* const line = hot(run.id);
    run.native = run.native || !(line[SUM] <= capacity[piece] && units.holds(line[SUM]) && units.holds(line[ERROR]));  // it may have been larger
    if (!run.native) {
      run.volume = units.of(line[SUM]) + units.of(line[ERROR]), run.bought = units.of(line[BUY]) + units.of(line[BUY_ERROR]);
      run.native = run.volume >= units.capacity;
    }
    for (; first[piece] < run.end; piece++) {
      const u64 poured = run.volume + volume[piece], buyers = run.bought + bought[piece];
      volume[piece] = run.volume, bought[piece] = run.bought;
      run.volume = poured < units.capacity ? poured : poured - units.capacity, run.bought = buyers;
    }
    return piece;
  }

  // Leaves a run to the native code where roundings of f64 could reach half the dust at an exact border, or a border that is near.
  i64 judge(Run& run, i64 piece) {
    f64 lost = 0, ties = 0;
    for (; first[piece] < run.end; piece++) lost += static_cast<f64>(doubt[piece].x), ties += static_cast<f64>(doubt[piece].y);
    run.native = run.native || !(lost <= (ties > 0 ? 0x1p19 : 0x1p23));
    for (i64 place = run.first; run.native && place < run.end; place++) filled[order[place]] = 1;
    return piece;
  }

  // Writes the buckets; returns the first row not taken.
  template <class Source> i64 write(const Source& source, Code& code) {
    for (i64 k = 0; k < count; k++) {
      if (filled[k] == 0) continue;
      Run& run = run_of(instrument(k));
      code = run.native ? take(t, source, begin + k, run.id) : close(source, run, k);
      if (code != OK) return begin + k;
    }
    return begin + count;
  }

  template <class Source> Code close(const Source& source, Run& run, i64 k) {
    const f64 whole = t.capacity(run.id), fraction = source.fraction(begin + k);
    const Units units(whole);
    const bucket_border& at = border[k];
    const Border crossed{static_cast<f64>(filled[k]), units.volume(units.capacity - at.before), units.volume(at.after)};
    if (!(crossed.filled <= most_buckets)) return TOO_MANY;
    const f64 bought = units.volume(at.bought_before - run.opened) + fraction * crossed.used;
    if (!emit(t, begin + k, run.id, fraction, crossed, bought, begun(run), whole)) return OUTPUT_FULL;
    begin_with(t, begin + k, run.id, crossed.left, fraction);
    hot(run.id)[ERROR] = units.volume(at.after - units.of(crossed.left));
    run.opened = at.bought_after - units.of(fraction * crossed.left), run.closed = at.place;
    return OK;
  }

  // When the bucket that is being filled began.
  i64 begun(const Run& run) const {
    if (hot(run.id)[STARTED] > 0) return t.begun[run.id];
    i64 place = run.closed + 1;
    while (place + 1 < run.end && !(trades.size[begin + order[place]] > 0)) place++;
    return t.time[begin + order[place]];
  }

  // What is in the buckets after the last row.
  void settle() {
    for (const Run& run : runs) {
      if (run.native) continue;
      const Units units(t.capacity(run.id));
      f64* const line = hot(run.id);
      if (run.volume > 0) t.begun[run.id] = begun(run);
      line[STARTED] = run.volume > 0;
      line[SUM] = units.volume(run.volume), line[ERROR] = units.volume(run.volume - units.of(line[SUM]));
      const u64 buys = run.bought - run.opened;
      line[BUY] = units.volume(buys), line[BUY_ERROR] = units.volume(buys - units.of(line[BUY]));
    }
  }

  // Takes what lies between the last bucket of each instrument and `stopped`, where the outputs are full or a trade is refused.
  template <class Source> void take_open(const Source& source, i64 stopped) {
    for (i64 k = 0; begin + k < stopped; k++) {
      const Run& run = run_of(instrument(k));
      if (!run.native && (run.closed < run.first || k > order[run.closed])) take(t, source, begin + k, run.id);
    }
  }

  Tape<f32>& t;
  const Trades<f32>& trades;
  Work work;
  i64 begin, count;  // of the rows that are being taken
  std::vector<Run> runs;
  std::vector<u32> runs_of;  // by instrument
  LaunchArgument sizes, sides, fractions, orders, firsts, capacities, volumes, boughts, fills, borders, doubts;
  u32 *order, *first, *filled;
  f64* capacity;
  u64 *volume, *bought;
  bucket_border* border;
  Pair* doubt;
};

i64 pour_on_gpu(Tape<f32>& t, const Trades<f32>& trades, Code& code) {
  if (trades.count == 0) return 0;
  Pouring pouring(t, trades);
  if (pouring.failed()) return code = static_cast<Code>(device_failed_code), 0;
  std::vector<f64> before(static_cast<size_t>(trades.by_tick_rule ? 2 * pouring.rows : 0));
  TickRule<f32> rule{pouring.found_sides, before.data(), before.data() + pouring.rows};
  i64 end, rows = first_rows;
  for (i64 start = 0; start < trades.count; start = end) {
    if (rows > pouring.rows) rows = pouring.rows;
    end = start + rows < trades.count ? start + rows : trades.count;
    rows *= 4;
    if (trades.by_tick_rule) rule.run(t, start, end);
    const i64 stopped = trades.by_tick_rule   ? pouring.take_rows(Sides<f32>{trades.size, rule.side - start}, start, end, code)
                        : trades.buy_fraction ? pouring.take_rows(Shares<f32>{trades.size, trades.buy_fraction}, start, end, code)
                                              : pouring.take_rows(Sides<f32>{trades.size, trades.side}, start, end, code);
    if (code == OK) continue;
    if (trades.by_tick_rule) rule.undo(t, start, stopped, end);
    return stopped;
  }
  return trades.count;
}

}  // namespace

static constexpr auto& vpin = vpin_by<f32, pour_on_gpu>;

}  // namespace tickforge::TICKFORGE_ISA
GPU_KERNEL(vpin, false, &lot_sums, &bucket_borders)
