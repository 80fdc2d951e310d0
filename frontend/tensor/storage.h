// A tensor's numbers: in the host's memory, in GPUs', or the same in several. Where they are not, they are copied when they are asked for.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace tenon::detail {

/// The runtime's numbers: 0 is the CPU, 1 + n GPU n.
using DeviceNumber = uint32_t;

/// What memory is wanted for. Change and Replace make the other copy worthless; Replace needs no numbers.
enum class Use { Read, Change, Replace };

class Storage {
public:
  explicit Storage(size_t bytes) : bytes(bytes) {} // uninitialised
  Storage(void *foreign, size_t bytes) : bytes(bytes), foreign(true), host_(foreign), on_host_(true), exposed_(true) {}
  ~Storage();
  Storage(const Storage &) = delete;

  /// Memory of a device, 64-byte aligned; throws Error where there is no room, or the GPU fails.
  void *at(DeviceNumber device, Use use);
  void *host(Use use) { return at(0, use); }
  const void *host() { return at(0, Use::Read); }
  /// Whether its numbers are on the host, so that reading them there copies nothing.
  bool on_the_host() const { return on_host_; }
  bool on_a_gpu() const { return on_gpu_; }
  /// From now on somebody holds a pointer to host(): its numbers are the storage's, and GPUs get and give them at every run.
  void expose() { exposed_ = true; }
  /// After a program that was given at(device, Change).
  void written(DeviceNumber device);
  /// Another with the same numbers, on a GPU if they are there; or on this device.
  std::shared_ptr<Storage> copy();
  std::shared_ptr<Storage> copy_to(DeviceNumber device);

  const size_t bytes;
  const bool foreign = false; // the caller's memory (from_blob): it may change behind our back

private:
  struct Copy {
    DeviceNumber device;
    void *memory;
    bool fresh;
  };
  Copy &on(DeviceNumber gpu);
  void *to_host();
  void stale();
  std::mutex mutex_; // while numbers move: two threads may read one tensor
  void *host_ = nullptr;
  std::vector<Copy> gpus_;
  std::atomic<bool> on_host_ = false, on_gpu_ = false; // whether the numbers there are the newest
  std::atomic<bool> exposed_ = false;
};
using StoragePtr = std::shared_ptr<Storage>;
inline StoragePtr make_storage(size_t bytes) { return std::make_shared<Storage>(bytes); }
/// Gives blocks of a GPU that nobody uses back to its driver.
void give_back(DeviceNumber device);

} // namespace tenon::detail
