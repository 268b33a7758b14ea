#pragma once

#include <weir/pipeline/message.hpp>

#include <span>
#include <typeinfo>

namespace weir::pipeline {

/// A message as telemetry sees it, without its types: valid during the call only, and only to be looked at.
struct message_view {
    /// What the decoder made, as the `Data` of the pipeline's messages; null for another type, and before the
    /// message has been decoded.
    template <class Data>
    [[nodiscard]] const Data* data() const noexcept {
        return data_type != nullptr && *data_type == typeid(Data) ? static_cast<const Data*>(data_at)
                                                                  : nullptr;
    }

    /// What its source said of it; null for another type.
    template <class Metadata>
    [[nodiscard]] const Metadata* metadata() const noexcept {
        return metadata_type != nullptr && *metadata_type == typeid(Metadata)
                   ? static_cast<const Metadata*>(metadata_at)
                   : nullptr;
    }

    /// Routing, status, attempt; null before the message has been decoded.
    const message_head* head{nullptr};

    // For the engine.
    const void* data_at{nullptr};
    const std::type_info* data_type{nullptr};
    const void* metadata_at{nullptr};
    const std::type_info* metadata_type{nullptr};
};

using message_views = std::span<const message_view>;

} // namespace weir::pipeline
