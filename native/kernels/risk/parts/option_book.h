// A book of options as it is on the horizon: what does not depend on the path is computed once for each position.
#pragma once
#include "positions.h"
#include "return_model.h"
#include "simulated_tail.h"

namespace tickforge::TICKFORGE_ISA {

struct Held {
  Option option;
  f64 units, price;  // an asset or a future is worth what its price moves
  i64 underlying;
  f64 is_option;
  f64 now;  // what all units are worth now; an asset and a future count from what they are worth now
};
inline constexpr i64 held_size = sizeof(Held) / sizeof(f64);

struct OptionBook {
  Held* held;
  i64 positions;
  ReturnModel model;  // of the log returns
};

// Reads the positions as they are now and, `expiry` being filled with what is left of it, on the horizon; or refuses the first that is wrong.
inline Status open_positions(Positions positions, f64 horizon, f64* expiry, Held* held) {
  const i64 count = positions.quantity.length;
  PositionBlock b;
  for (i64 start = 0; start < count; start += position_block) {
    const i64 many = count - start < position_block ? count - start : position_block;
    b.read(positions, start, many);
    for (i64 i = 0; i < many; i++) {
      if (b.fault[i] != 0) return refuse(BAD_VALUE, port_of(b.fault[i]), start + i, 0);
      held[start + i].now = b.is_option(i) ? b.units[i] * b.value[i] : b.units[i] * b.price[i];
    }
  }
  for (i64 i = 0; i < count; i++) expiry[i] = positions.expiry[i] > horizon ? positions.expiry[i] - horizon : 0;
  positions.expiry = {expiry, count};
  for (i64 start = 0; start < count; start += position_block) {
    const i64 many = count - start < position_block ? count - start : position_block;
    b.read(positions, start, many);
    for (i64 i = 0; i < many; i++)
      held[start + i] = {b.option(i), b.units[i], b.price[i], positions.underlying[start + i], b.is_option(i) ? 1.0 : 0.0, held[start + i].now};
  }
  return done();
}

inline Status open_book(const Positions& positions, OptionalIn<f64> mean, In<f64> covariance, f64 horizon, Space& space, OptionBook& book) {
  const i64 instruments = positions.price.length;
  book.positions = positions.quantity.length;
  book.held = reinterpret_cast<Held*>(space.take(book.positions * held_size));
  const Status opened = open_positions(positions, horizon, space.take(book.positions), book.held);
  if (opened.code != OK) return opened;
  return open_model({mean, {covariance.data, covariance.length}, {}, {}, {}}, 10, instruments, space.take(model_space(instruments, instruments)), book.model);
}

}  // namespace tickforge::TICKFORGE_ISA
