/** What signals ask of a process. */
export interface Signalled {
  /** Ends in order; the process exits when it is done. */
  stop(): Promise<void>;
  /** SIGHUP. */
  reload?(): void;
}

/**
 * Runs until SIGTERM, SIGINT or, in a child, until the parent goes. A second SIGINT or SIGTERM while stopping ends at once.
 */
export function keepUntilSignal({ stop, reload }: Signalled): void {
  let stopping = false;
  const end = () => {
    if (stopping) process.exit(1);
    stopping = true;
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', end);
  // A terminal sends SIGINT to every process of the group; a child waits for its supervisor to say so.
  process.on('SIGINT', () => (process.channel === undefined ? end() : undefined));
  process.on('SIGHUP', () => reload?.());
  if (process.channel !== undefined) process.on('disconnect', () => (stopping ? undefined : end()));
}
