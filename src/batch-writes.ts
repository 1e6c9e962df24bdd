// Sends the small commands that one turn of the event loop writes to a socket in one system call,
// when the turn ends. What is sent, and its order, stay the same; on a busy daemon, most of the
// processor time of a Redis command is the system call that writes it.

/** The part of a socket that is used. */
export interface CorkableSocket {
  cork(): void;
  uncork(): void;
  write(...args: never[]): boolean;
}

export function batchWrites(socket: CorkableSocket): void {
  const write = socket.write.bind(socket);
  let gathering = false;
  socket.write = (...args) => {
    if (!gathering) {
      gathering = true;
      socket.cork();
      // Runs after the promises settled in this turn, if one of them made the first write.
      process.nextTick(() => {
        gathering = false;
        socket.uncork();
      });
    }
    return write(...args);
  };
}
