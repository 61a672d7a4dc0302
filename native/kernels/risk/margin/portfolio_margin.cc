// Contract: src/kernels/risk/margin/portfolio_margin.ts. Positions are brought into the order of accounts and groups by counting, twice.
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "profit, value, account, group, minimum, cash",
                             .options = "scenarios, groups, initialRatio, bad",
                             .outputs = "equity, maintenance, initial, excess, call, unpriced"};
CHOICE(BadPosition, refuse, leave_out)

namespace {

// `to`: the places of `from` (all in turn, where it is null) in the order of their ids, equal ones as they came.
void by_id(In<u32> ids, i64 most, const f64* from, f64* counts, f64* to) {
  const auto at = [=](i64 i) { return from ? static_cast<i64>(from[i]) : i; };
  for (i64 k = 0; k <= most; k++) counts[k] = 0;
  for (i64 i = 0; i < ids.length; i++) counts[ids[i] + 1]++;
  for (i64 k = 0; k < most; k++) counts[k + 1] += counts[k];
  for (i64 i = 0; i < ids.length; i++) to[static_cast<i64>(counts[ids[at(i)]]++)] = static_cast<f64>(at(i));
}

bool finite(const f64* x, i64 count) {
  i64 wrong = 0;
  for (i64 s = 0; s < count; s++) wrong += x[s] * 0.0 != 0.0;
  return wrong == 0;
}

// Positions that are read before they are needed.
constexpr i64 ahead = 8;

// The refusal of the first value or profit that is no number.
Status first_unpriced(In<f64> profit, In<f64> value, i64 width) {
  for (i64 i = 0;; i++) {
    if (value[i] * 0.0 != 0) return refuse(BAD_VALUE, names.input("value"), i, 0);
    for (i64 s = i * width; s < (i + 1) * width; s++)
      if (profit[s] * 0.0 != 0) return refuse(BAD_VALUE, names.input("profit"), s, 0);
  }
}

// The loss in the worst scenario, not below `least`.
f64 requirement(const f64* sums, i64 scenarios, f64 least) {
  f64 worst = least;
  for (i64 s = 0; s < scenarios; s++) worst = -sums[s] > worst ? -sums[s] : worst;
  return worst;
}

}  // namespace

static i64 scratch_size(const Sizes& of) {
  const i64 positions = of.length(names.input("value")), accounts = of.length(names.input("cash")), scenarios = of.option(names.option("scenarios")),
            groups = of.option(names.option("groups"));
  return 2 * positions + accounts + groups + 2 + scenarios;
}

static Status portfolio_margin(In<f64> profit, In<f64> value, In<u32> account, In<u32> group, OptionalIn<f64> minimum, In<f64> cash, i32 scenarios,
                               i32 groups, f64 initial_ratio, BadPosition bad, Workspace scratch, Out<f64> equity, Out<f64> maintenance,
                               Out<f64> initial, Out<f64> excess, Out<f64> call, Out<i32> unpriced) {
  const i64 rows = value.length, accounts = cash.length, width = scenarios;
  for (i64 i = 0; i < rows; i++)
    if (account[i] >= accounts) return refuse(BAD_VALUE, names.input("account"), i, 0);
  const auto priced = [=](i64 i) { return (value[i] * 0.0 == 0) & finite(profit.data + i * width, width); };
  f64 *first = scratch.data, *places = first + rows, *sums = places + rows, *counts = sums + width;
  by_id(group, groups, nullptr, counts, first);
  by_id(account, accounts, first, counts + groups + 1, places);
  for (i64 a = 0; a < accounts; a++) equity[a] = cash[a], maintenance[a] = 0, unpriced[a] = 0;
  for (i64 from = 0, to = 0; from < rows; from = to) {
    const i64 head = static_cast<i64>(places[from]), a = account[head];
    f64 least = 0;
    for (i64 s = 0; s < width; s++) sums[s] = 0;
    for (; to < rows; to++) {
      const i64 i = static_cast<i64>(places[to]);
      if (account[i] != a || group[i] != group[head]) break;
      if (to + ahead < rows) {  // rows of an account lie anywhere
        const f64* next = profit.data + static_cast<i64>(places[to + ahead]) * width;
        for (i64 s = 0; s < width && s < 32; s += 8) __builtin_prefetch(next + s);
      }
      if (!priced(i)) {
        if (bad == BadPosition::refuse) return first_unpriced(profit, value, width);
        unpriced[a]++;
        continue;
      }
      for (i64 s = 0; s < width; s++) sums[s] += profit[i * width + s];
      least += minimum ? minimum[i] : 0;
      equity[a] += value[i];
    }
    maintenance[a] += requirement(sums, width, least);
  }
  for (i64 a = 0; a < accounts; a++) {
    initial[a] = initial_ratio * maintenance[a];
    excess[a] = equity[a] - maintenance[a];
    call[a] = excess[a] < 0 ? initial[a] - equity[a] : 0;
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(portfolio_margin)
