// MNIST's images stay bytes in memory, a quarter of their float size; a batch converts them as it copies them.
#include <tenon/data/host.h>
#include <tenon/data/idx.h>
#include <tenon/data/mnist.h>

#include <numeric>

namespace tenon::data::datasets {

struct MNIST::Files {
  IdxFile images, labels;
};

namespace {
constexpr int64_t kSide = 28, kPixels = kSide * kSide, kClasses = 10;
constexpr uint32_t kImagesMagic = 0x803, kLabelsMagic = 0x801; // bytes of rank 3 and of rank 1

template <typename Indices> Example<> collect(const IdxFile &images, const IdxFile &labels, const Indices &indices, size_t count) {
  int64_t size = static_cast<int64_t>(count);
  Tensor data = host_tensor({size, 1, kSide, kSide}, kFloat32), target = host_tensor({size}, kInt64);
  float *pixel = data.data_ptr<float>();
  int64_t *label = target.data_ptr<int64_t>();
  for (size_t i = 0; i < count; ++i) {
    const uint8_t *from = images.bytes.data() + indices(i) * kPixels;
    for (int64_t p = 0; p < kPixels; ++p)
      *pixel++ = static_cast<float>(from[p]) / 255.0f;
    *label++ = labels.bytes[indices(i)];
  }
  return {data, target};
}
} // namespace

MNIST::MNIST(const std::string &root, Mode mode, Location loc) : mode_(mode) {
  std::string prefix = root + (mode == Mode::kTrain ? "/train-" : "/t10k-");
  auto files = std::make_shared<Files>();
  files->images = read_idx(prefix + "images-idx3-ubyte", kImagesMagic, {kSide, kSide}, loc);
  files->labels = read_idx(prefix + "labels-idx1-ubyte", kLabelsMagic, {}, loc);
  const IdxFile &images = files->images, &labels = files->labels;
  if (images.sizes[0] != labels.sizes[0])
    throw Error("MNIST: " + images.path + " holds " + std::to_string(images.sizes[0]) + " images, but " + labels.path + " holds " +
                    std::to_string(labels.sizes[0]) + " labels",
                loc);
  for (size_t i = 0; i < labels.bytes.size(); ++i)
    if (labels.bytes[i] >= kClasses)
      throw Error("MNIST: " + labels.path + " holds label " + std::to_string(labels.bytes[i]) + " at " + std::to_string(i) +
                      ", expected 0 to 9",
                  loc);
  files_ = files;
}

Example<> MNIST::get(size_t index) {
  if (index >= *size())
    throw Error("MNIST: index " + std::to_string(index) + " is out of range, the dataset has " + std::to_string(*size()) + " examples");
  Tensor data = host_tensor({1, kSide, kSide}, kFloat32), target = host_tensor({}, kInt64);
  const uint8_t *from = files_->images.bytes.data() + index * kPixels;
  float *pixel = data.data_ptr<float>();
  for (int64_t p = 0; p < kPixels; ++p)
    pixel[p] = static_cast<float>(from[p]) / 255.0f;
  *target.data_ptr<int64_t>() = files_->labels.bytes[index];
  return {data, target};
}

Example<> MNIST::get_stacked(ArrayRef<size_t> indices) {
  for (size_t index : indices)
    if (index >= *size())
      throw Error("MNIST: index " + std::to_string(index) + " is out of range, the dataset has " + std::to_string(*size()) + " examples");
  return collect(files_->images, files_->labels, [&](size_t i) { return indices[i]; }, indices.size());
}

std::optional<size_t> MNIST::size() const { return files_->labels.bytes.size(); }

const Tensor &MNIST::images() const {
  if (!images_.defined()) {
    Example<> all = collect(files_->images, files_->labels, [](size_t i) { return i; }, *size());
    images_ = all.data;
    targets_ = all.target;
  }
  return images_;
}

const Tensor &MNIST::targets() const {
  images();
  return targets_;
}

} // namespace tenon::data::datasets
