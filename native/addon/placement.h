// Where the calling thread runs and how urgent it is. Functions return 0 or an errno value; ENOTSUP where the system has no
// such thing: macOS lets no thread choose its core, and takes hints of urgency only from those who state a period.
#pragma once

namespace tickforge::placement {

constexpr int most_cores = 1024;

// Ties the calling thread to these cores alone.
int pin(const int* cores, int count) noexcept;
// The cores on which the calling thread may run; at most `most_cores` of them.
int allowed(int* cores, int* count) noexcept;
// Puts the calling thread before all that are not real-time, 1 to 99; 0: back among the others. Its children begin as others do.
int real_time(int priority) noexcept;

}  // namespace tickforge::placement
