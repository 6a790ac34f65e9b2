import { Socket } from 'node:net';
import { buildConnector } from 'undici';
import type { Clock } from '#core/clock';
import type { TargetCall } from '#core/model/exchange-record';

/** How long it took to make a connection, by its steps. */
export type ConnectTimes = NonNullable<TargetCall['connection']>;

/** Makes connections and says of each how long it took. */
export interface Connecting {
  readonly connector: buildConnector.connector;
  /** The times of the connection that was made just now, for the call that takes it: it begins while the connection is handed over. */
  take(): ConnectTimes | undefined;
}

/** Makes connections with undici's connector. */
export function createConnecting(options: buildConnector.BuildOptions, clock: Clock): Connecting {
  const connect = buildConnector(options);
  let fresh: ConnectTimes | undefined;
  return {
    connector(target, callback) {
      const startedAt = clock.monotonic();
      const since = (from: number) => Math.round((clock.monotonic() - from) * 1000) / 1000;
      const times: { dnsMs?: number; connectMs?: number; tlsMs?: number } = {};
      let connectedAt = startedAt;
      // Its types do not say so, but it gives the socket; without it there are no times, and all else is as it was.
      const socket: unknown = connect(target, (...made) => {
        if (target.protocol === 'https:') times.tlsMs = since(connectedAt);
        fresh = times.connectMs === undefined ? undefined : { ...times, connectMs: times.connectMs };
        callback(...made);
        fresh = undefined;
      });
      if (!(socket instanceof Socket)) return;
      let resolvedAt = startedAt;
      socket.once('lookup', () => {
        times.dnsMs = since(startedAt);
        resolvedAt = clock.monotonic();
      });
      // Before undici's own listener, which hands the connection over.
      socket.prependOnceListener('connect', () => {
        times.connectMs = since(resolvedAt);
        connectedAt = clock.monotonic();
      });
    },
    take() {
      const taken = fresh;
      fresh = undefined;
      return taken;
    },
  };
}
