#include "session/version_fallback.hpp"

#include <string_view>
#include <utility>

namespace weir::mqtt {
namespace {

/// Sets options back and keeps the names of those that said something.
class stripper {
  public:
    explicit stripper(client_options o)
        : o_(std::move(o)) {}

    downgraded strip_v5() {
        const bool lasting = o_.session_expiry.value_or(0) != 0 && !o_.clean_start.value_or(true);
        o_.clean_start = !lasting;
        o_.receive_window = o_.receive_maximum;
        reset("session_expiry", o_.session_expiry, {});
        reset("props", o_.props, {});
        if (o_.will) reset("will.props", o_.will->props, {});
        if (!o_.username) reset("password", o_.password, {});
        reset("topic_alias_maximum", o_.topic_alias_maximum, {});
        reset("request_problem_information", o_.request_problem_information, true);
        reset("request_response_information", o_.request_response_information, false);
        reset("validate_payload_format", o_.validate_payload_format, false);
        reset("strict_receive_maximum", o_.strict_receive_maximum, false);
        reset("strict_resend", o_.strict_resend, false);
        reset("clean_start_always", o_.clean_start_always, false);
        reset("topic_alias_out", o_.topic_alias_out, topic_alias_out::off);
        reset("downgrade_qos", o_.downgrade_qos, false);
        return {std::move(o_), std::move(lost_)};
    }

  private:
    template <class T>
    void reset(std::string_view name, T& option, T to) {
        if (option == to) return;
        if (!lost_.empty()) lost_ += ", ";
        lost_ += name;
        option = std::move(to);
    }

    client_options o_;
    std::string lost_;
};

} // namespace

downgraded downgrade(const client_options& options, protocol_version version) {
    auto result =
        options.proto_ver == protocol_version::v5 ? stripper{options}.strip_v5() : downgraded{options, {}};
    result.options.proto_ver = version;
    return result;
}

} // namespace weir::mqtt
