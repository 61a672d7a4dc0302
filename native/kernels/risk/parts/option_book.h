// A book of options as it is on the horizon: what does not depend on the path is computed once for each position.
#pragma once
#include "positions.h"
#include "return_model.h"
#include "simulated_tail.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = POSITION_INPUTS ", mean, covariance",
                             .options = "paths, confidence, horizon, distribution, df, seed, stream, threads",
                             .outputs = "var, es, varLow, varHigh, varError, esError"};

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
  return open_model({mean, {covariance.data, covariance.length}, {}, {}, {}}, {names.input("covariance"), -1}, instruments,
                    space.take(model_space(instruments, instruments)), book.model);
}

// Paths of a batch take so many f64 of their thread's own.
inline i64 book_space(i64 instruments, i64 batch) { return batch * (2 * instruments + 8) + 24 * instruments; }

static i64 scratch_size(const Sizes& of) {
  const i64 given = of.length(names.input("price")), n = given > 1 ? given : 1, batch = batch_paths(n);
  const PathPlan plan{of.option(names.option("paths")), 1, batch, book_space(n, batch), static_cast<i32>(of.option(names.option("threads")))};
  return of.length(names.input("quantity")) * (held_size + 1) + model_space(n, n) +
         tail_scratch(plan, tail_rule(of.number(names.option("confidence"))));
}

}  // namespace tickforge::TICKFORGE_ISA
