import type { AddressInfo } from 'node:net';
import { Refusal } from '#core/errors';
import { HeaderList } from '#core/headers';
import type { Logger } from '#core/logger';
import type { AnyPolicyType, PolicyServices } from '#core/policy';
import type { Random } from '#core/random';
import { createCertificateReader } from './client-certificate.ts';
import { createConduct } from './conduct.ts';
import type { PresentEndpoints } from './deployed-endpoints.ts';
import {
  type Applied,
  compileSet,
  type DeploymentSet,
  type RefusedDeployment,
  releaseWhenIdle,
} from './deployment-set.ts';
import { type Conductor, Exchange } from './exchange.ts';
import type { FrontOptions, HttpCall, HttpReceiver, UnreadableRequest } from './http/engine.ts';
import { createNodeFront } from './http/node-front.ts';
import { createRecorder, type RecordBatch } from './record.ts';
import { renderRefusal } from './refusal.ts';
import { createBufferBudget, RequestBody } from './request-body.ts';
import { type RequestHead, readHead } from './request-head.ts';
import { newRequestId } from './request-id.ts';
import { readTarget, routeExchange } from './route.ts';
import { createUpstreams } from './target/upstream.ts';
import { compileTrustedProxies } from './trusted-proxies.ts';
import { answerInternal, type InternalServices } from './try/internal-answer.ts';
import type { TicketDesk } from './try/ticket-desk.ts';

/** Addresses and bounds of a data plane; the names are those of the `gateway` settings, which can be passed as they are. */
export interface DataPlaneOptions extends FrontOptions {
  /** Addresses or CIDR blocks whose forwarding fields are believed. */
  readonly trustedProxies: readonly string[];
  /** Field in which trusted proxies pass a client's certificate on; empty or left out: none. */
  readonly clientCertificateField?: string | undefined;
  /** Largest request body that is passed on; 0: any. */
  readonly bodyLimitBytes: number;
  /** Longest wait for exchanges under way when draining. */
  readonly drainTimeoutMs: number;
}

/** What a data plane is made of. */
export interface DataPlaneDeps {
  readonly policyTypes: readonly AnyPolicyType[];
  /** What policies get, beside their context. */
  readonly services: Omit<PolicyServices, 'context' | 'chains'> & { readonly random: Random };
  readonly logger: Logger;
  readonly gatewayId: string;
  /** Name of the gateway. */
  readonly name: string;
  readonly options: DataPlaneOptions;
  /** What the manager may do through this gateway, with a ticket; left out: tickets are refused. */
  readonly tryIt?: InternalServices & { readonly desk: TicketDesk };
  /** Told the end points of each set, for the authorization server; left out: nobody asks. */
  readonly endpoints?: PresentEndpoints;
  /** Takes records and counts, at most every quarter of a second; called synchronously, must not throw. */
  readonly onRecords: (batch: RecordBatch) => void;
}

/** Present use of what is bounded. */
export interface DataPlaneSizes {
  readonly connections: number;
  readonly exchanges: number;
  readonly heldBodyBytes: number;
  readonly bufferedRecords: number;
  readonly upstreams: number;
  readonly upstreamCalls: number;
  readonly deployments: number;
}

/** The hot path of a gateway worker. */
export interface DataPlane {
  /**
   * Compiles aside and swaps by one assignment; exchanges under way finish on the old set. When a deployment is refused the whole old set
   * goes on; with no old set the others run without it.
   */
  apply(applied: Applied): { readonly refused: readonly RefusedDeployment[] };
  /** The feed number of the set that runs; undefined before the first. */
  readonly seq: number | undefined;
  listen(): Promise<AddressInfo>;
  /** Takes no more connections, says `Connection: close`, resolves when the last exchange is done or `drainTimeoutMs` is over. */
  drain(): Promise<void>;
  /** Breaks what is left and closes everything. */
  close(): Promise<void>;
  sizes(): DataPlaneSizes;
}

/** Bodies that policies read, over all exchanges of a worker. */
const HELD_BODIES_LIMIT = 64 * 1024 * 1024;

/** @throws ConfigurationError when an option cannot work */
export function createDataPlane(deps: DataPlaneDeps): DataPlane {
  const { options, logger } = deps;
  const { clock, random, ...shared } = deps.services;
  const proxies = compileTrustedProxies(options.trustedProxies);
  const certificates = createCertificateReader(options, { proxies, clock, logger });
  const budget = createBufferBudget(HELD_BODIES_LIMIT);
  const bounds = { limitBytes: options.bodyLimitBytes, timeoutMs: options.bodyTimeoutMs, budget };
  const upstreams = createUpstreams(clock);
  const conduct = createConduct({ clock, logger });
  const deploymentDeps = {
    policyTypes: new Map(deps.policyTypes.map((type) => [type.name, type])),
    services: { clock, ...shared },
    target: { clock, conduct, upstreams },
  };
  let current: DeploymentSet | undefined;
  let exchanges = 0;
  const recorder = createRecorder({
    clock,
    metrics: shared.metrics,
    gatewayId: deps.gatewayId,
    gateway: deps.name,
    onRecords: deps.onRecords,
    nearest: (host, path) => current?.router.nearest(host, path),
  });

  const conductor: Conductor = {
    onRefusedBody: (exchange, refusal) => conduct.refuse(exchange, refusal),
    onClose(exchange, complete) {
      if (exchange.closed) return;
      exchange.closed = true;
      exchanges -= 1;
      if (!complete) leaveClient(exchange);
      exchange.body?.release();
      recorder.finish(exchange);
      const { set } = exchange;
      if (set === undefined) return;
      set.active -= 1;
      releaseWhenIdle(set);
    },
  };
  const begin = (http: HttpCall): Exchange => {
    const exchange = new Exchange(http, conductor, {
      requestId: newRequestId(random),
      receivedAt: clock.now(),
      startedAt: clock.monotonic(),
    });
    const set = current;
    if (set === undefined) return exchange;
    exchange.serverGroup = set.serverGroup.name;
    exchange.verbose = set.serverGroup.errorDetail === 'verbose';
    return exchange;
  };

  const receiver: HttpReceiver = {
    receive(http) {
      const exchange = begin(http);
      const set = current;
      exchanges += 1;
      try {
        if (set === undefined) throw new Refusal('not_ready');
        set.active += 1;
        exchange.set = set;
        const head = readRequest(exchange);
        if (head.ticket === undefined) {
          enter(exchange, set, head);
          conduct.start(exchange);
        } else void honourTicket(exchange, { set, head, ticket: head.ticket });
      } catch (error) {
        conduct.fail(exchange, error);
      }
    },
    refuseUnreadable(request) {
      const exchange = begin(unreadableCall(request));
      const refusal = refusalOfUnreadable(request, options);
      exchange.refusal = refusal;
      const { status, headers, body } = renderRefusal(refusal, {
        requestId: exchange.requestId,
        verbose: exchange.verbose,
        tokenEndpoint: false,
        context: { method: '', path: '', serverGroup: exchange.serverGroup, project: '', projectTitle: '', policy: '' },
      });
      exchange.status = status;
      headers.set('X-Request-Id', exchange.requestId);
      recorder.finish(exchange);
      return { status, headers: headers.raw, body: typeof body === 'string' ? body : '' };
    },
  };
  const readRequest = (exchange: Exchange): RequestHead => {
    const head = readHead(exchange.http, proxies);
    exchange.host = head.host;
    exchange.clientCertificate = certificates?.read(exchange.http, head.host);
    exchange.scheme = head.scheme;
    exchange.remoteAddress = head.remoteAddress;
    exchange.callerRequestId = head.callerRequestId;
    exchange.ownCookies = head.ownCookies;
    head.fields.push('X-Request-Id', exchange.requestId);
    exchange.headers = new HeaderList(head.fields);
    if (head.chunked || (head.contentLength ?? 0) > 0)
      exchange.body = new RequestBody(exchange.http, head.contentLength, bounds);
    readTarget(exchange, exchange.http.url);
    return head;
  };
  const enter = (exchange: Exchange, set: DeploymentSet, head: RequestHead): void => {
    routeExchange(exchange, set);
    if (options.bodyLimitBytes > 0 && (head.contentLength ?? 0) > options.bodyLimitBytes)
      throw new Refusal('body_too_large', { limitBytes: options.bodyLimitBytes, length: head.contentLength });
  };
  /** A request of the manager's: nothing of it is routed before its ticket was looked at. */
  const honourTicket = async (
    exchange: Exchange,
    { set, head, ticket }: { readonly set: DeploymentSet; readonly head: RequestHead; readonly ticket: string },
  ): Promise<void> => {
    const { tryIt } = deps;
    const { method, url: target } = exchange.http;
    try {
      if (tryIt === undefined) throw new Refusal('try_ticket_invalid', { problem: 'tickets are not taken here' });
      const claims = await tryIt.desk.admit(ticket, { method, target });
      if (exchange.closed) return;
      if (claims.use === 'try') {
        exchange.triedBy = claims.by;
        enter(exchange, set, head);
        conduct.start(exchange);
        return;
      }
      exchange.isInternal = true;
      const answer = await answerInternal(claims, set.serverGroup, tryIt);
      if (!exchange.closed) conduct.answerWhole(exchange, answer);
    } catch (error) {
      if (!exchange.closed) conduct.fail(exchange, error);
    }
  };
  const front = createNodeFront(options, receiver, logger);

  return {
    apply(applied) {
      const old = current;
      const { set, refused } = compileSet(applied, old, deploymentDeps);
      if (set !== undefined) {
        current = set;
        deps.endpoints?.use(set.projects);
        if (old !== undefined) {
          old.retired = true;
          releaseWhenIdle(old);
        }
      }
      return { refused };
    },
    get seq() {
      return current?.seq;
    },
    listen: () => front.listen(),
    async drain() {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, options.drainTimeoutMs);
      await Promise.race([front.drain(), promise]);
      clearTimeout(timer);
      recorder.flush();
    },
    async close() {
      await front.close();
      certificates?.close();
      recorder.close();
      await upstreams.close();
    },
    sizes: () => ({
      connections: front.connections,
      exchanges,
      heldBodyBytes: budget.held,
      bufferedRecords: recorder.buffered,
      upstreams: upstreams.size,
      upstreamCalls: upstreams.running,
      deployments: current?.projects.length ?? 0,
    }),
  };
}

/** The client is gone: nobody needs the target's answer, nobody will send the rest of the body. */
function leaveClient(exchange: Exchange): void {
  if (exchange.refusal === undefined) {
    exchange.refusal = new Refusal('client_gone', { part: exchange.committed ? 'answer' : 'request' });
    exchange.status = 499;
  }
  exchange.running?.cancel();
  exchange.running = undefined;
  exchange.body?.onFailed('gone', '');
}

function refusalOfUnreadable({ cause, detail }: UnreadableRequest, options: DataPlaneOptions): Refusal {
  switch (cause) {
    case 'header_too_large':
      return new Refusal('header_too_large', { limitBytes: options.headerLimitBytes });
    case 'timeout':
      return new Refusal('request_timeout', { limitMs: options.headTimeoutMs, part: 'head' });
    case 'connect':
      return new Refusal('request_invalid', { problem: 'target_form', detail });
    case 'parse':
      return new Refusal('request_invalid', { problem: 'parse', detail });
  }
}

/** Stands for a call that could not be read, so that it is recorded like the others. */
function unreadableCall({ remoteAddress, cause }: UnreadableRequest): HttpCall {
  const nothing = (): void => {};
  return {
    method: cause === 'connect' ? 'CONNECT' : '',
    url: '',
    rawHeaders: [],
    minorVersion: 1,
    remoteAddress,
    encrypted: false,
    clientCertificate: undefined,
    serverName: undefined,
    listener: undefined,
    readBody: nothing,
    pauseBody: nothing,
    resumeBody: nothing,
    send: nothing,
    start: nothing,
    write: () => true,
    end: nothing,
    closeAfterwards: nothing,
    destroy: nothing,
  };
}
