// The threads of one execution that asks for them: started for it and gone after it, which costs some 50 us each. Parts are taken one by
// one; which thread had which part shows nowhere. Where the system grants fewer threads, those that are there do the work. An execution that
// is given up (addon_break.h) is left part by part: its threads are joined before the kernel that lent them out is left.
#pragma once
#include <unistd.h>

#include "addon_break.h"
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
  std::atomic<i32> working{0};  // members that have not come to their end

  // `here`: where there is a way out of a part.
  void work(i32 thread, Place* here) {
    for (i64 index; !cancelled.load(std::memory_order_relaxed) && (index = next.fetch_add(1, std::memory_order_relaxed)) < parts;) {
      const bool whole = here ? run_with_way_back(*here, [&] { part(context, index, thread); }) : (part(context, index, thread), true);
      double flag;
      __atomic_load(crew.cancel, &flag, __ATOMIC_RELAXED);
      if (!whole || flag != 0) cancelled.store(true, std::memory_order_relaxed);
      if (whole && thread == 0) tell(index);
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
  const std::atomic<bool>* asked;  // of the execution, where it can be given up
  pthread_t thread;
};

inline void* run_member(void* given) {
  auto* member = static_cast<CrewMember*>(given);
  Place here{member->asked};
  if (member->asked) enter_thread(&here);
  member->work->work(member->number, member->asked ? &here : nullptr);
  if (member->asked) leave_thread();
  member->work->working.fetch_sub(1);
  return nullptr;
}

// Members of an execution that was given up are told so, each by its own signal, until all have come to their end.
inline void wait_for(CrewWork& work, CrewMember* members, i32 started, const std::atomic<bool>& asked) {
  for (; work.working.load() > 0; usleep(200))
    if (asked.load())
      for (i32 i = 1; i < started; i++) pthread_kill(members[i].thread, SIGURG);
}

constexpr i32 most_threads = 64;

inline bool run_crew(const Crew& crew, i64 parts, i64 rows, i32 threads, void (*part)(void*, i64, i32), void* context) noexcept {
  Place* here = place_of_thread();
  if (here && !here->back.load()) here = nullptr;
  sigjmp_buf* const back = here ? here->back.exchange(nullptr) : nullptr;  // no way out while there are members
  CrewWork work{crew, parts, rows, part, context, *crew.done};
  CrewMember members[most_threads];
  const i64 wanted = threads < most_threads ? threads : most_threads;
  i32 started = 1;
  for (; started < wanted && started < parts; started++) {
    members[started] = {&work, started, here ? here->asked.load() : nullptr, {}};
    work.working.fetch_add(1);
    if (pthread_create(&members[started].thread, nullptr, run_member, &members[started]) == 0) continue;
    work.working.fetch_sub(1);
    break;
  }
  work.work(0, here);
  if (here) wait_for(work, members, started, *here->asked.load());
  for (i32 i = 1; i < started; i++) pthread_join(members[i].thread, nullptr);
  if (!work.cancelled) work.tell(parts);
  if (here) {
    here->back = back;
    if (here->asked.load()->load()) siglongjmp(*back, 1);
  }
  return !work.cancelled;
}

}  // namespace tickforge
