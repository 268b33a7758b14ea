# Configures, builds and runs the user's project PROJECT in a fresh folder.
include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

get_filename_component(name ${PROJECT} NAME)
set(folder ${WORK}/${name})
file(REMOVE_RECURSE ${folder})
run(${CMAKE_COMMAND} -S ${PROJECT} -B ${folder} -G ${GENERATOR}
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} -DCMAKE_PREFIX_PATH=${PREFIX}
    -DWEIR_SOURCE=${WEIR_SOURCE} -DEXPECTED_VERSION=${VERSION})
run(${CMAKE_COMMAND} --build ${folder} --target app)
run(${folder}/app)
