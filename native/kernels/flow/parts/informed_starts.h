// Starting values for the likelihood of ivpin: src/kernels/flow/parts/informed_starts.ts has the splits.
#pragma once
#include "kernels/parts/cross_section_rank.h"
#include "informed_trading.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr f64 parts[] = {0.05, 0.15, 0.3, 0.5, 0.7, 0.9};
constexpr int split_kinds = 3;
constexpr i64 splits = split_kinds * static_cast<i64>(sizeof parts / sizeof parts[0]);
enum class Fast : int { ALL, BUY, SELL };  // by which volume a bucket is fast

struct Flow {
  f64 volume = 0, time = 0;
  void add(f64 v, f64 t) { volume += v, time += t; }
  f64 rate() const { return volume > 0 ? volume / time : 0; }
};

inline Parameters split(const InformedTrading& m, const u32* order, i64 fast, Fast kind) {
  Flow good, bad, buys, sells;
  f64 bad_count = 0;
  for (i64 place = 0; place < m.count; place++) {
    const u32 i = order[place];
    const bool is_good = place < fast && (kind == Fast::BUY || (kind == Fast::ALL && m.buy[i] >= m.sell[i])), is_bad = place < fast && !is_good;
    if (is_bad) bad_count++;
    (is_good ? good : buys).add(m.buy[i], m.time[i]);
    (is_bad ? bad : sells).add(m.sell[i], m.time[i]);
  }
  const auto larger = [](f64 a, f64 b) { return a > b ? a : b; };
  const f64 least_rate = (m.buys + m.sells) / m.duration / 1000, buy_rate = buys.rate(), sell_rate = sells.rate();
  const f64 more = good.volume + bad.volume - buy_rate * good.time - sell_rate * bad.time, mu = more > 0 ? more / (good.time + bad.time) : 0;
  const f64 share = larger(bad_count / static_cast<f64>(fast), 1.0 / 64), delta = share < 63.0 / 64 ? share : 63.0 / 64;
  return m.coordinates(static_cast<f64>(fast) / static_cast<f64>(m.count), delta, larger(mu, least_rate), larger(buy_rate, least_rate),
                       larger(sell_rate, least_rate));
}

inline void split_starts(const InformedTrading& m, f64* scratch, Parameters* starts) {
  f64 *slowness = scratch, *sorted = slowness + m.count, *room = sorted + m.count;
  u32* const order = reinterpret_cast<u32*>(room + sort_room(m.count));
  for (int kind = 0; kind < split_kinds; kind++) {
    for (i64 i = 0; i < m.count; i++) {
      const f64 volume = kind == 0 ? m.buy[i] + m.sell[i] : kind == 1 ? m.buy[i] : m.sell[i];
      slowness[i] = volume > 0 ? -(volume / m.time[i]) : 0;
    }
    sort_section(slowness, m.count, sorted, order, room);
    for (const f64 part : parts) {
      const i64 wanted = static_cast<i64>(part * static_cast<f64>(m.count) + 0.5), most = m.count - 1;
      *starts++ = split(m, order, wanted < 1 ? 1 : wanted < most ? wanted : most, static_cast<Fast>(kind));
    }
  }
}

}  // namespace tickforge::TICKFORGE_ISA
