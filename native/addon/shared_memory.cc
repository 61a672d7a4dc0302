#include "shared_memory.h"

#include <cerrno>
#include <ctime>
#include <mutex>
#include <vector>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#else
#include <dlfcn.h>
#endif

namespace tickforge::shared {

namespace {

void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  __asm__ volatile("yield");
#endif
}

// About two microseconds: a wake that comes this soon costs no system call on either side's critical path.
bool changes_soon(std::int32_t* word, std::int32_t value) noexcept {
  for (int i = 0; i < 60; i++) {
    if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value) return true;
    pause();
  }
  return false;
}

}  // namespace

#if defined(__linux__)

int allocate(int file, std::size_t bytes) noexcept {
  int result;
  do result = posix_fallocate(file, 0, static_cast<off_t>(bytes));
  while (result == EINTR);
  return result;
}

void wait(std::int32_t* word, std::int32_t value, double milliseconds) noexcept {
  if (changes_soon(word, value)) return;
  const auto nanoseconds = static_cast<std::int64_t>(milliseconds * 1e6);
  const timespec limit{static_cast<time_t>(nanoseconds / 1'000'000'000), static_cast<long>(nanoseconds % 1'000'000'000)};
  syscall(SYS_futex, word, FUTEX_WAIT, value, &limit, nullptr, 0);
}

void wake_all(std::int32_t* word) noexcept { syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, nullptr, nullptr, 0); }

namespace {

// By number and through syscall: what the C library calls fcntl has other symbol versions in newer releases.
int record_lock(int file, int command, struct flock* lock) noexcept { return syscall(SYS_fcntl, file, command, lock) == 0 ? 0 : errno; }
struct flock on_byte(std::int64_t seat, short type) noexcept {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(seat);
  lock.l_len = 1;
  return lock;
}

}  // namespace

int lock(int file, std::int64_t seat, bool exclusive) noexcept {
  struct flock wanted = on_byte(seat, exclusive ? F_WRLCK : F_RDLCK);
  const int result = record_lock(file, F_OFD_SETLK, &wanted);
  return result == EACCES ? EAGAIN : result;
}
int unlock(int file, std::int64_t seat) noexcept {
  struct flock wanted = on_byte(seat, F_UNLCK);
  return record_lock(file, F_OFD_SETLK, &wanted);
}
int held(int file, std::int64_t seat, bool* taken) noexcept {
  struct flock wanted = on_byte(seat, F_WRLCK);
  const int result = record_lock(file, F_OFD_GETLK, &wanted);
  *taken = wanted.l_type != F_UNLCK;
  return result;
}

#else  // macOS

int allocate(int file, std::size_t bytes) noexcept {
  fstore_t store{F_ALLOCATEALL, F_PEOFPOSMODE, 0, static_cast<off_t>(bytes), 0};
  if (fcntl(file, F_PREALLOCATE, &store) != 0) return errno;
  return ftruncate(file, static_cast<off_t>(bytes)) == 0 ? 0 : errno;
}

namespace {

// os_sync_* came with macOS 14.4; before it, what the C++ library of the system itself calls.
constexpr std::uint32_t wait_shared = 1, compare_and_wait_shared = 3, wake_everybody = 0x100;
using Wait = int (*)(void*, std::uint64_t, std::size_t, std::uint32_t, std::uint32_t, std::uint64_t);
using Wake = int (*)(void*, std::size_t, std::uint32_t);
extern "C" int __ulock_wait(std::uint32_t operation, void* address, std::uint64_t value, std::uint32_t microseconds);
extern "C" int __ulock_wake(std::uint32_t operation, void* address, std::uint64_t value);

}  // namespace

void wait(std::int32_t* word, std::int32_t value, double milliseconds) noexcept {
  if (changes_soon(word, value)) return;
  static const auto sleep = reinterpret_cast<Wait>(dlsym(RTLD_DEFAULT, "os_sync_wait_on_address_with_timeout"));
  const auto unsigned_value = static_cast<std::uint32_t>(value);
  constexpr std::uint32_t mach_absolute_time_clock = 32;
  // The clock counts ticks of 1/24 microsecond at the shortest; a wait that ends early is asked again.
  if (sleep) sleep(word, unsigned_value, 4, wait_shared, mach_absolute_time_clock, static_cast<std::uint64_t>(milliseconds * 24000) + 1);
  else __ulock_wait(compare_and_wait_shared, word, unsigned_value, static_cast<std::uint32_t>(milliseconds * 1000) + 1);
}

void wake_all(std::int32_t* word) noexcept {
  static const auto wake = reinterpret_cast<Wake>(dlsym(RTLD_DEFAULT, "os_sync_wake_by_address_all"));
  if (wake) wake(word, 4, wait_shared);
  else __ulock_wake(compare_and_wait_shared | wake_everybody, word, 0);
}

namespace {

// The numbers are the kernel's; the headers show them to programs of the system only.
#ifndef F_OFD_SETLK
constexpr int F_OFD_SETLK = 90, F_OFD_GETLK = 92;
#endif

}  // namespace

int lock(int file, std::int64_t seat, bool exclusive) noexcept {
  struct flock wanted{static_cast<off_t>(seat), 1, 0, static_cast<short>(exclusive ? F_WRLCK : F_RDLCK), SEEK_SET};
  return fcntl(file, F_OFD_SETLK, &wanted) == 0 ? 0 : errno;
}
int unlock(int file, std::int64_t seat) noexcept {
  struct flock wanted{static_cast<off_t>(seat), 1, 0, F_UNLCK, SEEK_SET};
  return fcntl(file, F_OFD_SETLK, &wanted) == 0 ? 0 : errno;
}
int held(int file, std::int64_t seat, bool* taken) noexcept {
  struct flock wanted{static_cast<off_t>(seat), 1, 0, F_WRLCK, SEEK_SET};
  const int result = fcntl(file, F_OFD_GETLK, &wanted) == 0 ? 0 : errno;
  *taken = wanted.l_type != F_UNLCK;
  return result;
}

#endif

namespace {

struct Mapping {
  std::uintptr_t start, end;
};
std::mutex mappings_held;
std::vector<Mapping> mappings;

void remember(void* memory, std::size_t bytes) noexcept {
  const auto start = reinterpret_cast<std::uintptr_t>(memory);
  std::lock_guard lock(mappings_held);
  mappings.push_back({start, start + bytes});
}

}  // namespace

bool is_mapped(const void* memory, std::size_t bytes) noexcept {
  const auto from = reinterpret_cast<std::uintptr_t>(memory);
  std::lock_guard lock(mappings_held);
  for (const Mapping& mapping : mappings)
    if (from >= mapping.start && bytes <= mapping.end - from && from < mapping.end) return true;
  return false;
}

int map(int file, std::size_t bytes, void** memory) noexcept {
#if defined(MAP_POPULATE)
  constexpr int flags = MAP_SHARED | MAP_POPULATE;
#else
  constexpr int flags = MAP_SHARED;
#endif
  *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, file, 0);
  if (*memory == MAP_FAILED) return errno;
  remember(*memory, bytes);
  return 0;
}

int view(int file, std::size_t bytes, void** memory) noexcept {
  *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  if (*memory == MAP_FAILED) return errno;
  madvise(*memory, bytes, MADV_SEQUENTIAL);
  remember(*memory, bytes);
  return 0;
}

void unmap(void* memory, std::size_t bytes) noexcept {
  {
    const auto start = reinterpret_cast<std::uintptr_t>(memory);
    std::lock_guard lock(mappings_held);
    std::erase_if(mappings, [=](const Mapping& mapping) { return mapping.start == start; });
  }
  munmap(memory, bytes);
}

std::size_t page_bytes() noexcept { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

int make_fifo(const char* path) noexcept { return mkfifo(path, 0600) == 0 || errno == EEXIST ? 0 : errno; }

}  // namespace tickforge::shared
