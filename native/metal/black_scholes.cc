// Contract: src/kernels/risk/options/black_scholes.ts. Shader: shaders/black_scholes.metal.
#include "../../shaders/constants.h"
#include "gpu/gpu.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "spot, strike, expiry, rate, dividendYield, call, volatility",
                             .outputs = "price, delta, gamma, vega, theta, rho, vanna, volga"};

using Column = Reads<f32>;
using Greek = Writes<f32>;
static constexpr Shader greeks = shader_row<Column, Column, Column, Column, Column, Reads<u8>, Column, Greek, Greek, Greek, Greek, Greek, Greek,
                                            Greek, Greek, Reads<black_scholes_constants>>("black_scholes", 256);

static Status black_scholes(In<f32> spot, In<f32> strike, In<f32> expiry, OptionalIn<f32> rate, OptionalIn<f32> dividend_yield, In<u8> call,
                            In<f32> volatility, Out<f32> price, Out<f32> delta, Out<f32> gamma, Out<f32> vega, Out<f32> theta, Out<f32> rho,
                            Out<f32> vanna, Out<f32> volga) {
  const i64 n = spot.length;
  Work work;
  const auto given = [&](OptionalIn<f32> column) { return column ? work.reads(column.data, n) : Work::constants(0.0f); };
  const auto out = [&](Out<f32> column) { return work.writes(column.data, n); };
  const black_scholes_constants constants{static_cast<u32>(n), static_cast<bool>(rate), static_cast<bool>(dividend_yield)};
  work.launch(greeks, n,
              {work.reads(spot.data, n), work.reads(strike.data, n), work.reads(expiry.data, n), given(rate), given(dividend_yield),
               work.reads(call.data, n), work.reads(volatility.data, n), out(price), out(delta), out(gamma), out(vega), out(theta), out(rho),
               out(vanna), out(volga), Work::constants(constants)});
  return work.finish() ? done() : device_failed();
}

}  // namespace tickforge::TICKFORGE_ISA
GPU_KERNEL(black_scholes, false, &greeks)
