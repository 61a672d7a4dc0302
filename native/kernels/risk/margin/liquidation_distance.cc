// Contract: src/kernels/risk/margin/liquidation_distance.ts. The same rungs and halvings for all sets at once, over blocks of positions.
#include "kernels/risk/parts/positions.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = POSITION_INPUTS ", set, room", .options = "bad", .outputs = "down, up"};
CHOICE(BadPosition, refuse, leave_out)

namespace {

constexpr int rungs = 32, halvings = 40;

// Positions in columns: side 0 stands for what moves with the price.
struct Columns {
  f64 *units, *side, *moneyness, *root, *volatility, *asset, *cash;
  i64 rows;
};

void keep_block(const PositionBlock& b, i64 start, i64 count, const Columns& to) {
  for (i64 i = 0; i < count; i++) {
    const bool known = b.fault[i] == 0;
    to.units[start + i] = known ? b.units[i] : 0.0;
    to.side[start + i] = b.is_option(i) ? b.side[i] : 0.0;
    to.moneyness[start + i] = b.moneyness[i], to.root[start + i] = b.root[i], to.volatility[start + i] = b.volatility[i];
    to.asset[start + i] = b.is_option(i) ? b.asset[i] : b.price[i], to.cash[start + i] = b.cash[i];
  }
}

// Adds to each set's sum what its positions gain at its move.
void add_gains(const Columns& c, In<u32> set, const f64* moves, f64* sums) {
  constexpr i64 block = position_block;
  for (i64 start = 0; start < c.rows; start += block) {
    const i64 count = c.rows - start < block ? c.rows - start : block;
    f64 ratio[block], found[block];
    for (i64 i = 0; i < block; i++) ratio[i] = i < count ? 1.0 + moves[set[start + i]] : 1.0;
    for (i64 i = 0; i < block; i += register_lanes) {
      const i64 k = start + i;
      const auto at = [k](const f64* column) { return load<f64xn>(column + k); };
      const Options o{at(c.side), at(c.moneyness), at(c.root), at(c.volatility), at(c.asset), at(c.cash)};
      const f64xn moved = load<f64xn>(ratio + i), one = broadcast<f64xn>(1);
      const f64xn option = option_value(o, moved, log_positive<Rounding::FUSED>(moved), one) - option_value(o, one, f64xn{}, one);
      const f64xn linear = o.asset * moved - o.asset;
      store(found + i, load<f64xn>(c.units + k) * (o.side == f64xn{} ? linear : option));
    }
    for (i64 i = 0; i < count; i++) sums[set[start + i]] += found[i];
  }
}

// First moves towards `end`, into `out`; `moves`, `sums` and `near` are scratch memory for each set.
void first_moves(const Columns& c, In<u32> set, In<f64> room, f64 end, f64* moves, f64* sums, f64* near, f64* out) {
  const i64 sets = room.length;
  const auto rung = [=](int k) { return end * (static_cast<f64>(k) / rungs) * (static_cast<f64>(k) / rungs); };
  for (i64 s = 0; s < sets; s++) out[s] = room[s] <= 0 ? 0.0 : __builtin_inf(), near[s] = 0;
  for (int k = 1; k <= rungs; k++) {
    for (i64 s = 0; s < sets; s++) moves[s] = rung(k), sums[s] = 0;
    add_gains(c, set, moves, sums);
    for (i64 s = 0; s < sets; s++)
      if (out[s] == __builtin_inf() && sums[s] <= -room[s]) out[s] = rung(k), near[s] = rung(k - 1);
  }
  for (int round = 0; round < halvings; round++) {
    for (i64 s = 0; s < sets; s++) moves[s] = out[s] == __builtin_inf() ? 0.0 : (near[s] + out[s]) / 2, sums[s] = 0;
    add_gains(c, set, moves, sums);
    for (i64 s = 0; s < sets; s++) {
      if (out[s] == __builtin_inf() || room[s] <= 0) continue;
      (sums[s] <= -room[s] ? out[s] : near[s]) = moves[s];
    }
  }
  for (i64 s = 0; s < sets; s++) out[s] = __builtin_fabs(out[s]);
}

}  // namespace

static i64 scratch_size(const Sizes& of) { return 7 * (of.length(names.input("quantity")) + position_block) + 3 * of.length(names.input("room")); }

static Status liquidation_distance(In<f64> quantity, OptionalIn<f64> multiplier, In<u8> kind, In<u32> underlying, In<f64> strike, In<f64> expiry,
                                   In<f64> volatility, OptionalIn<f64> rate, OptionalIn<f64> yield, In<f64> price, In<u32> set, In<f64> room,
                                   BadPosition bad, Workspace scratch, Out<f64> down, Out<f64> up) {
  const Positions positions{quantity, multiplier, kind, underlying, strike, expiry, volatility, rate, yield, price};
  const i64 rows = quantity.length, step = rows + position_block, sets = room.length;
  f64* w = scratch.data;
  const Columns c{w, w + step, w + 2 * step, w + 3 * step, w + 4 * step, w + 5 * step, w + 6 * step, rows};
  for (i64 i = 0; i < 7 * step; i++) w[i] = 0;
  PositionBlock b;
  for (i64 start = 0; start < rows; start += position_block) {
    const i64 count = rows - start < position_block ? rows - start : position_block;
    b.read(positions, start, count);
    for (i64 i = 0; i < count; i++) {
      if (b.fault[i] != 0 && bad == BadPosition::refuse) return refuse(BAD_VALUE, port_of(b.fault[i]), start + i, 0);
      if (set[start + i] >= sets) return refuse(BAD_VALUE, names.input("set"), start + i, 0);
    }
    keep_block(b, start, count, c);
  }
  f64 *moves = w + 7 * step, *sums = moves + sets, *near = sums + sets;
  first_moves(c, set, room, -(1 - 1e-6), moves, sums, near, down.data);
  first_moves(c, set, room, 3, moves, sums, near, up.data);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(liquidation_distance)
