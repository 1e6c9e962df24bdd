// A Redis that failed over behind one address: the old primary may live on as a replica, so its
// connections stay open and refuse every write. Who hears that connects again, to whoever is the
// primary by then.

/** For ioredis: whether this answer means that another server is to be asked. */
export function isOldPrimary(error: Error): boolean {
  // A script's answer bears it in its middle before Redis 7.
  return error.message.includes('READONLY');
}
