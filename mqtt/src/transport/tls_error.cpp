#include "transport/tls_error.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <utility>

namespace weir::mqtt {
namespace {

struct named {
    long code;
    std::string_view name;
};

constexpr std::array alerts{
    named{0, "close_notify"},
    named{10, "unexpected_message"},
    named{20, "bad_record_mac"},
    named{22, "record_overflow"},
    named{40, "handshake_failure"},
    named{42, "bad_certificate"},
    named{43, "unsupported_certificate"},
    named{44, "certificate_revoked"},
    named{45, "certificate_expired"},
    named{46, "certificate_unknown"},
    named{47, "illegal_parameter"},
    named{48, "unknown_ca"},
    named{49, "access_denied"},
    named{50, "decode_error"},
    named{51, "decrypt_error"},
    named{70, "protocol_version"},
    named{71, "insufficient_security"},
    named{80, "internal_error"},
    named{86, "inappropriate_fallback"},
    named{90, "user_canceled"},
    named{100, "no_renegotiation"},
    named{109, "missing_extension"},
    named{110, "unsupported_extension"},
    named{112, "unrecognized_name"},
    named{113, "bad_certificate_status_response"},
    named{115, "unknown_psk_identity"},
    named{116, "certificate_required"},
    named{120, "no_application_protocol"},
};

constexpr std::array verdicts{
    named{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, "unknown_ca"},
    named{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "unknown_ca"},
    named{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "unknown_ca"},
    named{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "unknown_ca"},
    named{X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "unknown_ca"},
    named{X509_V_ERR_CERT_UNTRUSTED, "unknown_ca"},
    named{X509_V_ERR_INVALID_CA, "unknown_ca"},
    named{X509_V_ERR_CERT_HAS_EXPIRED, "expired"},
    named{X509_V_ERR_CERT_NOT_YET_VALID, "not_yet_valid"},
    named{X509_V_ERR_CERT_REVOKED, "revoked"},
    named{X509_V_ERR_HOSTNAME_MISMATCH, "name_mismatch"},
    named{X509_V_ERR_IP_ADDRESS_MISMATCH, "name_mismatch"},
    named{X509_V_ERR_INVALID_PURPOSE, "wrong_purpose"},
    named{X509_V_ERR_CERT_SIGNATURE_FAILURE, "bad_signature"},
    named{X509_V_ERR_EE_KEY_TOO_SMALL, "too_weak"},
    named{X509_V_ERR_CA_KEY_TOO_SMALL, "too_weak"},
    named{X509_V_ERR_CA_MD_TOO_WEAK, "too_weak"},
};

template <class Table>
std::string_view name_in(const Table& table, long code, std::string_view otherwise) {
    const auto found =
        std::find_if(table.begin(), table.end(), [code](const auto& e) { return e.code == code; });
    return found == table.end() ? otherwise : found->name;
}

/// What the TLS library itself has to say; deeper layers' complaints come before it in the queue.
int take_tls_reason() {
    int reason = 0;
    while (const auto code = ERR_get_error())
        if (reason == 0 && ERR_GET_LIB(code) == ERR_LIB_SSL) reason = ERR_GET_REASON(code);
    return reason;
}

/// OpenSSL reports an alert that came from the peer as an error with this much added to its number.
constexpr int alert_offset = SSL_AD_REASON_OFFSET;

} // namespace

std::string_view tls_alert_name(int alert) noexcept {
    return name_in(alerts, alert, "unknown_alert");
}

std::string_view verify_failure_name(long code) noexcept {
    return name_in(verdicts, code, "not_accepted");
}

std::string take_openssl_reason() {
    const auto code = ERR_get_error();
    ERR_clear_error();
    const char* const reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "no reason given";
}

error tls_error(long verify_code, const std::string& target) {
    const int reason = take_tls_reason();
    const char* const known = ERR_reason_error_string(ERR_PACK(ERR_LIB_SSL, 0, reason));
    const std::string words = known != nullptr ? known : "no reason given";
    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        const auto name = std::string(verify_failure_name(verify_code));
        return {
            errc::tls_verify_failed,
            name + ": the certificate of " + target + ": " + X509_verify_cert_error_string(verify_code)};
    }
    if (reason > alert_offset && reason < alert_offset + 256) {
        const int alert = reason - alert_offset;
        return {
            errc::tls_failed,
            std::string(tls_alert_name(alert)) + ": alert " + std::to_string(alert) + " from " + target};
    }
    return {errc::tls_failed, words + ": TLS with " + target};
}

} // namespace weir::mqtt
