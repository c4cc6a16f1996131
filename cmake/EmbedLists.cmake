# Writes a C++ file that assembles the lists and tables of training/data/synthesis: cmake -DOUTPUT=F -DROOT=DIR -P this.
# The assembler takes the files as they are (.incbin), so that the compiler need not read a megabyte of literals.
file(GLOB files RELATIVE ${ROOT} ${ROOT}/lists/*.txt ${ROOT}/tables/*.txt ${ROOT}/tables/*.tsv)
list(FILTER files EXCLUDE REGEX "SOURCE.txt$")
list(SORT files)
set(blocks "")
set(entries "")
set(number 0)
foreach(file ${files})
  math(EXPR number "${number} + 1")
  string(APPEND blocks "__asm__(\".section .rodata\\n.balign 16\\nprivet_list_${number}:\\n.incbin \\\"${ROOT}/${file}\\\"\\n\"\n        \"privet_list_${number}_end:\\n.byte 0\\n.previous\\n\");\nextern \"C\" const char privet_list_${number}[], privet_list_${number}_end[];\n")
  string(APPEND entries "      {\"${file}\", std::string(privet_list_${number}, privet_list_${number}_end)},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"training/data/synthesis/fillers.h\"\n\n${blocks}\nnamespace privet {\n\nstd::span<const ListSource> BuiltInLists() {\n  static const std::vector<ListSource>* const lists = new std::vector<ListSource>{\n${entries}  };\n  return *lists;\n}\n\n}  // namespace privet\n")
