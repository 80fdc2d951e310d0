// A walk over a function's commands as kernels: loops and branches decided, arguments moved from pass to pass.
#pragma once
#include "runtime/cuda/context.h"

namespace tenon::rt::cuda {

/// A kernel with its launch.
struct Kernel {
  Function *function;
  unsigned blocks, threads;
  void **parameters;
};

/// `Sink` gets begin(), kernel(Kernel, row) for each of some kernels that may run at once, end(), in the order of the commands; and is asked
/// flag(address, value): a byte of device memory. All return a Result; flag() may say that the run is over.
template <class Sink> class Walker {
public:
  Walker(Context &context, Prepared &prepared, Sink &sink) : c(context), p(prepared), f(*prepared.function), sink(sink) {}
  Result walk() { return walk(0, f.n_commands); }

private:
  Context &c;
  Prepared &p;
  const tenon_function &f;
  Sink &sink;
  bool over = false;

  int64_t value(tenon_size size) const {
    int64_t number = 0;
    evaluate(size, &p.sizes, number);
    return number;
  }

  Result launch(const tenon_command &command, uint32_t row) {
    if (Result r = sink.begin())
      return r;
    for (uint32_t i = 0; i < command.count; ++i) {
      const tenon_grid &g = f.calls[command.first + i];
      const tenon_kernel &k = c.plan().kernels[g.kernel];
      int64_t blocks = value(g.blocks);
      if (!blocks)
        continue;
      for (uint32_t a = 0; a < k.n_arguments; ++a)
        c.parameters[a] = &p.arguments[g.first_argument + a];
      Address status = c.status();
      c.parameters[k.n_arguments] = &status;
      if (Result r = sink.kernel({c.loaded->kernels[g.kernel], unsigned(blocks), k.threads, c.parameters.data()}, row + i))
        return r;
    }
    return sink.end();
  }

  // A command that every image has as a kernel.
  Result other(const tenon_command &command, uint32_t number) {
    uint64_t bytes = uint64_t(value(command.bytes));
    Address status = c.status();
    uint32_t word = command.kind == TENON_COMMAND_CHECK ? number + 1 : command.count;
    void *copy[] = {&p.arguments[command.first], &p.arguments[command.first] + 1, &bytes, &status};
    void *others[] = {&p.arguments[command.first], &bytes, &word, &status};
    bool isCopy = command.kind == TENON_COMMAND_COPY;
    Function *function = isCopy ? c.loaded->copy : command.kind == TENON_COMMAND_FILL ? c.loaded->fill : c.loaded->check;
    if (!bytes)
      return 0;
    if (Result r = sink.begin())
      return r;
    if (Result r = sink.kernel({function, unsigned((bytes + 65535) / 65536), 256, isCopy ? copy : others}, p.rows[number]))
      return r;
    return sink.end();
  }

  void move(const tenon_command &command, int64_t times) {
    for (uint32_t i = command.first_move; i < command.first_move + command.n_moves; ++i)
      p.arguments[f.moves[i].argument] += Address(f.moves[i].stride * times);
  }

  Result loop(const tenon_command &command, uint32_t number) {
    Result result = 0;
    int64_t moved = 0, passes = value(command.bytes);
    for (int64_t pass = 0; pass < passes && !result && !over; ++pass) {
      bool more = true;
      if (command.first != TENON_NO_ARGUMENT && (result = sink.flag(p.arguments[command.first], more, over)))
        break;
      if (!more || over)
        break;
      if (pass)
        move(command, 1), ++moved;
      result = walk(number + 1, number + 1 + command.count);
    }
    move(command, -moved);
    return result;
  }

  Result walk(uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end && !over; ++i) {
      const tenon_command &command = f.commands[i];
      Result result;
      if (command.kind == TENON_COMMAND_LAUNCH)
        result = launch(command, p.rows[i]);
      else if (command.kind == TENON_COMMAND_LOOP) {
        result = loop(command, i);
        i += command.count;
      } else if (command.kind == TENON_COMMAND_BRANCH) {
        bool taken = false;
        uint32_t middle = i + 1 + command.count;
        result = sink.flag(p.arguments[command.first], taken, over);
        if (!result && !over)
          result = walk(taken ? i + 1 : middle, taken ? middle : middle + command.others);
        i += command.count + command.others;
      } else
        result = other(command, i);
      if (result)
        return result;
    }
    return 0;
  }
};

} // namespace tenon::rt::cuda
