#pragma once

#include "case.hpp"
#include "subject.hpp"

namespace weir::conformance {

/// The steps a case is made of; bytes are written as `bytes_of` reads them, one text for all versions or an
/// object with one for each:
/// - `send`, `expect`: bytes of the server, bytes of the client; `connect` looks at the CONNECT of this
///   connection; `silence` waits that many milliseconds for nothing;
/// - `closes`: the client ends the connection, on 5.0 with a DISCONNECT of that code ("" for none); with
///   `error` the reason it reports, and `reconnects` false where it must not come again;
/// - `close`: the server ends it, with `reconnects` as above;
/// - `publish`, `subscribe`, `unsubscribe`, `request` (with a number in `operation`), `ping`,
/// `reauthenticate`
///   (with that number), `acknowledge`, `defer` (the n-th message delivered, from 1), `send_ack`, `release`
///   (the n-th asked for), `demand`, `pause`, `resume`, `disconnect`: calls of the application;
/// - `requested`: the client sends a request, kept under that number; `respond` sends its response;
/// - `abort`: the application ends the connection, and nothing is sent; `handler_returns`: its handler does;
/// - `delivered`: exactly these messages since the last look; `outcome`: of an operation, with `error`,
/// `codes`
///   or `payload`; `connected`: values of the last CONNACK; `subscriptions`: all that stand, with their QoS;
///   `told`: an event, by the name `name_of` gives it, or `stored`, that a publish is in the store; `life`: all connections and attempts so far.
/// A connection is to the server `at`, 1 where nothing is said, with `restart` after the client was killed;
/// `<server 2>` in bytes is the address of that one.
///
/// Plays `c` against `s`; throws `failure`, naming connection and step, when something else happens than
/// the case says.
void play(const test_case& c, subject& s);

} // namespace weir::conformance
