// tenon-run's parts.
#pragma once
#include "runtime/tenon.hpp"
#include <string>

namespace tenon::run {

struct Request {
  std::string artifact, function, input, state, output, saveState;
  unsigned repeat = 1, threads = 0, device = 0; // device: 0 the CPU, 1 + n CUDA GPU n
  bool profile = false;
};

/// Prints what an artifact has: functions, memory, kernels with the user's lines, state.
void describe(const Request &request);
/// Runs a function on safetensors and prints its outputs and the time.
void execute(const Request &request);
/// Prints time by kernel and user line, the longest first.
void printProfile(const runtime::Model &model, const runtime::Context &context, std::uint32_t function);

/// "470.1 KB".
std::string bytesText(double bytes);
/// "12.3 us".
std::string timeText(double nanoseconds);

} // namespace tenon::run
