// The identity of this build of the compiler, which the linker computes from its contents: cached programs of another build are not used.
#include "compiler/api/build_id.h"
#include "llvm/ADT/StringExtras.h"

#include <elf.h>
#include <link.h>

namespace tenon::compiler {
namespace {

/// The GNU build-id note of the object that contains this function.
int readNote(dl_phdr_info *object, size_t, void *result) {
  auto here = reinterpret_cast<uintptr_t>(&readNote);
  bool ours = false;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr) &p = object->dlpi_phdr[i];
    ours |= p.p_type == PT_LOAD && here - object->dlpi_addr - p.p_vaddr < p.p_memsz;
  }
  if (!ours) return 0;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr) &p = object->dlpi_phdr[i];
    if (p.p_type != PT_NOTE) continue;
    auto *at = reinterpret_cast<const char *>(object->dlpi_addr + p.p_vaddr), *end = at + p.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      auto *note = reinterpret_cast<const ElfW(Nhdr) *>(at);
      auto *name = at + sizeof *note, *bytes = name + (note->n_namesz + 3) / 4 * 4;
      if (note->n_type == NT_GNU_BUILD_ID && llvm::StringRef(name, note->n_namesz).starts_with("GNU"))
        *static_cast<std::string *>(result) = llvm::toHex(llvm::StringRef(bytes, note->n_descsz), /*LowerCase=*/true);
      at = bytes + (note->n_descsz + 3) / 4 * 4;
    }
  }
  return 1;
}

} // namespace

const std::string &buildId() {
  static const std::string id = [] {
    std::string read;
    dl_iterate_phdr(readNote, &read);
    return read;
  }();
  return id;
}

} // namespace tenon::compiler
