// What running kernels needs of the system: threads, and a way out of a kernel in the middle. Each side of it is whole in a file of its own;
// headers of the system are included there, and by what only POSIX has (shared_memory.cc, placement.cc), nowhere else.
//
//   SystemThread                            a thread, as the system names it
//   start_thread<run>(SystemThread&, given) false where the system grants no more
//   join_thread(SystemThread), this_thread(), nap()
//
//   can_leave                               whether a kernel can be left in the middle
//   Place                                   of a thread that runs kernels; `asked` says whether its execution is given up
//   enter_thread(Place*), leave_thread()    before its first kernel, and before the place is gone
//   run_with_way_back(Place&, run)          runs a kernel, or a part of one; false where it was left, or given up before
//   place_to_leave()                        this thread's place where what it runs can be left, else null
//   hold(Place&), go_on(Place&, WayBack)    between them nothing is left; what was asked meanwhile is done then
//   ask_to_leave(SystemThread)              it leaves the kernel of an execution that was given up, where it can
#pragma once
#if defined(_WIN32)
#include "system_windows.h"
#else
#include "system_posix.h"
#endif
