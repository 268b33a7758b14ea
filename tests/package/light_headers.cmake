# The headers users include must not reach a heavy library: their files compile in seconds.
set(main ${WORK}/light_headers.cpp)
file(WRITE ${main} "#include <weir/mqtt/messenger.hpp>\n#include <weir/weir.hpp>\n")
execute_process(COMMAND ${COMPILER} -std=c++20 -M -I${PREFIX}/include ${main}
                OUTPUT_VARIABLE reached RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "weir.hpp or messenger.hpp does not compile")
endif()

string(REGEX MATCHALL "[^ \n]*/(boost/asio|boost/beast|openssl|spdlog|fmt|nlohmann|CLI|toml\\+\\+|sqlite3)[^ \n]*" heavy
       "${reached}")
if(heavy)
  list(JOIN heavy "\n" heavy)
  message(FATAL_ERROR "the headers reach:\n${heavy}")
endif()
