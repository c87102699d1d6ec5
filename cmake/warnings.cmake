# Warnings are errors on our own code; libraries' headers come in as SYSTEM includes.
function(raphson_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Wnon-virtual-dtor -Werror
    $<$<CXX_COMPILER_ID:GNU>:-Wno-psabi>)
endfunction()
