// What shaders.cc, built for one text of shaders, tells run.cc, which is built once.
#pragma once

struct Parameter {
  enum Kind { position, pointer, constants } kind;
  bool written;
  unsigned bytes;  // of an element, or of all constants
};
union Argument {
  const unsigned* position;
  char* data;
};
struct Kernel {
  const char* name;
  const Parameter* parameters;
  int count;
  void (*of_thread)(const Argument* arguments);
};

extern const Kernel kernels[];
extern const int kernel_count;
extern const char* const shader_path;  // the text they are made of
extern const bool rough_arithmetic;

// What is made wrong in a text with mutants (mutants.h): the number that MUTANT says. Tests ask what was reached at all.
int chosen_mutant();
bool* reached_marks();
inline constexpr int most_mutants = 1 << 15;
