#pragma once

#include <weir/base/block_pool.hpp>
#include <weir/mqtt/io_lane.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>

namespace weir::mqtt {

/// What stands behind an `io_lane`: the loop, its thread, and the blocks its sockets read into.
struct io_lane::engine {
    block_pool blocks;                  ///< outlives whatever still reads into it
    boost::asio::io_context context{1}; ///< one thread runs it
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
    std::thread thread;
};

} // namespace weir::mqtt
