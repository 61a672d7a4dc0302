// Work in parts on the threads that an execution is lent. What a part computes may hang on its index alone: then results are the same to
// the bit for every number of threads.
#pragma once
#include "kernel.h"

namespace tickforge::TICKFORGE_ISA {

// part(index, thread) for every index below `parts`; false where the call was cancelled. Each part is `rows` rows of progress.
template <class Part> bool spread(Threads crew, i64 parts, i64 rows, i32 threads, Part part) {
  return crew.data->run(
      *crew.data, parts, rows, threads, [](void* context, i64 index, i32 thread) { (*static_cast<Part*>(context))(index, thread); }, &part);
}

inline Status cancelled() { return {CANCELLED, 0, 0, 0, 0}; }

}  // namespace tickforge::TICKFORGE_ISA
