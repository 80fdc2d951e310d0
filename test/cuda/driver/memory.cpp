// Device memory: pages of the host that nobody may touch but kernels and copies while they run, each allocation with its end at a page that nobody may
// touch at all. Fresh memory holds NaN bytes.
#include "driver.h"
#include <cstring>
#include <sys/mman.h>

namespace fake {

constexpr size_t page = 4096;

// Not where the host's time is measured.
static bool guarded() {
  static bool yes = setting("EXECUTE", 1);
  return yes;
}
static void protect(int protection) {
  for (auto &[address, a] : driver().memory)
    mprotect(a.mapped + page, a.mappedBytes - 2 * page, protection);
}
// Closing much memory takes long: a process that goes on and on closes it now and then.
static bool closed = false;
static bool closes() {
  static unsigned times;
  return guarded() && (++times < 1000 || times % 32 == 0);
}
Access::Access() {
  if (driver().open++ == 0 && closed)
    protect(PROT_READ | PROT_WRITE), closed = false;
}
Access::~Access() {
  if (--driver().open == 0 && closes())
    protect(PROT_NONE), closed = true;
}

static const Allocation *find(const std::map<uintptr_t, Allocation> &in, uintptr_t address, size_t bytes) {
  auto next = in.upper_bound(address);
  if (next == in.begin())
    return nullptr;
  const auto &[begin, a] = *--next;
  return address - begin <= a.bytes && bytes <= a.bytes - (address - begin) && (address - begin < a.bytes || !bytes) ? &a : nullptr;
}
const Allocation *findDevice(Address address, size_t bytes) { return find(driver().memory, address, bytes); }
bool isPinned(const void *address, size_t bytes) { return find(driver().pinned, reinterpret_cast<uintptr_t>(address), bytes); }

static Allocation map(size_t bytes, int device) {
  size_t mapped = (bytes + page - 1) / page * page + 2 * page;
  void *memory = mmap(nullptr, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return {memory == MAP_FAILED ? nullptr : static_cast<char *>(memory), bytes, mapped, device};
}
} // namespace fake

using namespace fake;

static size_t total() { return size_t(setting("MEMORY", 8ll << 30)); }

API cuMemGetInfo_v2(size_t *free, size_t *all) {
  ENTER_CONTEXT
  *all = total();
  *free = *all - std::min(*all, d.used[device]);
  return success;
}
API cuMemAlloc_v2(Address *address, size_t bytes) {
  ENTER_CONTEXT
  if (!bytes)
    return invalidValue;
  size_t taken = (bytes + 511) / 512 * 512;
  if (d.used[device] + taken > total())
    return outOfMemory;
  Allocation a = map(bytes, device);
  if (!a.mapped)
    return outOfMemory;
  d.used[device] += taken, ++d.counts.allocations;
  // Aligned as cuMemAlloc does it, and as near to the last page as that allows.
  char *begin = a.mapped + a.mappedBytes - page - (bytes + 255) / 256 * 256;
  log("allocate %zu\n", bytes);
  d.memory[reinterpret_cast<uintptr_t>(begin)] = a;
  mprotect(a.mapped + page, a.mappedBytes - 2 * page, PROT_READ | PROT_WRITE);
  if (guarded())
    std::memset(begin, int(setting("POISON", 255)), bytes);
  if (!d.open && closed)
    mprotect(a.mapped + page, a.mappedBytes - 2 * page, PROT_NONE);
  *address = reinterpret_cast<Address>(begin);
  return success;
}
API cuMemFree_v2(Address address) {
  using namespace fake;
  Driver &d = driver();
  std::lock_guard lock(d.mutex);
  auto found = d.memory.find(address);
  if (found == d.memory.end())
    return invalidValue;
  if (!d.lost)
    drainDevice(found->second.device); // waits for whoever might use it
  d.used[found->second.device] -= (found->second.bytes + 511) / 512 * 512;
  munmap(found->second.mapped, found->second.mappedBytes);
  d.memory.erase(found);
  return d.lost;
}
API cuMemHostAlloc(void **data, size_t bytes, unsigned) {
  ENTER_CONTEXT
  Allocation a = map(bytes, device);
  if (!a.mapped || !bytes)
    return bytes ? outOfMemory : invalidValue;
  mprotect(a.mapped + page, a.mappedBytes - 2 * page, PROT_READ | PROT_WRITE);
  *data = a.mapped + page;
  std::memset(*data, int(setting("POISON", 255)), bytes);
  d.pinned[reinterpret_cast<uintptr_t>(*data)] = a;
  ++d.counts.pinnedAllocations;
  return success;
}
API cuMemFreeHost(void *data) {
  using namespace fake;
  Driver &d = driver();
  std::lock_guard lock(d.mutex);
  auto found = d.pinned.find(reinterpret_cast<uintptr_t>(data));
  if (found == d.pinned.end())
    return invalidValue;
  if (!d.lost)
    drainDevice(found->second.device);
  munmap(found->second.mapped, found->second.mappedBytes);
  d.pinned.erase(found);
  return d.lost;
}
API cuPointerGetAttribute(void *value, int attribute, Address address) {
  ENTER_CONTEXT
  const Allocation *a = findDevice(address, 0);
  bool host = !a && isPinned(reinterpret_cast<const void *>(address), 0);
  if (!a && !host)
    return invalidValue;
  if (attribute == 2)
    *static_cast<unsigned *>(value) = host ? 1 : 2;
  else if (attribute == 9)
    *static_cast<int *>(value) = a ? a->device : device;
  else
    return invalidValue;
  return success;
}
API cuMemGetAddressRange_v2(Address *begin, size_t *bytes, Address address) {
  ENTER_CONTEXT
  for (auto &[first, a] : d.memory)
    if (address >= first && address - first < a.bytes)
      return *begin = first, *bytes = a.bytes, success;
  return invalidValue;
}
