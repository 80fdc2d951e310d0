// MNIST and every dataset in its format (Fashion-MNIST, KMNIST): images of 28 x 28 bytes and labels 0 to 9 in four idx files.
#pragma once
#include <tenon/data/dataset.h>

#include <memory>
#include <string>

namespace tenon::data::datasets {

/// Examples: data f32 [1, 28, 28] in [0, 1], target i64 []. The folder holds {train,t10k}-images-idx3-ubyte and
/// {train,t10k}-labels-idx1-ubyte, plain or with .gz. Throws Error when a file is missing, truncated or in another format.
class MNIST : public Dataset<MNIST> {
public:
  enum class Mode { kTrain, kTest };

  explicit MNIST(const std::string &root, Mode mode = Mode::kTrain, Location loc = Location::current());

  Example<> get(size_t index) override;
  /// data f32 [B, 1, 28, 28], target i64 [B], made by one copy.
  Example<> get_stacked(ArrayRef<size_t> indices);
  std::optional<size_t> size() const override;
  bool is_train() const noexcept { return mode_ == Mode::kTrain; }
  /// All images f32 [N, 1, 28, 28]; all labels i64 [N].
  const Tensor &images() const;
  const Tensor &targets() const;

private:
  struct Files;
  std::shared_ptr<const Files> files_; // bytes as in the files: copies of the dataset share them
  Mode mode_;
  mutable Tensor images_, targets_; // made when asked for
};

} // namespace tenon::data::datasets
