// Inputs to the device, outputs back: through two chunks of pinned memory in turn, so that copying within the host and to the device go on at once.
#include "runtime/cuda/context.h"
#include <string.h>

namespace tenon::rt::cuda {

// Where the caller's pointers point: memory of a device is copied there, other memory goes through ours.
bool sortPieces(const Context &c, Array<Piece> &pieces, const void *const *hosts) {
  bool staged = false;
  for (uint32_t i = 0; i < pieces.size(); ++i) {
    Piece &p = pieces[i];
    p.host = hosts[i];
    unsigned kind = 0;
    bool known = p.bytes && c.device->driver->pointerAttribute(&kind, 2, reinterpret_cast<Address>(p.host)) == 0; // MEMORY_TYPE: 1 HOST, 2 DEVICE
    p.staged = p.bytes && (!known || kind == 1);
    staged |= p.staged;
  }
  return staged;
}

// The part of the pieces that lies in [begin, end) of the region, between pinned memory and the caller; false: none.
static bool exchange(const Array<Piece> &pieces, uint64_t begin, uint64_t end, char *pinned, bool up, uint64_t &low, uint64_t &high) {
  low = UINT64_MAX, high = 0;
  for (const Piece &p : pieces) {
    uint64_t from = p.offset > begin ? p.offset : begin, to = p.offset + p.bytes < end ? p.offset + p.bytes : end;
    if (!p.staged || from >= to)
      continue;
    low = from < low ? from : low, high = to > high ? to : high;
    if (!pinned)
      continue;
    char *host = static_cast<char *>(const_cast<void *>(p.host)) + (from - p.offset);
    if (up)
      memcpy(pinned + (from - begin), host, to - from);
    else
      memcpy(host, pinned + (from - begin), to - from);
  }
  return low < high;
}

Result uploadInputs(Context &c, Prepared &p, const void *const *inputs) {
  const Driver &driver = *c.device->driver;
  bool staged = sortPieces(c, p.inputs, inputs);
  uint64_t low, high;
  unsigned used = 0;
  for (uint64_t begin = 0; staged && begin < p.inputBytes; begin += c.chunk) {
    uint64_t end = begin + c.chunk < p.inputBytes ? begin + c.chunk : p.inputBytes;
    char *pinned = c.pinned + used % 2 * c.chunk;
    if (used >= 2)
      if (Result r = driver.eventSynchronize(c.events[used % 2]))
        return r;
    if (!exchange(p.inputs, begin, end, pinned, true, low, high))
      continue;
    if (Result r = driver.uploadAsync(c.inputs() + low, pinned + (low - begin), high - low, c.stream))
      return r;
    if (p.inputBytes > c.chunk)
      if (Result r = driver.eventRecord(c.events[used % 2], c.stream))
        return r;
    ++used;
  }
  // A chunk holds all between its first and last piece, also what was on a device: that comes after it.
  for (const Piece &piece : p.inputs)
    if (piece.bytes && !piece.staged)
      if (Result r = driver.copyAsync(c.inputs() + piece.offset, reinterpret_cast<Address>(piece.host), piece.bytes, c.stream))
        return r;
  return 0;
}

Result downloadOutputs(Context &c, Prepared &p, void *const *outputs, uint32_t &status) {
  const Driver &driver = *c.device->driver;
  bool staged = sortPieces(c, p.outputs, outputs);
  for (const Piece &piece : p.outputs)
    if (piece.bytes && !piece.staged)
      if (Result r = driver.copyAsync(reinterpret_cast<Address>(piece.host), c.outputs() + piece.offset, piece.bytes, c.stream))
        return r;
  uint64_t total = staged ? p.outputBytes : statusBytes;
  uint64_t chunks = (total + c.chunk - 1) / c.chunk;
  auto request = [&](uint64_t chunk) -> Result {
    if (chunk >= chunks)
      return 0;
    uint64_t begin = chunk * c.chunk, end = begin + c.chunk < total ? begin + c.chunk : total, low, high;
    if (!exchange(p.outputs, begin, end, nullptr, false, low, high))
      low = begin, high = begin; // nothing for the host
    if (chunk == 0)
      low = 0, high = high > 4 ? high : 4;
    if (low < high)
      if (Result r = driver.downloadAsync(c.pinned + chunk % 2 * c.chunk + (low - begin), c.outputs() + low, high - low, c.stream))
        return r;
    return chunks > 1 ? driver.eventRecord(c.events[chunk % 2], c.stream) : 0;
  };
  for (uint64_t chunk = 0; chunk < 2; ++chunk)
    if (Result r = request(chunk))
      return r;
  for (uint64_t chunk = 0; chunk < chunks; ++chunk) {
    if (Result r = chunks > 1 ? driver.eventSynchronize(c.events[chunk % 2]) : driver.streamSynchronize(c.stream))
      return r;
    char *pinned = c.pinned + chunk % 2 * c.chunk;
    if (chunk == 0)
      memcpy(&status, pinned, sizeof status);
    uint64_t begin = chunk * c.chunk, low, high;
    exchange(p.outputs, begin, begin + c.chunk < total ? begin + c.chunk : total, pinned, false, low, high);
    if (Result r = request(chunk + 2))
      return r;
  }
  return 0;
}

} // namespace tenon::rt::cuda
