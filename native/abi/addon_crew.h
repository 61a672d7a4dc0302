// The threads of one execution that asks for them: started for it and gone after it, which costs some 50 us each. Parts are taken one by
// one; which thread had which part shows nowhere. Where the system grants fewer threads, those that are there do the work. An execution that
// is given up (system.h) is left part by part: its threads are joined before the kernel that lent them out is left.
#pragma once
#include "kernel.h"
#include "system.h"

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
    double done = before + static_cast<double>(count * rows);
    __atomic_store(crew.done, &done, __ATOMIC_RELAXED);
  }
};

struct CrewMember {
  CrewWork* work;
  i32 number;
  const std::atomic<bool>* asked;  // of the execution, where it can be given up
  SystemThread thread;
};

inline void run_member(void* given) {
  auto* member = static_cast<CrewMember*>(given);
  Place here{member->asked};
  if (member->asked) enter_thread(&here);
  member->work->work(member->number, member->asked ? &here : nullptr);
  if (member->asked) leave_thread();
  member->work->working.fetch_sub(1);
}

// Members of an execution that was given up are told so, each by its own signal, until all have come to their end.
inline void wait_for(CrewWork& work, CrewMember* members, i32 started, const std::atomic<bool>& asked) {
  for (; work.working.load() > 0; nap())
    if (asked.load())
      for (i32 i = 1; i < started; i++) ask_to_leave(members[i].thread);
}

constexpr i32 most_threads = 64;

inline bool run_crew(const Crew& crew, i64 parts, i64 rows, i32 threads, void (*part)(void*, i64, i32), void* context) noexcept {
  Place* const here = place_to_leave();
  const WayBack back = here ? hold(*here) : WayBack{};  // no way out while there are members
  CrewWork work{crew, parts, rows, part, context, *crew.done};
  CrewMember members[most_threads];
  const i64 wanted = threads < most_threads ? threads : most_threads;
  i32 started = 1;
  for (; started < wanted && started < parts; started++) {
    members[started] = {&work, started, here ? here->asked.load() : nullptr, {}};
    work.working.fetch_add(1);
    if (start_thread<run_member>(members[started].thread, &members[started])) continue;
    work.working.fetch_sub(1);
    break;
  }
  work.work(0, here);
  if (here) wait_for(work, members, started, *here->asked.load());
  for (i32 i = 1; i < started; i++) join_thread(members[i].thread);
  if (!work.cancelled) work.tell(parts);
  if (here) go_on(*here, back);
  return !work.cancelled;
}

}  // namespace tickforge
