// Contract: src/kernels/risk/volatility/price_returns.ts.
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "price", .state = "last", .outputs = "returns"};

template <class T> Status price_returns(In<T> price, State<f64> last, Out<T> returns) {
  const i64 rows = price.length;
  if (rows == 0) return done();
  const f64 before = last[0], first = static_cast<f64>(price[0]);
  returns[0] = static_cast<T>(before == 0 ? __builtin_nan("") : (first - before) / before);
  for (i64 i = 1; i < rows; i++) {
    const f64 old = static_cast<f64>(price[i - 1]);
    returns[i] = static_cast<T>((static_cast<f64>(price[i]) - old) / old);
  }
  last[0] = static_cast<f64>(price[rows - 1]);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(price_returns)
