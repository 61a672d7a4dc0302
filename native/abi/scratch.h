// Scratch memory of a call, or of a binding, whose slots share it: as much as the row's kernel says. Tests put fences around it and fill it
// with NaN: a kernel that writes beside its scratch memory is counted, and one that reads what it did not write shows in its results. No
// Node in here.
#pragma once
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "kernel.h"

namespace tickforge {

class Scratch {
 public:
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::free(block_); }

  // False where there is no memory for so many values.
  bool take(i64 values) noexcept {
    if (values < 0 || values > most) return false;
    fenced_ = wanted.load(std::memory_order_relaxed);
    const i64 around = fenced_ ? 2 * fence : 0;
    block_ = static_cast<f64*>(std::calloc(static_cast<size_t>(values + around + line), sizeof(f64)));
    if (!block_) return false;
    const size_t past = reinterpret_cast<uintptr_t>(block_) / sizeof(f64) % line;
    data_ = block_ + (past ? line - past : 0) + around / 2;
    values_ = values;
    if (fenced_) put_fences();
    return true;
  }
  f64* data() const { return data_; }
  i64 values() const { return values_; }
  i64 bytes() const { return values_ * static_cast<i64>(sizeof(f64)); }
  bool fenced() const { return fenced_; }

  // After an execution: a fence that was written to is counted, and stands again.
  void look() noexcept {
    for (i64 i = 0; i < fence * static_cast<i64>(sizeof(f64)); i++)
      if (before()[i] != post || after()[i] != post) {
        broken.fetch_add(1, std::memory_order_relaxed);
        return put_fences();
      }
  }

  static inline std::atomic<bool> wanted{false};
  static inline std::atomic<i64> broken{0};

 private:
  static constexpr i64 fence = 64, line = 8, most = i64{1} << 48;  // values; a line of the cache is 8
  static constexpr unsigned char post = 0xA5;

  const unsigned char* before() const { return reinterpret_cast<const unsigned char*>(data_ - fence); }
  const unsigned char* after() const { return reinterpret_cast<const unsigned char*>(data_ + values_); }
  void put_fences() noexcept {
    std::memset(data_ - fence, post, fence * sizeof(f64));
    std::memset(data_, 0xFF, static_cast<size_t>(values_) * sizeof(f64));
    std::memset(data_ + values_, post, fence * sizeof(f64));
  }

  f64 *block_ = nullptr, *data_ = nullptr;
  i64 values_ = 0;
  bool fenced_ = false;
};

}  // namespace tickforge
