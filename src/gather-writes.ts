// Many small commands on one socket, sent as one: those that one turn of the event loop makes leave
// together when it ends. What is sent and in which order stays the same; on a busy daemon most of
// the processor time of a command to Redis is the system call that writes it.

/** What is used of a socket. */
export interface Writes {
  cork(): void;
  uncork(): void;
  write(...args: never[]): boolean;
}

export function gatherWrites(socket: Writes): void {
  const write = socket.write.bind(socket);
  let gathering = false;
  socket.write = (...args) => {
    if (!gathering) {
      gathering = true;
      socket.cork();
      // After the promises that are settled in this turn, each of which may send something.
      process.nextTick(() => {
        gathering = false;
        socket.uncork();
      });
    }
    return write(...args);
  };
}
