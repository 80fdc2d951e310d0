// Runs a function: inputs by name from a file, outputs printed and saved.
#include "tenon_run.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

namespace tenon::run {

namespace {
// Memory for tensors that the tool makes itself: kept until the run is over.
struct Storage {
  std::vector<std::unique_ptr<char, decltype(&std::free)>> blocks;
  std::vector<std::unique_ptr<std::int64_t[]>> shapes;

  tenon_array make(const tenon_tensor_info &info) {
    std::size_t size = (std::size_t(info.bytes) + 127) / 64 * 64;
    char *data = static_cast<char *>(std::aligned_alloc(64, size));
    if (!data)
      throw std::bad_alloc();
    std::fill(data, data + size, 0);
    blocks.emplace_back(data, std::free);
    shapes.emplace_back(new std::int64_t[TENON_RANK_LIMIT]);
    std::copy(info.shape, info.shape + TENON_RANK_LIMIT, shapes.back().get());
    return {data, info.type, info.rank, shapes.back().get()};
  }
};

double element(const tenon_array &a, std::size_t i) {
  switch (a.type) {
  case TENON_FLOAT32: return static_cast<const float *>(a.data)[i];
  case TENON_FLOAT64: return static_cast<const double *>(a.data)[i];
  case TENON_INT32: return static_cast<const std::int32_t *>(a.data)[i];
  case TENON_INT64: return double(static_cast<const std::int64_t *>(a.data)[i]);
  case TENON_BOOL: return static_cast<const unsigned char *>(a.data)[i];
  case TENON_FLOAT16: { // digits times 2^(exponent - 25), the exponent at least 1
    std::uint16_t bits = static_cast<const std::uint16_t *>(a.data)[i];
    int exponent = bits >> 10 & 31, digits = bits & 0x3ff;
    double size = exponent == 31 ? (digits ? NAN : INFINITY) : std::ldexp(digits + (exponent ? 1024 : 0), std::max(exponent, 1) - 25);
    return bits >> 15 ? -size : size;
  }
  case TENON_BFLOAT16: {
    std::uint32_t bits = std::uint32_t(static_cast<const std::uint16_t *>(a.data)[i]) << 16;
    float value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
  }
  default: return 0;
  }
}

void print(const tenon_tensor_info &info, const tenon_array &a) {
  constexpr std::size_t most = 8;
  std::size_t count = info.bytes ? std::size_t(info.bytes) / tenon_type_bytes(info.type) : 0;
  std::printf("%s %s =", info.name, info.text);
  for (std::size_t i = 0; i < std::min(count, most); ++i)
    std::printf(" %.9g", element(a, i));
  std::printf(count > most ? " ...\n" : "\n");
}

// The inputs of `function` in their order: from the file by name, or zeros.
std::vector<tenon_array> inputsOf(const runtime::Model &model, std::uint32_t function, const runtime::File *file, Storage &storage) {
  std::vector<tenon_array> inputs;
  for (std::uint32_t i = 0; i < model.function(function).inputs; ++i) {
    tenon_tensor_info info = model.input(function, i);
    const tenon_named_array *found = nullptr;
    for (std::size_t k = 0; file && k < file->size(); ++k)
      if (std::string((*file)[k].name) == info.name)
        found = &(*file)[k];
    if (!found && (file || info.bytes < 0))
      throw std::runtime_error(std::string("input ") + info.name + " " + info.text + (file ? " is not in the input file" : " has a symbolic size: give it with --input"));
    inputs.push_back(found ? found->array : storage.make(info));
  }
  if (file && file->size() > inputs.size())
    std::fprintf(stderr, "tenon-run: the input file has %zu tensors, %zu are used\n", file->size(), inputs.size());
  return inputs;
}
} // namespace

void execute(const Request &request) {
  runtime::Model model(request.artifact);
  runtime::State state(model, request.device);
  tenon_options options = {};
  options.threads = request.threads, options.profile = request.profile, options.device = request.device;
  runtime::Context context(model, options);
  if (!request.state.empty())
    state.load(request.state);

  std::optional<runtime::File> file;
  if (!request.input.empty())
    file.emplace(request.input);
  Storage storage;
  std::uint32_t function = model.find(request.function);
  std::vector<tenon_array> inputs = inputsOf(model, function, file ? &*file : nullptr, storage), outputs;
  runtime::check(tenon_function_match(model.get(), request.function.c_str(), inputs.data(), inputs.size(), &function));
  runtime::check(tenon_context_bind(context.get(), function, inputs.data(), inputs.size()));
  std::vector<tenon_tensor_info> infos(model.function(function).outputs);
  for (std::uint32_t i = 0; i < infos.size(); ++i) {
    runtime::check(tenon_output_resolve(model.get(), function, inputs.data(), inputs.size(), i, &infos[i]));
    outputs.push_back(storage.make(infos[i]));
  }

  std::vector<const void *> in;
  std::vector<void *> out;
  for (const tenon_array &a : inputs)
    in.push_back(a.data);
  for (const tenon_array &a : outputs)
    out.push_back(a.data);
  using Clock = std::chrono::steady_clock;
  double best = 1e300, total = 0;
  for (unsigned i = 0; i < request.repeat; ++i) {
    auto begin = Clock::now();
    context.run(state, function, in.data(), out.data());
    double time = std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
    best = std::min(best, time), total += time;
  }

  for (std::size_t i = 0; i < outputs.size(); ++i)
    print(infos[i], outputs[i]);
  tenon_device_info info = {};
  if (request.device)
    runtime::check(tenon_device_describe(request.device, &info));
  std::string where = request.device ? info.name : std::to_string(context.threads()) + (context.threads() == 1 ? " thread" : " threads");
  std::printf("%s: %u run%s on %s, %s on average, best %s\n", request.function.c_str(), request.repeat, request.repeat == 1 ? "" : "s", where.c_str(), timeText(total / request.repeat).c_str(), timeText(best).c_str());
  if (request.profile)
    printProfile(model, context, function);
  if (!request.output.empty()) {
    std::vector<tenon_named_array> named;
    for (std::size_t i = 0; i < outputs.size(); ++i)
      named.push_back({infos[i].name, outputs[i]});
    runtime::check(tenon_file_write(request.output.c_str(), named.data(), named.size()));
  }
  if (!request.saveState.empty())
    state.save(request.saveState);
}

} // namespace tenon::run
