# Compiles each source NAME.isa.cpp once for every instruction set, so that one binary is fast on any
# machine: the file wraps its contents in a function table named by RAPHSON_ISA (dsp/simd/isa.h picks one
# at run time). On anything but x86-64 there is one table, compiled for the target's baseline.
function(raphson_isa_sources target)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    set(isas baseline avx2 avx512)
  else()
    set(isas baseline)
  endif()
  set(flags_baseline "")
  set(flags_avx2 -mavx2 -mfma -mbmi2)
  set(flags_avx512 -mavx2 -mfma -mbmi2 -mavx512f -mavx512dq -mavx512vl -mavx512bw)
  set(optimise -O3)
  if(RAPHSON_SANITIZE)
    set(optimise -O1) # the sanitizers' checks in code this deeply inlined take minutes to optimise
  endif()
  foreach(source IN LISTS ARGN)
    get_filename_component(name ${source} NAME_WE)
    foreach(isa IN LISTS isas)
      add_library(${target}_${name}_${isa} OBJECT ${source})
      target_link_libraries(${target}_${name}_${isa} PRIVATE $<TARGET_PROPERTY:${target},LINK_LIBRARIES>)
      target_include_directories(${target}_${name}_${isa} PRIVATE ${PROJECT_SOURCE_DIR})
      target_compile_definitions(${target}_${name}_${isa} PRIVATE RAPHSON_ISA=${isa})
      # -O3 in every build type: unoptimised vector code would be unusable, and an inline function left
      # out of line here could be the copy the linker keeps for older machines (tests/isa_symbols holds this).
      target_compile_options(${target}_${name}_${isa} PRIVATE ${flags_${isa}} ${optimise} -ffp-contract=fast -fno-math-errno -fno-trapping-math)
      raphson_warnings(${target}_${name}_${isa})
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_${name}_${isa}>)
    endforeach()
  endforeach()
endfunction()
