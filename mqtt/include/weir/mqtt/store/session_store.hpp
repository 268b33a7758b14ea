#pragma once

#include <weir/base/bytes.hpp>
#include <weir/base/result.hpp>
#include <weir/mqtt/store/store_options.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace weir::mqtt {

/// One thing that a session keeps. What it means is the session's matter; a store keeps it under its kind and
/// key and gives it back as it was.
struct stored_record {
    enum class kind : std::uint8_t {
        session = 1,      ///< the incarnation and whose session it is; one record
        message = 2,      ///< to be sent, in the order of the keys
        flight = 3,       ///< packet id and progress of a message, under the same key
        received_id = 4,  ///< a QoS 2 message between PUBREC and PUBREL; the key is the packet id
        received = 5,     ///< a received message that the application is not done with, in order of the keys
        subscription = 6, ///< by a number of its own
    };

    kind what{kind::session};
    std::uint64_t key{0}; ///< below 2^56
    bytes head{};
    bytes payload{};

    friend bool operator==(const stored_record&, const stored_record&) = default;
};

[[nodiscard]] std::string_view to_string(stored_record::kind k) noexcept;

/// Puts a record, in place of one of the same kind and key, or erases it; erasing what is not there is no
/// error.
struct store_change {
    stored_record record{};
    bool erase{false};

    friend bool operator==(const store_change&, const store_change&) = default;
};

/// How full a store is.
struct store_usage {
    std::uint64_t bytes{0};   ///< in use
    std::uint64_t records{0}; ///< of all kinds

    friend bool operator==(const store_usage&, const store_usage&) = default;
};

/// What a store holds when it is opened.
struct store_content {
    std::string uuid{};                   ///< of the store, for ever
    std::vector<stored_record> records{}; ///< by kind, then by key
    std::uint64_t bytes{0};               ///< in use
    std::vector<std::string> warnings{};  ///< what a repair found
};

/// Where a session outlives its process. All calls may block and come from one thread at a time.
///
/// An implementation must make each `write` take effect as a whole or not at all, durably when it returns;
/// after an error it may have taken effect all the same, and writing the same again must do no harm.
class session_store {
  public:
    session_store() = default;
    session_store(const session_store&) = delete;
    session_store& operator=(const session_store&) = delete;
    virtual ~session_store() = default;

    /// Takes the store for this object alone and reads it. Fails with `store_locked`, `store_mismatch`,
    /// `store_corrupt`, `store_full`, `io_error`.
    [[nodiscard]] virtual result<store_content> open() = 0;

    /// Returns what is in it then. Fails with `store_full`, `io_error`, `store_corrupt`, `store_locked`; the
    /// next call works again once the cause is gone.
    [[nodiscard]] virtual result<store_usage> write(std::span<const store_change> changes) = 0;

    /// Lets go of the store. Nothing is called after it but `open`.
    virtual void close() noexcept = 0;
};

/// The store in the file "session.db" in the directory `options.path`.
[[nodiscard]] std::unique_ptr<session_store> make_sqlite_store(const store_options& options);

} // namespace weir::mqtt
