// Why a row of values is refused; the same numbers as in src/files/kernels/value_refusals.ts.
#pragma once
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

enum ValueRefusal : i32 {
  GOOD,
  BAD_LENGTH,
  BAD_EMPTY,
  BAD_NUMBER,
  BAD_PRICE,
  BAD_SIZE,
  BAD_TIME,
  BAD_TIME_RANGE,
  BAD_SIDE,
  BAD_SYMBOL,
  NO_SYMBOL_LEFT,
  TIME_FELL
};

}  // namespace tickforge::TICKFORGE_ISA
