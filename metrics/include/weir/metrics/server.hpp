#pragma once

#include <weir/connector/stats.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace weir::metrics {

/// Whether `server` can listen there: an IPv4 address, or an IPv6 address in brackets, a colon, and a port
/// from 0 to 65535.
[[nodiscard]] bool is_listen_address(const std::string& text);

/// Answers GET /metrics with what pipelines count, in Prometheus' text format, over plain HTTP and to
/// everybody who can connect: listen on a loopback address unless the network may know. Besides the
/// pipelines' values it tells its own, which begin with "exposer_".
///
/// Has two threads. SIGPIPE is ignored in the whole process from then on. Thread-safe.
class server {
  public:
    /// Listens when it returns; with port 0 on a free port. Throws `std::runtime_error` naming the address
    /// when that is impossible.
    explicit server(const std::string& address);
    server(const server&) = delete;
    server& operator=(const server&) = delete;
    ~server();

    /// From now on the pipeline's values are among the answers: `add(running.reader())`.
    void add(connector::stats_reader pipeline);

    /// "http://127.0.0.1:9464/metrics"
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::uint16_t port() const;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace weir::metrics
