// Asks the dynamic linker for a library's segments.
#include "runtime/image.h"
#include <link.h>
#include <string.h>

namespace tenon::rt {

Image::Image(const void *address) {
  struct Search {
    Image *image;
    uintptr_t address;
  } search{this, reinterpret_cast<uintptr_t>(address)};
  dl_iterate_phdr(
      [](dl_phdr_info *info, size_t, void *data) {
        Search &s = *static_cast<Search *>(data);
        s.image->count_ = 0;
        bool found = false;
        for (unsigned i = 0; i < info->dlpi_phnum && s.image->count_ < limit; ++i) {
          const ElfW(Phdr) &h = info->dlpi_phdr[i];
          if (h.p_type != PT_LOAD || !(h.p_flags & PF_R))
            continue;
          Segment segment{info->dlpi_addr + h.p_vaddr, info->dlpi_addr + h.p_vaddr + h.p_memsz, (h.p_flags & PF_X) != 0};
          s.image->segments_[s.image->count_++] = segment;
          found |= s.address >= segment.begin && s.address < segment.end;
        }
        if (!found)
          s.image->count_ = 0;
        return int(found);
      },
      &search);
}

const Image::Segment *Image::find(uintptr_t address) const {
  for (unsigned i = 0; i < count_; ++i)
    if (address >= segments_[i].begin && address < segments_[i].end)
      return &segments_[i];
  return nullptr;
}

bool Image::holds(const void *pointer, uint64_t count, uint64_t size, uint64_t alignment) const {
  uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
  const Segment *segment = find(address);
  uint64_t bytes;
  return segment && address % alignment == 0 && !__builtin_mul_overflow(count, size, &bytes) && bytes <= segment->end - address;
}

bool Image::holdsString(const char *pointer) const {
  const Segment *segment = find(reinterpret_cast<uintptr_t>(pointer));
  return segment && memchr(pointer, 0, segment->end - reinterpret_cast<uintptr_t>(pointer));
}

bool Image::holdsCode(const void *pointer) const {
  const Segment *segment = find(reinterpret_cast<uintptr_t>(pointer));
  return segment && segment->code;
}

} // namespace tenon::rt
