// Prints an artifact's description.
#include "tenon_run.h"
#include <cstdio>

namespace tenon::run {

static std::string scaled(double value, double step, const char *const *units, int last) {
  int unit = 0;
  for (; value >= step && unit < last; ++unit)
    value /= step;
  char text[64];
  std::snprintf(text, sizeof text, value < 10 && unit ? "%.2f %s" : value < 100 && unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
  return text;
}

std::string bytesText(double bytes) {
  static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
  return scaled(bytes, 1024, units, 4);
}

std::string timeText(double nanoseconds) {
  static const char *const units[] = {"ns", "us", "ms", "s"};
  return scaled(nanoseconds, 1000, units, 3);
}

static void describeFunction(const runtime::Model &model, std::uint32_t number) {
  tenon_function_info f = model.function(number);
  std::printf("  %s\n", f.text);
  std::printf("    %u launches of %u kernels, scratch memory %s\n", f.launches, f.calls, f.arena_bytes < 0 ? "symbolic" : bytesText(double(f.arena_bytes)).c_str());
  for (std::uint32_t i = 0; i < f.calls; ++i) {
    tenon_call_info c = model.call(number, i);
    std::string blocks = c.blocks < 0 ? "symbolic" : std::to_string(c.blocks);
    std::printf("    launch %u  %-28s %8s block%s  about %-8s  %s\n", c.launch, c.kernel, blocks.c_str(), c.blocks == 1 ? " " : "s", timeText(double(c.work)).c_str(), c.locations);
    if (*c.source)
      std::printf("              %s\n", c.source);
  }
}

static void describeState(const runtime::Model &model, std::uint32_t entry) {
  tenon_state_info s = model.state(entry);
  std::printf("  %-40s %-24s %10s", s.tensor.name, s.tensor.text, bytesText(double(s.tensor.bytes)).c_str());
  if (s.alias >= 0)
    std::printf("  is %s", model.state(std::uint32_t(s.alias)).tensor.name);
  else if (s.panel)
    std::printf("  stored in panels of %d rows", s.panel);
  std::printf("\n");
}

void describe(const Request &request) {
  runtime::Model model(request.artifact);
  tenon_model_info info = model.describe();
  std::printf("%s: %s, compiled by %s for %s\n", request.artifact.c_str(), bytesText(double(info.file_bytes)).c_str(), info.compiler, info.target);
  std::printf("%u kernels, state %s, constants %s\n", info.kernels, bytesText(double(info.state_bytes)).c_str(), bytesText(double(info.constant_bytes)).c_str());
  for (std::uint32_t i = 0; i < model.images(); ++i) {
    tenon_image_info image = model.image(i);
    std::printf("%s%s (%s, %s)%s", i ? ", " : "code for GPUs: ", image.name, image.kind, bytesText(double(image.bytes)).c_str(), i + 1 == model.images() ? "\n" : "");
  }
  std::printf("\nfunctions\n");
  for (std::uint32_t i = 0; i < info.functions; ++i)
    describeFunction(model, i);
  std::printf("\nstate\n");
  for (std::uint32_t i = 0; i < info.states; ++i)
    describeState(model, i);
}

} // namespace tenon::run
