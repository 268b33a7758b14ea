# The demo has to fail when messages are lost. At QoS 0 the broker keeps nothing for a consumer that is away, so killing
# it loses some.
separate_arguments(DEMO UNIX_COMMAND "${DEMO}")
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
set(ENV{TMPDIR} ${WORK})
execute_process(COMMAND ${DEMO} --qos 0 --kill --seconds 4 --drain 1 OUTPUT_VARIABLE output RESULT_VARIABLE status)
if(NOT status EQUAL 1 OR NOT output MATCHES "lost +[1-9]")
  message(FATAL_ERROR "expected a loss and exit status 1, got ${status}:\n${output}")
endif()
