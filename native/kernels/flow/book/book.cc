// Contract: src/kernels/flow/book/book.ts. The same moves of the same arrays, so that states are equal to the bit.
#include "abi/kernel.h"
#include "kernels/flow/parts/levels.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "side, price, size, flags, sequence, instrument",
                             .options = "depth, levels, beyond, instruments, room",
                             .state = "held, ends, horizon, last",
                             .outputs = "before, place, outcome, crossed, bids, asks, bid, bidSize, ask, askSize"};
CHOICE(Beyond, unknown, sent_again)

enum Flag : u8 { RESETS = 1, CLOSES = 2 };
enum Outcome : u8 { NOTHING, ADDED, CHANGED, REMOVED, NOT_THERE, BEYOND_DEPTH, ADDED_ONE_FELL, OLD };
constexpr f64 nowhere = -__builtin_inf();

struct Told {
  f64 before;
  i64 place;
  Outcome outcome;
};

static Told set(Side& side, f64& horizon, f64 key, f64 size, i64 depth, Beyond beyond) {
  const i64 better = side.better(key);
  i64 place = side.count - better;  // of the first level that is better
  if (place > 0 && side.keys[side.first + place - 1] == key) {
    place--;
    f64& held = side.sizes[side.first + place];
    const Told told{held, better, size == 0 ? REMOVED : CHANGED};
    if (size == 0) side.remove(place);
    else held = size;
    return told;
  }
  if (size == 0) return {0, -1, NOT_THERE};
  const bool full = side.count >= depth;
  if (full && beyond == Beyond::unknown) {
    const f64 fell = place == 0 ? key : side.keys[side.first];
    horizon = fell > horizon ? fell : horizon;
  }
  if (full && place == 0) return {0, -1, BEYOND_DEPTH};
  if (full) side.first++, side.count--, place--;
  side.insert(place, key, size);
  return {0, better, full ? ADDED_ONE_FELL : ADDED};
}

// The best levels of a side from the best on; NaN behind its last.
static void write(const Side& side, f64 sign, bool close, i64 levels, f64* price, f64* size) {
  const i64 held = !close ? 0 : side.count < levels ? side.count : levels;
  const i64 best = side.first + side.count - 1;
  for (i64 k = 0; k < held; k++) price[k] = sign * side.keys[best - k], size[k] = side.sizes[best - k];
  for (i64 k = held; k < levels; k++) price[k] = size[k] = __builtin_nan("");
}

Status book(In<i8> side, In<f64> price, In<f64> size, OptionalIn<u8> flags, OptionalIn<f64> sequence, OptionalIn<u32> instrument, i32 depth,
            i32 levels, Beyond beyond, i32, i32 room, State<f64> held, State<f64> ends, State<f64> horizon, State<f64> last,
            Out<f64> before, Out<i32> place, Out<u8> outcome, Out<u8> crossed, Out<i32> bids, Out<i32> asks, Out<f64> bid, Out<f64> bid_size,
            Out<f64> ask, Out<f64> ask_size) {
  const i64 line = 4 * static_cast<i64>(room);
  for (i64 i = 0; i < price.length; i++) {
    const i64 id = instrument ? instrument[i] : 0;
    Side both[2] = {Side::of(held.data + id * line, ends.data + 4 * id, room, depth),
                    Side::of(held.data + id * line + 2 * room, ends.data + 4 * id + 2, room, depth)};
    f64* const fell = horizon.data + 2 * id;
    const i32 flag = flags ? i32{flags[i]} : i32{CLOSES};
    if (flag & RESETS) {
      for (Side& one : both) one.clear(), one.keep();
      fell[0] = fell[1] = nowhere;
      last[id] = -1;
    }
    const bool old = sequence && sequence[i] <= last[id];
    Told told{0, -1, old ? OLD : NOTHING};
    if (!old && side[i] != 0) {
      const i64 which = side[i] > 0 ? 0 : 1;
      told = set(both[which], fell[which], side[i] > 0 ? price[i] : -price[i], size[i], depth, beyond);
      both[which].keep();
    }
    const bool close = flag & CLOSES;
    if (close && !old && sequence) last[id] = sequence[i];
    before[i] = told.before;
    place[i] = static_cast<i32>(told.place);
    outcome[i] = told.outcome;
    bids[i] = static_cast<i32>(both[0].sure(fell[0]));
    asks[i] = static_cast<i32>(both[1].sure(fell[1]));
    const i64 at = i * levels;
    write(both[0], 1, close, levels, bid.data + at, bid_size.data + at);
    write(both[1], -1, close, levels, ask.data + at, ask_size.data + at);
    crossed[i] = bid[at] > ask[at] ? 2 : bid[at] == ask[at] ? 1 : 0;
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(book)
