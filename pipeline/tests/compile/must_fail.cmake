# cmake -DCOMPILER=... -DSOURCE=... -DCASE=... -DINCLUDES=a:b -DEXPECT=regex -P must_fail.cmake
# Compiles one case; with EXPECT it must fail with that text, without it must succeed.
string(REPLACE ":" ";" includes "${INCLUDES}")
list(TRANSFORM includes PREPEND "-I")
execute_process(
  COMMAND ${COMPILER} -std=c++20 -fsyntax-only -DCASE_${CASE} ${includes} ${SOURCE}
  RESULT_VARIABLE status ERROR_VARIABLE messages OUTPUT_VARIABLE messages)
if(EXPECT STREQUAL "")
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${CASE} must compile:\n${messages}")
  endif()
elseif(status EQUAL 0)
  message(FATAL_ERROR "${CASE} must not compile, but does")
elseif(NOT messages MATCHES "${EXPECT}")
  message(FATAL_ERROR "${CASE} does not compile, but not for the reason \"${EXPECT}\":\n${messages}")
endif()
