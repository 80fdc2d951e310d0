// A tensor's numbers: in the host's memory, in a GPU's, or the same in both. Where they are not, they are copied when they are asked for.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace tenon::detail {

/// The runtime's numbers: 0 is the CPU, 1 + n GPU n.
using DeviceNumber = uint32_t;

/// What memory is wanted for. Change and Replace make the other copy worthless; Replace needs no numbers.
enum class Use { Read, Change, Replace };

class Storage {
public:
  explicit Storage(size_t bytes); // uninitialised
  Storage(void *foreign, size_t bytes) : bytes(bytes), foreign(true), host_(foreign), fresh_(on_host), exposed_(true) {}
  ~Storage();
  Storage(const Storage &) = delete;

  /// Memory of a device, 64-byte aligned; throws Error where there is no room, or the GPU fails.
  void *at(DeviceNumber device, Use use);
  void *host(Use use) { return at(0, use); }
  const void *host() { return at(0, Use::Read); }
  /// Whether its numbers are on the host, so that reading them copies nothing.
  bool on_the_host() const { return fresh_ & on_host; }
  /// From now on somebody holds a pointer to host(): its numbers are the storage's, and GPUs get and give them at every run.
  void expose() { exposed_ = true; }
  bool exposed() const { return exposed_; }
  /// After a program that was given at(device, Change or Replace).
  void written(DeviceNumber device);
  /// Another with the same numbers, copied where they are.
  std::shared_ptr<Storage> copy();

  const size_t bytes;
  const bool foreign = false; // the caller's memory (from_blob): it may change behind our back

private:
  enum : uint8_t { on_host = 1, on_gpu = 2 };
  void *allocate_on(DeviceNumber device);
  void *host_ = nullptr, *gpu_ = nullptr;
  DeviceNumber device_ = 0; // of gpu_
  std::atomic<uint8_t> fresh_ = 0;
  bool exposed_ = false;
};
using StoragePtr = std::shared_ptr<Storage>;
inline StoragePtr make_storage(size_t bytes) { return std::make_shared<Storage>(bytes); }

} // namespace tenon::detail
