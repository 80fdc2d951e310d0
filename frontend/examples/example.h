// What the example programs share: their size, Fashion-MNIST, accuracy, their way out as ONNX.
#pragma once
#include <tenon/tenon.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace example {

/// TENON_EXAMPLE=small: a few steps, as the tests run it.
inline bool small() {
  const char *size = std::getenv("TENON_EXAMPLE");
  return size && std::string_view(size) == "small";
}
/// `full`, or `few` in the small form.
inline int64_t steps(int64_t full, int64_t few) { return small() ? few : full; }

/// Batches of Fashion-MNIST (Debian's dataset-fashion-mnist): data [N, 1, 28, 28] in [0, 1], target [N]; the last short batch is dropped.
inline auto fashion_mnist(int64_t batch, bool train = true) {
  using namespace tenon::data;
  using Mode = datasets::MNIST::Mode;
  return make_data_loader(datasets::MNIST("/usr/share/datasets/fashion-mnist", train ? Mode::kTrain : Mode::kTest).map(transforms::Stack<>()),
                          DataLoaderOptions(batch).drop_last(true));
}

/// Calls `step(data, target)` on `epochs` epochs of training images and prints each epoch's mean loss. Small form: 20 batches.
template <class Step> void train(Step &&step, int epochs, int64_t batch = 64) {
  auto loader = fashion_mnist(batch);
  for (int epoch = 0; epoch < (small() ? 1 : epochs); ++epoch) {
    double total = 0;
    int64_t count = 0;
    for (auto &b : *loader) {
      total += step(b.data, b.target).template item<float>();
      if (++count == 20 && small())
        break;
    }
    std::printf("epoch %d: loss %.4f\n", epoch + 1, total / count);
    std::fflush(stdout);
  }
}

/// Share of the 10000 test images whose largest of `net(data)` is the target. Small form: of 1000.
template <class Net> double accuracy(Net &&net) {
  tenon::NoGradGuard no_grad;
  auto classify = tenon::compile([&](tenon::Tensor x, tenon::Tensor y) { return net(x).argmax(1).eq(y).sum(); });
  int64_t correct = 0, seen = 0;
  auto loader = fashion_mnist(500, /*train=*/false);
  for (auto &b : *loader) {
    correct += classify(b.data, b.target).template item<int64_t>();
    seen += 500;
    if (small() && seen == 1000)
      break;
  }
  return double(correct) / seen;
}

/// TENON_EXAMPLE_ONNX=FOLDER, as the tests run it: `net`, a module or a function of tensors, leaves as FOLDER/NAME.onnx in its evaluation form, and what it gives for
/// `inputs(n)` as FOLDER/NAME-n.safetensors ("input0", ..., "output0", ...): any other runtime must say the same.
template <class Net, class Inputs> void save_onnx(const std::string &name, Net net, Inputs inputs) {
  const char *folder = std::getenv("TENON_EXAMPLE_ONNX");
  if (!folder)
    return;
  constexpr bool module = requires { net->eval(); };
  if constexpr (module)
    net->eval();
  tenon::AutoGradMode mode(!module); // a function may ask for gradients
  for (int64_t n : {3, 7}) {
    tenon::TensorList given = inputs(n);
    if (n == 3)
      tenon::onnx::save(net, std::string(folder) + "/" + name + ".onnx", given);
    auto made = tenon::onnx::detail::call(net, given, tenon::Location::current());
    tenon::OrderedDict<std::string, tenon::Tensor> numbers;
    for (size_t i = 0; i < given.size(); ++i)
      numbers.insert("input" + std::to_string(i), given[i].detach());
    for (size_t i = 0; i < made.size(); ++i)
      numbers.insert("output" + std::to_string(i), made[i].detach());
    tenon::save(numbers, std::string(folder) + "/" + name + "-" + std::to_string(n) + ".safetensors");
  }
}

} // namespace example
