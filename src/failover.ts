// Failover of a Redis behind one address: the old primary may live on as a replica, so its
// connections stay open and refuse every write. A client that is refused reconnects, and so reaches
// the current primary.

/** For ioredis: whether this error means that the client has to reconnect. */
export function isReadOnlyError(error: Error): boolean {
  // Before Redis 7, the error of a script has it in the middle.
  return error.message.includes('READONLY');
}
