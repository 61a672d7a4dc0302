// Contract: src/kernels/flow/book/book.ts. The same moves of the same arrays, so that states are equal to the bit.
#include "abi/kernel.h"
#include "kernels/flow/parts/levels.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "side, price, size, flags, sequence, instrument",
                             .options = "depth, levels, instruments, room, beyond",
                             .state = "held, ends, horizon, last",
                             .outputs = "before, place, outcome, crossed, bids, asks, bid, bidSize, ask, askSize"};
CHOICE(Beyond, unknown, sent_again)

Status book(In<i8> side, In<f64> price, In<f64> size, OptionalIn<u8> flags, OptionalIn<f64> sequence, OptionalIn<u32> instrument, i32 depth,
            i32 levels, i32, i32 room, Beyond beyond, State<f64> held, State<f64> ends, State<f64> horizon, State<f64> last, Out<f64> before,
            Out<i32> place, Out<u8> outcome, Out<u8> crossed, Out<i32> bids, Out<i32> asks, Out<f64> bid, Out<f64> bid_size, Out<f64> ask,
            Out<f64> ask_size) {
  const i64 line = 4 * static_cast<i64>(room);
  const BookOut out{.before = before.data,
                    .place = place.data,
                    .outcome = outcome.data,
                    .crossed = crossed.data,
                    .bids = bids.data,
                    .asks = asks.data,
                    .bid = bid.data,
                    .bid_size = bid_size.data,
                    .ask = ask.data,
                    .ask_size = ask_size.data};
  const auto side_of = [&](i64 id, i64 which) {
    return Side::of(held.data + id * line + 2 * which * room, ends.data + 4 * id + 2 * which, room, depth);
  };
  // Of one instrument they stay in registers: written to the state and read again, each row would wait for the one before.
  Side both[2] = {side_of(0, 0), side_of(0, 1)};
  i64 last_better[2] = {};
  for (i64 i = 0; i < price.length; i++) {
    const i64 id = instrument ? instrument[i] : 0;
    if (instrument) both[0] = side_of(id, 0), both[1] = side_of(id, 1);
    f64* const fell = horizon.data + 2 * id;
    const i32 flag = flags ? i32{flags[i]} : i32{CLOSES};
    if (flag & RESETS) {
      for (Side& one : both) one.clear();
      fell[0] = fell[1] = nowhere;
      last[id] = -1;
    }
    const bool old = sequence && sequence[i] <= last[id];
    Told told{0, -1, old ? OLD : NOTHING};
    if (!old && side[i] != 0) {
      const i64 which = side[i] > 0 ? 0 : 1;
      told = set_level(both[which], beyond == Beyond::unknown ? fell + which : nullptr, side[i] > 0 ? price[i] : -price[i], size[i], depth,
                       last_better[which]);
    }
    if (instrument)
      for (const Side& one : both) one.keep();
    const bool close = flag & CLOSES;
    if (close && !old && sequence) last[id] = sequence[i];
    tell(out, i, told, both, fell, close, levels);
  }
  if (!instrument)
    for (const Side& one : both) one.keep();
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(book)
