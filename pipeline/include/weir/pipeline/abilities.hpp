#pragma once

namespace weir::pipeline {

/// What a handler can do beyond `handle_message`. Options that need more are refused.
struct handler_abilities {
    bool handles_batches{false};    ///< `handle_batch`
    bool splits_batches{false};     ///< `split_batch`
    bool measures_messages{false};  ///< `message_size`, or data that is a run of bytes
    bool partitions_batches{false}; ///< `partition_batch_by`, or `partition_by`
    bool partitions{false};         ///< `partition_by`
    bool awaits_messages{false};    ///< `handle_message` is a coroutine
    bool awaits_batches{false};     ///< `handle_batch` is a coroutine
};

} // namespace weir::pipeline
