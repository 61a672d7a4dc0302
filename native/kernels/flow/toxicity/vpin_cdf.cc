// Contract: src/kernels/flow/toxicity/vpin_cdf.ts. The same count over the ring of earlier values, in vector compares.
#include "simd/simd.h"
#include "abi/state_values.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "vpin", .options = "history", .state = "earlier, seen", .outputs = "cdf"};

template <class T> Status vpin_cdf(In<T> vpin, i32 history, State<f64> earlier, State<f64> seen, Out<T> cdf) {
  i64 count = count_of(seen[0]);
  for (i64 i = 0; i < vpin.length; i++) {
    const f64 value = static_cast<f64>(vpin[i]);
    if (value != value) {
      cdf[i] = static_cast<T>(value);
      continue;
    }
    const i64 known = count < history ? count : history;
    cdf[i] = static_cast<T>(static_cast<f64>(count_at_most(earlier.data, known, value + 1e-12)) / static_cast<f64>(known));
    earlier[count++ % history] = value;
  }
  seen[0] = static_cast<f64>(count);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(vpin_cdf)
