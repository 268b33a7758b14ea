// Every case against the session alone, in virtual time, and against the client over TCP.
#include "case.hpp"
#include "case_options.hpp"
#include "client_subject.hpp"
#include "player.hpp"
#include "session_subject.hpp"

#include <gtest/gtest.h>

namespace weir::conformance {
namespace {

template <class Subject>
class conformance_case final : public ::testing::Test {
  public:
    explicit conformance_case(const test_case& c)
        : case_(c) {}

    void TestBody() override {
        try {
            Subject tested{setup_of(case_)};
            play(case_, tested);
        } catch (const std::exception& e) {
            ADD_FAILURE() << case_.title << " (" << to_string(case_.version) << ")\n" << e.what();
        }
    }

  private:
    test_case case_;
};

/// The session, with one byte of the server at a time.
class bytewise_session final : public session_subject {
  public:
    explicit bytewise_session(const setup& s)
        : session_subject(s, true) {}
};

/// The client without buffers of its own.
class low_mem_client final : public client_subject {
  public:
    explicit low_mem_client(setup s)
        : client_subject(with_low_mem(s)) {}

  private:
    static const setup& with_low_mem(setup& s) {
        s.options.low_mem = true;
        return s;
    }
};

/// `kind`: for which cases are written that are for one subject only.
template <class Subject>
void add_suite(const char* suite, const std::string& kind, const std::vector<test_case>& cases) {
    for (const auto& c : cases) {
        if (!c.only.empty() && c.only != kind) continue;
        ::testing::RegisterTest(
            suite, c.name().c_str(), nullptr, nullptr, __FILE__, __LINE__,
            [c]() -> ::testing::Test* { return new conformance_case<Subject>{c}; });
    }
}

} // namespace
} // namespace weir::conformance

int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    const auto cases = weir::conformance::load_cases(WEIR_CONFORMANCE_CASES);
    weir::conformance::add_suite<weir::conformance::session_subject>("session", "session", cases);
    weir::conformance::add_suite<weir::conformance::bytewise_session>("bytewise", "session", cases);
    weir::conformance::add_suite<weir::conformance::client_subject>("client", "client", cases);
    weir::conformance::add_suite<weir::conformance::low_mem_client>("low_mem", "client", cases);
    return RUN_ALL_TESTS();
}
