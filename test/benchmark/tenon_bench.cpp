// Step times of Tenon's public interface on the models that the peers run, one JSON line per model in their form.
//
// usage: tenon_bench [--models mlp_b64,...] [--seconds 3] [--mode compiled|define-by-run] [--save FOLDER]
//        tenon_bench --peak THREADS
// A step is zero_grad, forward, loss, backward and the optimizer's step on one fixed batch; --save writes each step's artifact
// and its captured IR. --peak measures the machine instead: GFLOP/s of fused multiply-add.
#include "models.h"
#include "peak.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

using namespace tenon;
using Clock = std::chrono::steady_clock;

namespace {

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

long resident_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

void measure(const std::string &name, const Training &training, double seconds, bool compiled, const std::string &folder) {
  const auto &[x, y, written] = training;
  x.data_ptr(), y.data_ptr(); // made before the clock starts
  auto replayed = compile(written);
  // A define-by-run step ends with item(): nothing runs before somebody asks for a number.
  std::function<float(bool)> step = [&](bool read) {
    if (!compiled)
      return written(x, y).item<float>();
    Tensor loss = replayed(x, y);
    return read ? loss.item<float>() : 0.0f;
  };

  auto start = Clock::now();
  float first_loss = step(true);
  double first = since(start);
  for (int i = 0; i < 5; ++i)
    step(false);
  std::vector<double> times;
  for (auto begin = Clock::now(); since(begin) < seconds || times.size() < 5;) {
    auto t = Clock::now();
    step(false);
    times.push_back(since(t));
  }
  float last_loss = step(true);
  size_t n = times.size();
  std::sort(times.begin(), times.end());
  std::printf("{\"model\": \"%s\", \"mode\": \"tenon %s\", \"step_us\": %.2f, \"min_us\": %.2f, \"first_step_s\": %.4f, \"n\": %zu, "
              "\"rss_mib\": %ld, \"loss_first\": %.4f, \"loss_last\": %.4f}\n",
              name.c_str(), compiled ? "compiled" : "define-by-run", (times[(n - 1) / 2] + times[n / 2]) / 2 * 1e6, times[0] * 1e6, first, n,
              resident_mib(), first_loss, last_loss);
  std::fflush(stdout);
  if (!folder.empty()) {
    ArtifactOptions options;
    options.captured = folder + "/" + name + ".mlir";
    save_artifact(folder + "/" + name + ".so", {{"train_step", replayed}}, options);
  }
}

} // namespace

int main(int argc, char **argv) {
  std::string wanted, mode = "compiled", folder;
  double seconds = 3;
  for (int i = 1; i < argc; i += 2) {
    std::string option = argv[i], value = i + 1 < argc ? argv[i + 1] : "";
    if (option == "--models")
      wanted = "," + value + ",";
    else if (option == "--seconds")
      seconds = std::stod(value);
    else if (option == "--mode")
      mode = value;
    else if (option == "--save")
      folder = value;
    else if (option == "--peak")
      return std::printf("{\"peak_gflops\": %.1f}\n", fma_peak(std::max(1, std::stoi(value)))), 0;
    else
      return std::fprintf(stderr, "tenon_bench: unknown option %s\n", argv[i]), 2;
  }
  for (const auto &[name, make] : models())
    if (wanted.empty() || wanted.find("," + name + ",") != std::string::npos) {
      manual_seed(0);
      measure(name, make(), seconds, mode == "compiled", folder);
    }
}
