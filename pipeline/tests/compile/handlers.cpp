// One translation unit, many cases: a macro chooses the handler. Only the case "good" must compile; the
// others must not, and the compiler must say what was expected. Run by must_fail.cmake.

#include <weir/base/completion.hpp>
#include <weir/base/task.hpp>
#include <weir/base/telemetry.hpp>
#include <weir/pipeline/start.hpp>
#include <weir/pipeline/this_worker.hpp>

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

using weir::task;
using namespace std::chrono_literals;
using namespace weir::pipeline; // NOLINT(google-build-using-namespace): shows the signatures as users write
                                // them

namespace {

struct reading {
    int value;
};

using reading_message = message<reading, int>;
using reading_batch = batch<reading, int>;

struct base_handler {
    void handle_message(reading_message& m) { m.fail("no"); }
};

#if defined(CASE_good)
struct handler : base_handler {
    void handle_batch(reading_batch& b) const { b.fail("no"); }

    void prepare_messages(std::span<reading_message> s) { static_cast<void>(s); }

    void handle_failed(std::span<const reading_message> s) { static_cast<void>(s); }

    verdict decide_failure(const reading_message& m) const {
        return m.failed() ? verdict::fail : verdict::retry;
    }

    void handle_dead_letter(const dead_letter<int>& letter) const { static_cast<void>(letter); }

    int partition_by(const int& raw) const { return raw; }
};
#elif defined(CASE_good_coroutines)
task<int> twice(int value) {
    co_return 2 * value;
}

struct handler {
    task<void> handle_message(reading_message& m) {
        weir::completion<int> answer;
        answer.completer().complete(co_await twice(m.data.value));
        m.data.value = (co_await answer).value();
        if (!co_await this_worker::sleep_for(1ms)) co_return;
        co_await this_worker::yield();
    }

    task<void> handle_batch(reading_batch& b) {
        b.fail("no");
        co_return;
    }
};
#elif defined(CASE_good_mixed)
struct handler : base_handler {
    task<void> handle_batch(reading_batch& b) const {
        b.fail("no");
        co_return;
    }
};
#elif defined(CASE_coroutine_of_a_value)
struct handler {
    task<int> handle_message(reading_message&) { co_return 1; }
};
#elif defined(CASE_coroutine_batch_of_vector)
struct handler : base_handler {
    task<void> handle_batch(std::vector<reading_message>&) { co_return; }
};
#elif defined(CASE_prepare_in_a_coroutine)
struct handler : base_handler {
    task<void> prepare_messages(std::span<reading_message>) { co_return; }
};
#elif defined(CASE_await_what_resumes_elsewhere)
struct handler {
    task<void> handle_message(reading_message&) { co_await std::suspend_always{}; }
};
#elif defined(CASE_without_handle_message)
struct handler {
    void handle_batch(reading_batch&) {}
};
#elif defined(CASE_handle_message_by_value)
struct handler {
    void handle_message(reading_message) {}
};
#elif defined(CASE_handle_message_of_other_data)
struct handler {
    void handle_message(message<double, int>&) {}
};
#elif defined(CASE_handle_message_returns)
struct handler {
    bool handle_message(reading_message&) { return true; }
};
#elif defined(CASE_handle_batch_of_vector)
struct handler : base_handler {
    void handle_batch(std::vector<reading_message>&) {}
};
#elif defined(CASE_handle_batch_template)
struct handler : base_handler {
    template <class T>
    void handle_batch(T*) {}
};
#elif defined(CASE_prepare_one_message)
struct handler : base_handler {
    void prepare_messages(reading_message&) {}
};
#elif defined(CASE_handle_failed_one_message)
struct handler : base_handler {
    void handle_failed(reading_message&) {}
};
#elif defined(CASE_handle_failed_private)
class handler : public base_handler {
    void handle_failed(std::span<reading_message>) {}
};
#elif defined(CASE_partition_by_unsigned)
struct handler : base_handler {
    std::size_t partition_by(const int& raw) const { return static_cast<std::size_t>(raw); }
};
#elif defined(CASE_partition_by_of_other_data)
struct handler : base_handler {
    std::int64_t partition_by(const reading_message& m) const { return m.data.value; }
};
#elif defined(CASE_decide_failure_returns_bool)
struct handler : base_handler {
    bool decide_failure(const reading_message&) { return true; }
};
#elif defined(CASE_decide_failure_changes)
struct handler : base_handler {
    verdict decide_failure(reading_message&) { return verdict::fail; }
};
#elif defined(CASE_handle_dead_letter_of_message)
struct handler : base_handler {
    void handle_dead_letter(reading_message&) {}
};
#elif defined(CASE_split_batch_without_state)
struct handler : base_handler {
    split_verdict split_batch(std::string_view, int&, const reading_message&) { return split_verdict::joins; }
};
#elif defined(CASE_message_size_signed)
struct handler : base_handler {
    int message_size(const reading_message& m) { return m.data.value; }
};
#elif defined(CASE_partition_batch_by_unsigned)
struct handler : base_handler {
    unsigned partition_batch_by(const reading_message&) { return 0; }
};
#elif defined(CASE_final)
struct handler final : base_handler {};
#endif

} // namespace

void run() {
    const auto decode = [](const int& raw) -> weir::result<reading> { return reading{raw}; };
    static_cast<void>(
        start<int>(options{.name = "x"}, {std::shared_ptr<producer<int>>{}}, handler{}, decode, nullptr));
}
