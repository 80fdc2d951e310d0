// A GPU, its memory, and an artifact's code on it.
#pragma once
#include "runtime/cuda/driver.h"
#include "runtime/model.h"

namespace tenon::rt::cuda {

struct Device {
  const Driver *driver = nullptr;
  int ordinal = 0, handle = 0, arch = 0; // arch: 90 for compute capability 9.0
  DriverContext *context = nullptr;      // the primary one, which others in the process use too
  char name[100] = {};
};

/// GPU number `ordinal`, opened once for the process.
tenon_status openDevice(uint32_t ordinal, Device *&device);
/// How many there are.
tenon_status countDevices(int &count);

/// Makes the device current for the thread, and what was current before so again.
class Current {
public:
  explicit Current(const Device &device) : driver_(*device.driver), result(driver_.contextPush(device.context)) {}
  ~Current() {
    DriverContext *popped;
    if (!result)
      driver_.contextPop(&popped);
  }
  Current(const Current &) = delete;
  tenon_status check() const { return result ? failed(driver_, "the GPU cannot be used", result) : TENON_OK; }

private:
  const Driver &driver_;

public:
  const Result result;
};

/// Memory is given out in pieces of 256 bytes.
inline uint64_t rounded(uint64_t bytes) { return (bytes + 255) / 256 * 256; }

/// A block of the device's memory. `what` is for messages: "the state".
class Memory {
public:
  Memory() = default;
  Memory(const Memory &) = delete;
  ~Memory() { release(); }
  /// At least 256 bytes, instead of what there was. MEMORY says how much `what` needs and how much is free; what there was is kept then, unless the
  /// driver refused what should have been free. The device must be current.
  tenon_status allocate(const Device &device, uint64_t bytes, const char *what);
  void release();
  /// The caller frees it.
  Address take() {
    device_ = nullptr;
    return address_;
  }
  Address address() const { return address_; }
  uint64_t bytes() const { return bytes_; }

private:
  const Device *device_ = nullptr;
  Address address_ = 0;
  uint64_t bytes_ = 0;
};

/// An artifact's kernels and constants on one device: loaded once for all contexts.
struct Loaded {
  const Device *device = nullptr;
  Module *module = nullptr;
  Array<Function *> kernels;
  Function *copy = nullptr, *fill = nullptr, *check = nullptr;
  Memory constantMemory;
  Array<Address> constants;
  Loaded *next = nullptr;
  ~Loaded();
};
tenon_status load(tenon_model &model, const Device &device, const Loaded *&loaded);
/// Gives back what load() made.
void unload(tenon_model &model);

/// A MEMORY failure also says what the artifact needs in sum.
tenon_status withNeeds(const tenon_model &model, tenon_status status);

/// The image that runs on the device: its own machine code, else the newest PTX that it can compile. DEVICE lists what there is.
tenon_status chooseImage(const tenon_cuda &code, const Device &device, const tenon_image *&image);
/// "sm_90a", "compute_80".
struct ImageName {
  char text[24];
};
ImageName imageName(const tenon_image &image);

} // namespace tenon::rt::cuda
