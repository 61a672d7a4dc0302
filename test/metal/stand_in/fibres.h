// One fibre per GPU thread of a group. A fibre runs until it waits for the others or ends; the scheduler lets a round of
// them run, then looks at who waits where. Threads that wait at different places are an error that ends the program.
#pragma once
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "lanes.h"

#ifndef __SANITIZE_ADDRESS__
extern "C" inline void __sanitizer_start_switch_fiber(void**, const void*, std::size_t) {}
extern "C" inline void __sanitizer_finish_switch_fiber(void*, const void**, std::size_t*) {}
#endif

namespace fibres {

constexpr std::size_t stack_bytes = 128 << 10;

struct Fibre {
  ucontext_t context;
  std::unique_ptr<char[]> stack{new char[stack_bytes]};
  Wait wait = Wait::none;
  std::source_location where;
  unsigned exchanges = 0;                // SIMD functions entered so far
  alignas(16) unsigned char value[2][16];  // what this lane offers; two, as a lane may be one function ahead of its readers
};

inline std::vector<Fibre> all;
inline Fibre* current = nullptr;
inline const std::function<void(unsigned)>* body = nullptr;
inline ucontext_t scheduler;
inline const void* scheduler_stack = nullptr;
inline std::size_t scheduler_bytes = 0;

inline unsigned position() { return static_cast<unsigned>(current - all.data()); }
unsigned lane() { return position() % simd_width; }

// AddressSanitizer must be told of every change of stack.
inline void leave(Wait wait, std::source_location where) {
  Fibre* self = current;
  self->wait = wait;
  self->where = where;
  void* fake = nullptr;
  __sanitizer_start_switch_fiber(wait == Wait::ended ? nullptr : &fake, scheduler_stack, scheduler_bytes);
  swapcontext(&self->context, &scheduler);
  __sanitizer_finish_switch_fiber(fake, &scheduler_stack, &scheduler_bytes);
}
void wait(Wait kind, std::source_location where) { leave(kind, where); }

inline void start() {
  __sanitizer_finish_switch_fiber(nullptr, &scheduler_stack, &scheduler_bytes);
  (*body)(position());
  leave(Wait::ended, std::source_location::current());
}

inline void enter(Fibre& fibre) {
  current = &fibre;
  fibre.wait = Wait::none;
  void* fake = nullptr;
  __sanitizer_start_switch_fiber(&fake, fibre.stack.get(), stack_bytes);
  swapcontext(&scheduler, &fibre.context);
  __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
}

void exchange(const void* value, std::size_t bytes, void* values, bool* active, std::source_location where) {
  const unsigned turn = current->exchanges++ % 2;
  std::memcpy(current->value[turn], value, bytes);
  leave(Wait::simd, where);
  const unsigned first = position() - lane();
  for (unsigned i = 0; i < simd_width && first + i < all.size(); i++) {
    active[i] = all[first + i].exchanges >= current->exchanges;
    std::memcpy(static_cast<char*>(values) + i * bytes, all[first + i].value[turn], bytes);
  }
}

[[noreturn]] inline void divergent(const char* what, const Fibre& one, const char* other) {
  std::fprintf(stderr, "divergent %s: %s:%u is reached by thread %u, %s\n", what, one.where.file_name(), one.where.line(),
               static_cast<unsigned>(&one - all.data()), other);
  std::abort();
}

inline bool same_place(const Fibre& a, const Fibre& b) {
  return a.wait == b.wait && a.where.line() == b.where.line() && a.where.column() == b.where.column();
}

// True where the unfinished lanes of [first, last) wait in one SIMD function; false where none does.
inline bool simd_ready(unsigned first, unsigned last) {
  const Fibre* waiting = nullptr;
  for (unsigned i = first; i < last; i++)
    if (all[i].wait == Wait::simd) waiting = &all[i];
  for (unsigned i = first; waiting && i < last; i++)
    if (all[i].wait != Wait::ended && !same_place(all[i], *waiting))
      divergent("SIMD function", *waiting, "another lane of its SIMD group waits elsewhere");
  return waiting;
}

// Runs body(0) .. body(threads - 1) as one threadgroup. `reverse` lets the last thread go first: a missing barrier shows as
// a result that hangs on the order.
inline void run_group(unsigned threads, bool reverse, const std::function<void(unsigned)>& thread_body) {
  body = &thread_body;
  all.resize(threads);
  for (Fibre& fibre : all) {
    // A fibre that ended left the marks of its frames behind.
    ASAN_UNPOISON_MEMORY_REGION(fibre.stack.get(), stack_bytes);
    getcontext(&fibre.context);
    fibre.context.uc_stack.ss_sp = fibre.stack.get();
    fibre.context.uc_stack.ss_size = stack_bytes;
    fibre.context.uc_link = nullptr;
    fibre.wait = Wait::none;
    fibre.exchanges = 0;
    makecontext(&fibre.context, start, 0);
  }
  std::vector<bool> runnable(threads, true);
  for (;;) {
    for (unsigned i = 0; i < threads; i++) {
      const unsigned turn = reverse ? threads - 1 - i : i;
      if (runnable[turn]) enter(all[turn]);
    }
    bool progress = false;
    for (unsigned first = 0; first < threads; first += simd_width) {
      const unsigned last = std::min(first + simd_width, threads);
      const bool ready = simd_ready(first, last);
      for (unsigned i = first; i < last; i++) runnable[i] = ready && all[i].wait == Wait::simd;
      progress |= ready;
    }
    if (progress) continue;
    const Fibre* waiting = nullptr;
    for (const Fibre& fibre : all)
      if (fibre.wait == Wait::threadgroup) waiting = &fibre;
    if (!waiting) return;
    for (const Fibre& fibre : all)
      if (!same_place(fibre, *waiting))
        divergent("barrier", *waiting, fibre.wait == Wait::ended ? "another thread has ended" : "another thread waits elsewhere");
    std::fill(runnable.begin(), runnable.end(), true);
  }
}

}  // namespace fibres
