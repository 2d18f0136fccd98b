// Sockets of 127.0.0.1.
#pragma once

#include <string>
#include <string_view>

namespace gitops::test {

/// A connected socket; -1 when nobody listens.
int connect_to_loopback(int port);

struct Listener {
    int socket = -1;
    int port = 0;
};
/// Listens on a port the system picks. Throws std::runtime_error.
Listener listen_on_loopback();

bool send_all(int socket, std::string_view bytes);
/// Waits at most `millis` for bytes and appends them; false at the end of the stream.
bool receive(int socket, std::string& into, int millis);
/// True when the peer has gone.
bool has_gone(int socket);
/// Closes so that the peer sees a reset instead of an end.
void reset_connection(int socket);

}  // namespace gitops::test
