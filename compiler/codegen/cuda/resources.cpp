// Reads the section .nv.info of a cubin, an ELF file: records of a format, an attribute and a size, then a symbol and a number.
#include "compiler/codegen/cuda/resources.h"
#include "llvm/Object/ELF.h"

namespace tenon::compiler::cuda {

using File = llvm::object::ELFFile<llvm::object::ELF64LE>;

llvm::Expected<llvm::StringMap<Resources>> readResources(llvm::StringRef cubin) {
  constexpr uint16_t machine = 190; // EM_CUDA
  constexpr uint8_t frameSize = 0x11, registerCount = 0x2f, withSize = 4;
  llvm::StringMap<Resources> found;
  auto file = File::create(cubin);
  if (!file) return file.takeError();
  if (file->getHeader().e_machine != machine) return found;
  auto sections = file->sections();
  if (!sections) return sections.takeError();
  for (const auto &s : *sections) {
    auto name = file->getSectionName(s);
    if (!name) return name.takeError();
    if (*name != ".nv.info") continue;
    auto bytes = file->getSectionContents(s);
    if (!bytes) return bytes.takeError();
    auto table = file->getSection(s.sh_link);
    if (!table) return table.takeError();
    auto symbols = file->symbols(*table);
    if (!symbols) return symbols.takeError();
    auto names = file->getStringTableForSymtab(**table);
    if (!names) return names.takeError();
    auto word = [&](size_t at) { return llvm::support::endian::read32le(bytes->data() + at); };
    for (size_t at = 0; at + 4 <= bytes->size();) {
      uint8_t format = (*bytes)[at], attribute = (*bytes)[at + 1];
      size_t size = format == withSize ? llvm::support::endian::read16le(bytes->data() + at + 2) : 0, begin = at + 4;
      at = begin + size;
      if (at > bytes->size()) return llvm::createStringError("cuda: a cubin's .nv.info is damaged");
      if (format != withSize || size != 8 || (attribute != frameSize && attribute != registerCount)) continue;
      if (word(begin) >= symbols->size()) return llvm::createStringError("cuda: a cubin's .nv.info names a symbol that is not there");
      auto kernel = (*symbols)[word(begin)].getName(*names);
      if (!kernel) return kernel.takeError();
      Resources &r = found[*kernel];
      (attribute == frameSize ? r.local : r.registers) = word(begin + 4);
    }
  }
  return found;
}

} // namespace tenon::compiler::cuda
