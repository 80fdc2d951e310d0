// What the verifier of plans refuses, in plans written by hand.
#include "compiler/codegen/plan.h"
#include <gtest/gtest.h>

using namespace tenon::compiler;

namespace {

PlanArgument at(int64_t offset, int64_t bytes, bool writes = false, std::vector<int64_t> strides = {}) {
  PlanArgument a;
  a.offset = offset, a.bytes = bytes, a.writes = writes, a.strides = std::move(strides);
  return a;
}

/// A loop of 4 passes whose commands are launches of one call each, with these arguments.
struct Loop {
  Plan plan;
  PlanFunction f;
  Loop(std::vector<PlanCarry> carries, int turns, std::vector<std::vector<PlanArgument>> calls) {
    f.name = "f", f.arena = 4096;
    PlanCommand loop;
    loop.kind = TENON_COMMAND_LOOP, loop.bytes = 4, loop.count = unsigned(calls.size()), loop.turns = turns, loop.carries = std::move(carries);
    f.commands.push_back(loop);
    for (auto &arguments : calls) {
      PlanCall call;
      call.arguments = arguments;
      PlanCommand launch;
      launch.first = unsigned(f.calls.size()), launch.count = 1;
      f.calls.push_back(call);
      f.commands.push_back(launch);
    }
  }
  std::string verify() {
    plan.functions = {f};
    return llvm::toString(verifyPlan(plan));
  }
};

/// A trail of 64 bytes a value: a pass finds it in one place and leaves it in the next.
PlanCarry trail() { return {at(0, 0, false, {64}), at(64, 0, false, {64}), 64, false}; }
/// Two places, at 0 and 64, in turn.
PlanCarry turning() { return {at(0, 0), at(64, 0), 64, true}; }

} // namespace

TEST(Plan, CarriesOfATrail) {
  EXPECT_EQ(Loop({trail()}, 1, {{at(0, 64, false, {64}), at(64, 64, true, {64})}}).verify(), "");
  // All that was left before may be read, but not the place that the next value gets.
  EXPECT_EQ(Loop({trail()}, 1, {{at(0, 64, false, {64})}, {at(64, 64, true, {64})}, {at(64, 64, false, {64})}}).verify(), "");
  EXPECT_EQ(Loop({trail()}, 1, {{at(64, 64, false, {64})}, {at(64, 64, true, {64})}}).verify(), "plan of f: a loop's next carry is read before it is written");
  EXPECT_EQ(Loop({trail()}, 1, {{at(64, 64, true, {64})}, {at(32, 64, true, {64})}}).verify(), "plan of f: a loop's carry is overwritten in the pass that reads it");
  EXPECT_EQ(Loop({trail()}, 1, {{at(0, 64, false, {64})}}).verify(), "plan of f: a loop's pass does not leave its next carry");
}

TEST(Plan, CarriesThatTurn) {
  auto pass = [](int64_t from, int64_t to) { return std::vector<PlanArgument>{at(from, 64), at(to, 64, true)}; };
  EXPECT_EQ(Loop({turning()}, 2, {pass(0, 64), pass(64, 0)}).verify(), "");
  EXPECT_EQ(Loop({turning()}, 2, {pass(0, 64), pass(0, 64)}).verify(), "plan of f: a loop's next carry is read before it is written");
  EXPECT_EQ(Loop({turning()}, 2, {pass(0, 64), {at(64, 64), at(64, 64, true)}}).verify(), "plan of f: a loop's carry is overwritten in the pass that reads it");
  EXPECT_EQ(Loop({turning()}, 2, {pass(0, 64), {at(64, 64)}}).verify(), "plan of f: a loop's pass does not leave its next carry");
}

TEST(Plan, MovesOfOneLoopDoNotBringArgumentsTogether) {
  Loop loop({}, 1, {{at(0, 64, false, {64}), at(64, 64, true, {64})}});
  PlanCall other;
  other.arguments = {at(128, 64, true, {64})};
  loop.f.calls.push_back(other);
  loop.f.commands.back().count = 2;
  EXPECT_EQ(loop.verify(), "");
  loop.f.calls.back().arguments = {at(128, 64, true)}; // which the second pass reads
  EXPECT_EQ(loop.verify(), "plan of f: two kernels of one launch meet in memory, and one writes it");
}

TEST(Plan, ArgumentsOfACallDoNotMeetWhereOneIsWritten) {
  EXPECT_EQ(Loop({}, 1, {{at(0, 64), at(32, 64), at(128, 64, true)}}).verify(), "");
  EXPECT_EQ(Loop({}, 1, {{at(0, 64), at(0, 0, true)}}).verify(), "") << "nothing is written";
  EXPECT_EQ(Loop({}, 1, {{at(0, 64), at(63, 64, true)}}).verify(), "plan of f: two arguments of a kernel meet in memory, and it writes one");
  EXPECT_EQ(Loop({}, 1, {{at(0, 64, true), at(0, 64, true)}}).verify(), "plan of f: two arguments of a kernel meet in memory, and it writes one");
}

TEST(Plan, PlacesAndChecks) {
  EXPECT_EQ(Loop({}, 1, {{at(4096 - 192, 64, true, {64})}}).verify(), "plan of f: a kernel reaches outside of the arena");
  PlanArgument state = at(0, 64, true);
  state.space = TENON_SPACE_STATE;
  EXPECT_EQ(Loop({}, 1, {{state}}).verify(), "plan of f: a kernel writes state inside of a loop or branch");
  Loop loop({}, 1, {{at(0, 64)}});
  PlanCommand check, copy;
  check.kind = TENON_COMMAND_CHECK, check.arguments = {at(0, 64)};
  copy.kind = TENON_COMMAND_COPY, copy.arguments = {state, at(0, 64)};
  loop.f.commands.push_back(copy), loop.f.commands.push_back(check);
  EXPECT_EQ(loop.verify(), "plan of f: state is written before a check");
  loop.f.commands = {loop.f.commands[0]};
  EXPECT_EQ(loop.verify(), "plan of f: a loop or branch ends after what it is in");
}

TEST(Plan, LaunchesAreJoinedUpToTheBlocksOfAGpu) {
  for (auto [blocks, calls] : {std::pair<int64_t, size_t>{1 << 29, 1}, {(1 << 30) - 1, 1}, {1 << 30, 2}}) {
    Plan plan;
    PlanFunction f;
    f.name = "f", f.arena = 4096;
    PlanCommand launch;
    for (unsigned i = 0; i < 2; ++i) {
      PlanKernel k;
      k.name = "k" + std::to_string(i);
      plan.kernels.push_back(k);
      PlanCall call;
      call.kernel = i, call.blocks = blocks, call.arguments = {at(64 * i, 64, true)};
      f.calls.push_back(call);
    }
    launch.count = 2;
    f.commands.push_back(launch);
    plan.functions = {f};
    EXPECT_EQ(llvm::toString(joinLaunches(plan, std::vector<Emission>(2))), "");
    EXPECT_EQ(plan.functions[0].calls.size(), calls) << blocks;
  }
}
