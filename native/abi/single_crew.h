// The crew of an execution where there is one thread: every part runs on it, in order.
#pragma once
#include "kernel.h"

namespace tickforge {

inline bool run_crew(const Crew& crew, i64 parts, i64 rows, i32, void (*part)(void*, i64, i32), void* context) noexcept {
  for (i64 index = 0; index < parts; index++) {
    if (*crew.cancel != 0) return false;
    part(context, index, 0);
    *crew.done += static_cast<double>(rows);
  }
  return true;
}

}  // namespace tickforge
