#include <weir/base/log.hpp>
#include <weir/connector/run_until_signal.hpp>

#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>

namespace weir::connector {

namespace {

using namespace std::chrono_literals;

/// Where the signal handler writes; -1 when nobody waits. A handler may do little more than write.
volatile std::sig_atomic_t signal_pipe = -1;

constexpr char ended = 0; ///< in place of a signal's number: the pipeline has ended by itself

extern "C" void forward_signal(int number) {
    const int saved = errno;
    const auto byte = static_cast<char>(number);
    [[maybe_unused]] const auto written = ::write(signal_pipe, &byte, 1);
    errno = saved;
}

/// SIGINT and SIGTERM as bytes of a pipe, for the lifetime of the object.
class signals {
  public:
    signals() {
        if (::pipe(ends_.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
        signal_pipe = ends_[1];

        struct sigaction action {};

        action.sa_handler = forward_signal;
        sigemptyset(&action.sa_mask);
        action.sa_flags = SA_RESTART;
        ::sigaction(SIGINT, &action, &old_interrupt_);
        ::sigaction(SIGTERM, &action, &old_terminate_);
    }

    signals(const signals&) = delete;
    signals& operator=(const signals&) = delete;

    ~signals() {
        restore();
        signal_pipe = -1;
        ::close(ends_[0]);
        ::close(ends_[1]);
    }

    void restore() {
        ::sigaction(SIGINT, &old_interrupt_, nullptr);
        ::sigaction(SIGTERM, &old_terminate_, nullptr);
    }

    /// The next signal's number, or `ended`.
    [[nodiscard]] int next() const {
        char byte = ended;
        while (::read(ends_[0], &byte, 1) < 0 && errno == EINTR) {
        }
        return byte;
    }

    void end() const { [[maybe_unused]] const auto written = ::write(ends_[1], &ended, 1); }

  private:
    std::array<int, 2> ends_{};

    struct sigaction old_interrupt_ {};

    struct sigaction old_terminate_ {};
};

void obey(signals& from, running& r) {
    if (from.next() == ended) return;
    r.request_stop();
    if (from.next() == ended) return;
    r.request_stop(0ms);
    const int third = from.next();
    if (third == ended) return;
    std::signal(third, SIG_DFL);
    ::kill(::getpid(), third);
}

} // namespace

int run_until_signal(running& r) {
    signals received;
    std::thread watcher([&] { obey(received, r); });
    const auto report = r.wait();
    received.end();
    watcher.join();
    if (!report) {
        log(log_level::error, r.name() + ": ended: " + report.error().message());
        return 1;
    }
    return report->drained ? 0 : 2;
}

} // namespace weir::connector
