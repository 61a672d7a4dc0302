// Contract: src/kernels/factor/panel/forward_returns.ts. The same.
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "price, horizon", .options = "assets", .outputs = "forward"};

template <class T> Status forward_returns(In<T> price, In<i32> horizon, i32 assets, Out<T> forward) {
  const i64 dates = price.length / assets;
  for (i64 t = 0; t < dates; t++)
    for (i64 h = 0; h < horizon.length; h++) {
      const bool known = t + horizon[h] < dates;
      const T *now = price.data + t * assets, *later = known ? now + static_cast<i64>(horizon[h]) * assets : now;
      T* const out = forward.data + (t * horizon.length + h) * assets;
      for (i64 i = 0; i < assets; i++) {
        const f64 a = static_cast<f64>(now[i]), b = static_cast<f64>(later[i]), value = b / a - 1.0;
        const f64 above = a > 0.0 ? value : __builtin_nan("");
        out[i] = static_cast<T>(b > 0.0 ? above : __builtin_nan(""));
      }
      if (!known)
        for (i64 i = 0; i < assets; i++) out[i] = static_cast<T>(__builtin_nan(""));
    }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(forward_returns)
