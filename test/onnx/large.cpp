// A large model out and in, each in a process of its own: seconds, and memory as a multiple of its size, the model in memory included, beyond what a tiny model takes.
// Fails above 2.2; seconds are only told.
//
//   onnx_large [MEGABYTES [EXTERNAL_BYTES]]      default: 100, and a file without external data
#include <tenon/tenon.h>
#include <tenon/onnx/onnx.h>
#include <tenon/onnx/load.h>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using namespace tenon;

namespace {

constexpr int layers = 25;
int64_t external = -1;
std::string path;

nn::Sequential stack(int64_t width) {
  nn::Sequential net;
  for (int i = 0; i < layers; ++i)
    net->push_back(nn::Linear(nn::LinearOptions(width, width).bias(false)));
  NoGradGuard no_grad;
  double factor = 0;
  for (auto &w : net->parameters()) {
    w.fill_(++factor / double(layers * width));
    w.data_ptr(); // now
  }
  return net;
}

/// Kilobytes at most since the last call.
double peak() {
  std::ifstream status("/proc/self/status");
  double kilobytes = 0;
  for (std::string word; status >> word;)
    if (word == "VmHWM:")
      status >> kilobytes;
  std::ofstream("/proc/self/clear_refs") << "5";
  return kilobytes;
}

struct Figures {
  double seconds, kilobytes, first;
};

template <class Work> Figures apart(Work work) {
  int ends[2];
  if (pipe(ends))
    std::abort();
  Figures figures{-1, 0, 0};
  if (pid_t child = fork()) {
    close(ends[1]);
    if (read(ends[0], &figures, sizeof figures) != sizeof figures)
      figures.seconds = -1;
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return figures;
  }
  try {
    work(figures);
  } catch (const std::exception &e) {
    std::fprintf(stderr, "%s\n", e.what());
    _exit(1);
  }
  _exit(write(ends[1], &figures, sizeof figures) != sizeof figures);
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

Figures leave(int64_t width) {
  return apart([&](Figures &f) {
    auto net = stack(width);
    auto x = zeros({3, width});
    peak();
    double start = now();
    onnx::save(net, path, {x}, onnx::SaveOptions().external_bytes(external));
    f.seconds = now() - start;
    f.kilobytes = peak();
  });
}

Figures arrive(int64_t width) {
  return apart([&](Figures &f) {
    peak();
    double start = now();
    auto net = onnx::load(path);
    f.seconds = now() - start;
    f.kilobytes = peak();
    NoGradGuard no_grad;
    net->eval();
    auto y = net->forward(ones({1, width}));
    if (y.size(1) != width || !std::isfinite(y.sum().item<double>()))
      throw std::runtime_error("it does not run");
    f.first = peak();
  });
}

} // namespace

int main(int argc, char **argv) {
  double megabytes = argc > 1 ? std::stod(argv[1]) : 100;
  external = argc > 2 ? std::stoll(argv[2]) : -1;
  path = TENON_BINARY_DIR "/test/onnx/large.onnx";
  auto width = int64_t(std::sqrt(megabytes * 1e6 / 4 / layers));
  bool good = true;
  double start[3];
  for (int64_t w : {int64_t(8), width}) {
    Figures out = leave(w), in = arrive(w);
    double kilobytes[] = {out.kilobytes, in.kilobytes, in.first};
    good &= out.seconds >= 0 && in.seconds >= 0;
    for (int i = 0; i < 3; ++i)
      if (w == 8)
        start[i] = kilobytes[i];
      else
        kilobytes[i] = (kilobytes[i] - start[i]) * 1024 / (double(w) * double(w) * 4 * layers);
    if (w != 8) {
      std::printf("%.0f MB: export %.2f s, %.2f times its size; import %.2f s, %.2f times; when it runs first %.2f times\n", megabytes, out.seconds, kilobytes[0], in.seconds, kilobytes[1], kilobytes[2]);
      good &= kilobytes[0] < 2.2 && kilobytes[1] < 2.2;
    }
  }
  std::remove(path.c_str());
  std::remove((path + ".data").c_str());
  std::puts(good ? "" : "that is too much");
  return good ? 0 : 1;
}
