import type { Clock } from '#core/clock';
import type { Conduct } from '../conduct.ts';
import type { Exchange } from '../exchange.ts';
import { type Balance, createBalance } from './balance.ts';
import { sendEcho } from './echo.ts';
import type { TargetSettings, Upstream, Upstreams } from './upstream.ts';
import { UpstreamCall } from './upstream-call.ts';

/** A target, compiled: where a request goes when the policies let it pass. */
export interface Target {
  readonly name: string;
  /** Sends the request; the answer or the refusal goes to the conductor. */
  send(exchange: Exchange): void;
  /** Gives its share in the connections back. */
  release(): void;
}

/** What sending needs. */
export interface TargetDeps {
  readonly clock: Clock;
  readonly conduct: Conduct;
  readonly upstreams: Upstreams;
}

/** A target with servers, as its calls see it. */
export interface ServedTarget {
  readonly settings: TargetSettings;
  readonly balance: Balance<Upstream>;
  readonly deps: TargetDeps;
}

const ECHO_URL = 'echo:';

/** Bodies up to this size are gathered first and sent with the head in one write. */
const GATHER_LIMIT = 16_384;

export function compileTarget(settings: TargetSettings, deps: TargetDeps): Target {
  if (settings.urls.some(({ url }) => url === ECHO_URL)) {
    return {
      name: settings.name,
      send: (exchange) => sendEcho(exchange, deps.conduct, settings.name),
      release: () => {},
    };
  }
  const servers = settings.urls.map(({ url, weight }) => ({ value: deps.upstreams.acquire(url, settings), weight }));
  const served: ServedTarget = { settings, balance: createBalance(servers), deps };
  return {
    name: settings.name,
    send(exchange) {
      const { body } = exchange;
      if (body === undefined || body.bytes !== undefined || !body.isAtMost(GATHER_LIMIT)) {
        new UpstreamCall(exchange, served).start();
        return;
      }
      body.read(GATHER_LIMIT).then(
        () => {
          if (!exchange.closed && !exchange.ended) new UpstreamCall(exchange, served).start();
        },
        (error: unknown) => deps.conduct.fail(exchange, error),
      );
    },
    release() {
      for (const { value } of servers) deps.upstreams.release(value);
    },
  };
}
