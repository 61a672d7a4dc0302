// Contract: src/kernels/risk/tail/component_var.ts. Scenarios of weight 0 are passed over: all but the border of the tail.
#include "kernels/risk/parts/attribution.h"

namespace tickforge::TICKFORGE_ISA {

template <class T>
Status component_var(In<T> returns, In<T> weights, i32 assets, f64 confidence, i32 method, f64 df, i32 quantile, i32 tail, i32 ddof, Workspace scratch,
                Out<T> var, Out<T> es) {
  attribute(returns, weights, assets, method_of(confidence, method, df, quantile, tail, ddof), true, scratch, var, es);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(component_var)
