#include "placement.h"

#include <cerrno>
#if defined(__linux__)
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace tickforge::placement {

#if defined(__linux__)

// By number: musl has these functions in name only.

int pin(const int* cores, int count) noexcept {
  unsigned long mask[most_cores / (8 * sizeof(unsigned long))] = {};
  constexpr int bits = 8 * sizeof(unsigned long);
  for (int i = 0; i < count; i++) {
    if (cores[i] < 0 || cores[i] >= most_cores) return EINVAL;
    mask[cores[i] / bits] |= 1ul << (cores[i] % bits);
  }
  return syscall(SYS_sched_setaffinity, 0, sizeof mask, mask) == 0 ? 0 : errno;
}

int allowed(int* cores, int* count) noexcept {
  unsigned long mask[most_cores / (8 * sizeof(unsigned long))] = {};
  constexpr int bits = 8 * sizeof(unsigned long);
  *count = 0;
  if (syscall(SYS_sched_getaffinity, 0, sizeof mask, mask) < 0) return errno;
  for (int core = 0; core < most_cores; core++)
    if (mask[core / bits] >> (core % bits) & 1) cores[(*count)++] = core;
  return 0;
}

int real_time(int priority) noexcept {
  constexpr int reset_on_fork = 0x40000000;
  const sched_param wanted{priority};
  const int policy = priority > 0 ? SCHED_FIFO | reset_on_fork : SCHED_OTHER;
  return syscall(SYS_sched_setscheduler, 0, policy, &wanted) == 0 ? 0 : errno;
}

#else

int pin(const int*, int) noexcept { return ENOTSUP; }
int allowed(int*, int* count) noexcept { return *count = 0, ENOTSUP; }
int real_time(int priority) noexcept { return priority > 0 ? ENOTSUP : 0; }

#endif

}  // namespace tickforge::placement
