// Where the running program lies, and so what was installed or built with it.
#ifndef PRIVET_CORE_PROGRAM_FOLDER_H_
#define PRIVET_CORE_PROGRAM_FOLDER_H_

#include <filesystem>

namespace privet {

// The folder that the program was started from; empty when that is not known. Works without /proc.
std::filesystem::path ProgramFolder();

}  // namespace privet

#endif  // PRIVET_CORE_PROGRAM_FOLDER_H_
