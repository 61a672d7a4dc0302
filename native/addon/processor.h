// Which instruction sets this processor has, by the names of the builds. Asked by the add-on when it loads and by CMake when it configures.
#pragma once

#include <cstring>

namespace tickforge {

inline bool processor_runs(const char* build) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!std::strcmp(build, "v3")) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  if (!std::strcmp(build, "v4"))
    return processor_runs("v3") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
#else
  return !std::strcmp(build, "base");
#endif
}

}  // namespace tickforge
