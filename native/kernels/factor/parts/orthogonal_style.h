// Styles of three descriptors that are made orthogonal to others.
#pragma once
#include "cross_section_fit.h"
#include "descriptor.h"

namespace tickforge::TICKFORGE_ISA {

// f64 values of scratch for one date.
inline i64 orthogonal_scratch(i64 assets) { return 9 * (assets + 16) + 16; }

// One date, whose values begin at `at`. `scratch` has room for nine times the padded length and 16.
template <class T> struct OrthogonalStyle {
  OptionalIn<u8> universe;
  OptionalIn<T> weights, size;
  i64 assets, at;
  f64 tail;
  f64* scratch;

  i64 padded() const { return round_up(assets, 8); }
  const u8* inside() const { return universe ? universe.data + at : nullptr; }
  f64* style() const { return scratch; }
  f64* exposures() const { return scratch + padded(); }
  f64* room() const { return scratch + 3 * padded(); }

  void blend(const f64* const (&rows)[3], const f64 (&shares)[3]) const {
    const Blend blend{inside(), assets, tail, room()};
    blend.begin();
    for (int k = 0; k < 3; k++) blend.add(rows[k], shares[k]);
    blend.finish(style());
    pad(style());
  }

  // Less what `size` and the row, scored, explain; without a row `size` alone.
  void finish(const f64* row, T* score) const {
    i64 count = 0;
    if (row) {
      style_score_of(Section<f64, T>{row, inside(), nullptr, assets}, tail, false, room(), exposures());
      pad(exposures());
      count++;
    }
    if (size) copy_row(size.data + at, assets, padded(), exposures() + count++ * padded());
    orthogonal_to(Section<f64, T>{style(), inside(), weights ? weights.data + at : nullptr, assets}, style(), exposures(), count, room());
    standardize_row(style(), inside(), assets, room(), score);
  }

 private:
  void pad(f64* row) const {
    for (i64 i = assets; i < padded(); i++) row[i] = 0;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
