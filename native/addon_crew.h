// The threads of one execution that asks for them: started for it and gone after it, which costs some 50 us each. Parts are taken one by
// one; which thread had which part shows nowhere. Where the system grants fewer threads, those that are there do the work.
#pragma once
#include <pthread.h>

#include <atomic>

#include "kernel.h"

namespace tickforge {

struct CrewWork {
  const Crew& crew;
  const i64 parts, rows;
  void (*const part)(void*, i64, i32);
  void* const context;
  const double before;
  std::atomic<i64> next{0};
  std::atomic<bool> cancelled{false};

  void work(i32 thread) {
    for (i64 index; !cancelled.load(std::memory_order_relaxed) && (index = next.fetch_add(1, std::memory_order_relaxed)) < parts;) {
      part(context, index, thread);
      double flag;
      __atomic_load(crew.cancel, &flag, __ATOMIC_RELAXED);
      if (flag != 0) cancelled.store(true, std::memory_order_relaxed);
      if (thread == 0) tell(index);
    }
  }
  void tell(i64 count) {
    const double done = before + static_cast<double>(count * rows);
    __atomic_store(crew.done, &done, __ATOMIC_RELAXED);
  }
};

struct CrewMember {
  CrewWork* work;
  i32 number;
  pthread_t thread;
};

inline void* run_member(void* given) {
  auto* member = static_cast<CrewMember*>(given);
  member->work->work(member->number);
  return nullptr;
}

constexpr i32 most_threads = 64;

inline bool run_crew(const Crew& crew, i64 parts, i64 rows, i32 threads, void (*part)(void*, i64, i32), void* context) noexcept {
  CrewWork work{crew, parts, rows, part, context, *crew.done};
  CrewMember members[most_threads];
  const i64 wanted = threads < most_threads ? threads : most_threads;
  i32 started = 1;
  for (; started < wanted && started < parts; started++) {
    members[started] = {&work, started, {}};
    if (pthread_create(&members[started].thread, nullptr, run_member, &members[started]) != 0) break;
  }
  work.work(0);
  for (i32 i = 1; i < started; i++) pthread_join(members[i].thread, nullptr);
  if (!work.cancelled) work.tell(parts);
  return !work.cancelled;
}

}  // namespace tickforge
