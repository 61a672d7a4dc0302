// A kernel that writes beside its scratch memory, for test/core/compared.test.ts: prints how many executions broke a fence. The macros plant what
// may not compile.
#include <cstdio>
#include <cstdlib>

#include "../../../native/abi/binding.h"

namespace tickforge::TICKFORGE_ISA {

#if defined(ONE_NAME_TOO_FEW)
static constexpr Names names{.inputs = "x", .options = "place"};
#else
static constexpr Names names{.inputs = "x", .options = "place, unit", .outputs = "y"};
#endif
CHOICE(Unit, price, relative)

#if !defined(NO_SIZE)
static i64 scratch_size(const Sizes& of) { return 2 * of.length(names.input("x")); }
#endif

// y: how long the scratch memory is, and whether it holds no number.
static Status planted(In<f64> x, i32 place, Unit, Workspace scratch, Out<f64> y) {
  y[0] = static_cast<f64>(scratch.length);
  y[1] = scratch[0] == scratch[0] ? 0 : 1;
  scratch[place] = 1;
#if defined(NO_SUCH_INPUT)
  return refuse(BAD_VALUE, names.input("price"), x.length, 0);
#else
  return x.length < 0 ? refuse(BAD_VALUE, names.input("x"), 0, 0) : done();
#endif
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(planted)

int main(int, char** places) {
  using namespace tickforge;
  double x[5] = {}, y[2], control[CONTROL_SIZE] = {};
  const Row& row = base::planted_table.rows[0];
  const Layout layout;
  Arg args[] = {{x, 5, 0}, {nullptr, 0, 0}, {nullptr, 0, 0}, {nullptr, 0, 0}, {y, 2, 0}};
  for (const bool fenced : {true, false})
    for (char** place = places + 1; *place && (fenced || std::atoi(*place) == 0); place++) {
      Scratch::wanted = fenced;
      Scratch scratch;
      if (!scratch.take(row.scratch(args))) return 1;
      args[1].number = std::atoi(*place);
      args[3] = {scratch.data(), scratch.values(), 0};
      const Slot slot{args, {}};
      Binding binding{.row = &row, .layout = &layout, .find_bad = nullptr, .control = control, .slots = &slot, .fenced = fenced ? &scratch : nullptr,
                      .slot_count = 1, .check_count = 0, .state_checks = 0, .counted = false, .least = 0, .steps = {}, .checks = {}};
      execute(binding, 0);
      execute(binding, 0);
      std::printf("%s %g %g %d\n", *place, y[0], y[1], static_cast<int>(Scratch::broken.exchange(0)));
    }
}
