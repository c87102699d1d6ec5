# Warnings are errors on our own code; libraries' headers come in as SYSTEM includes.
# GCC 12 warns of -Wrestrict where "text" + std::string is optimised (its bug 105651), so that one is off. So is
# -Wmaybe-uninitialized under the sanitizers, which hide from GCC that an optional is empty, as its manual says.
function(raphson_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Wnon-virtual-dtor -Werror
    $<$<CXX_COMPILER_ID:GNU>:-Wno-psabi>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${RAPHSON_SANITIZE}>>:-Wno-maybe-uninitialized>)
endfunction()
