// Memory that processes share: a file that is given its blocks and mapped, words to sleep on, locks that end with whoever
// holds them. Functions return 0 or an errno value; nothing here throws, prints or knows Node.
#pragma once
#include <cstddef>
#include <cstdint>

namespace tickforge::shared {

// Takes the blocks at once: a file that only pretends to have its size ends in SIGBUS when memory runs out.
int allocate(int file, std::size_t bytes) noexcept;
int map(int file, std::size_t bytes, void** memory) noexcept;
// Of a file that is only read: its bytes come when they are looked at, and what is written to them stays here.
int view(int file, std::size_t bytes, void** memory) noexcept;
void unmap(void* memory, std::size_t bytes) noexcept;
// Whether all of it lies in one mapping that was made here and has not ended.
bool is_mapped(const void* memory, std::size_t bytes) noexcept;

std::size_t page_bytes() noexcept;

// Sleeps while the word holds `value`, at most so long; returns early for no reason now and then.
void wait(std::int32_t* word, std::int32_t value, double milliseconds) noexcept;
void wake_all(std::int32_t* word) noexcept;

// Locks byte `seat` for this open file description. EAGAIN: another one has it.
int lock(int file, std::int64_t seat, bool exclusive) noexcept;
int unlock(int file, std::int64_t seat) noexcept;
// Whether another open file description holds a lock on the byte.
int held(int file, std::int64_t seat, bool* taken) noexcept;

int make_fifo(const char* path) noexcept;

}  // namespace tickforge::shared
