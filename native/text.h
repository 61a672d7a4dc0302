// Where separators, line ends and quotes lie: 64 bytes at a time, one bit for each byte.
#pragma once
#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif
#include "kernel.h"

namespace tickforge::TICKFORGE_ISA {

static inline u64 marks_of(const u8* p, u8 separator) {
#if defined(__AVX512BW__)
  const __m512i block = _mm512_loadu_si512(p);
  return _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(static_cast<char>(separator))) |
         _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\n')) | _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"'));
#elif defined(__AVX2__)
  u64 marks = 0;
  for (int i = 0; i < 2; i++) {
    const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32 * i));
    const __m256i hit = _mm256_or_si256(_mm256_cmpeq_epi8(block, _mm256_set1_epi8(static_cast<char>(separator))),
                                        _mm256_or_si256(_mm256_cmpeq_epi8(block, _mm256_set1_epi8('\n')), _mm256_cmpeq_epi8(block, _mm256_set1_epi8('"'))));
    marks |= static_cast<u64>(static_cast<u32>(_mm256_movemask_epi8(hit))) << (32 * i);
  }
  return marks;
#elif defined(__SSE2__)
  u64 marks = 0;
  for (int i = 0; i < 4; i++) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * i));
    const __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8(static_cast<char>(separator))),
                                     _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(block, _mm_set1_epi8('"'))));
    marks |= static_cast<u64>(static_cast<u32>(_mm_movemask_epi8(hit))) << (16 * i);
  }
  return marks;
#else
  // Without movemask: 8 bytes a word; the high bit of each byte that is zero after the exclusive or, gathered by a product.
  u64 marks = 0;
  for (int i = 0; i < 8; i++) {
    u64 word;
    __builtin_memcpy(&word, p + 8 * i, 8);
    const auto zero = [](u64 x) { return ~(((x & 0x7F7F7F7F7F7F7F7F) + 0x7F7F7F7F7F7F7F7F) | x | 0x7F7F7F7F7F7F7F7F); };
    const u64 ones = 0x0101010101010101;
    const u64 hit = zero(word ^ (ones * separator)) | zero(word ^ (ones * '\n')) | zero(word ^ (ones * '"'));
    marks |= (((hit >> 7) * 0x0102040810204080) >> 56) << (8 * i);
  }
  return marks;
#endif
}

// The marks of a stretch of text, one after the other. The last block is padded with zeros in memory of its own.
class Marks {
 public:
  Marks(const u8* text, i64 length, u8 separator) : text_(text), length_(length), separator_(separator) { load(); }
  // Position of the next mark, or -1 at the end.
  i64 next() {
    while (!bits_) {
      block_ += 64;
      if (block_ >= length_) return -1;
      load();
    }
    const i64 at = block_ + __builtin_ctzll(bits_);
    bits_ &= bits_ - 1;
    return at;
  }

 private:
  void load() {
    if (length_ - block_ >= 64) {
      bits_ = marks_of(text_ + block_, separator_);
      return;
    }
    u8 padded[64] = {0};
    if (length_ > block_) __builtin_memcpy(padded, text_ + block_, static_cast<size_t>(length_ - block_));
    bits_ = marks_of(padded, separator_);
  }
  const u8* text_;
  i64 length_;
  i64 block_ = 0;
  u64 bits_ = 0;
  u8 separator_;
};

}  // namespace tickforge::TICKFORGE_ISA
