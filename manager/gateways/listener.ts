import { constants } from 'node:crypto';
import type { Server as TlsServer } from 'node:https';
import { hostname } from 'node:os';
import { TLSSocket } from 'node:tls';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify';
import { ConfigurationError } from '#core/errors';
import { newId } from '#core/id';
import { PROBLEM_MEDIA_TYPE, ProblemError } from '#core/problem';
import { createFailedAttempts } from '../access/failed-attempts.ts';
import type { ManagerContext } from '../context.ts';
import { asProblem, problemAnswer } from '../http/problem-answer.ts';
import { parseWith } from '../http/validation.ts';
import { readSetting, writeSetting } from '../setting.ts';
import { findAuthority } from './authority.ts';
import { joinBody, joinGateway, renewBody, renewCertificate } from './join.ts';
import type { Member } from './members.ts';
import { type CertifiedGateway, registerInternal } from './routes.ts';
import { issueServerCertificate, type KeyedCertificate, namedGateway } from './x509.ts';

const BODY_LIMIT_BYTES = 16_384;
const PORT_SETTING = 'gateway-port';
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];
const ANY_ADDRESS = ['0.0.0.0', '::'];
/** How often it is looked whether the listener's certificate needs renewing. */
const LOOK_EVERY_MS = 3_600_000;

/** The listener for gateways that joined from elsewhere. */
export interface GatewayListener {
  /** Opens it when there is an authority, i.e. when a join token was ever made; gives its URL then. @throws ConfigurationError */
  start(): Promise<string | undefined>;
  /** Opens it when it is not open. Gives the URL under which gateways reach it. @throws ProblemError `unavailable` when it cannot, or is turned off */
  open(): Promise<string>;
  close(): Promise<void>;
}

/**
 * TLS 1.3 with a certificate of the manager's own authority. Its routes want a certificate of that authority which belongs to a gateway that
 * is a member now; only joining needs none. Opened when it is needed first, so that a manager without joined gateways has no further port.
 */
export function createGatewayListener(context: ManagerContext): GatewayListener {
  const { options, logger, clock, random } = context;
  let app: FastifyInstance | undefined;
  let timer: NodeJS.Timeout | undefined;
  let opening: Promise<string> | undefined;

  const certificateFor = (authority: KeyedCertificate): Promise<KeyedCertificate> =>
    issueServerCertificate(authority, {
      ...{ now: clock.now(), random, lifeMs: options.gateways.certificateLifeMs },
      names: namesOf(context),
    });
  const listen = async (): Promise<string> => {
    const authority = await findAuthority(context.db.read, context.masterKeys.secretBox());
    if (authority === undefined) throw new Error('The gateways listener opens, but there is no authority.');
    const certificate = await certificateFor(authority);
    app = createApp(context, { authority, certificate });
    await listenAt(app, context);
    const renew = async () => {
      const { key, certificate: cert } = await certificateFor(authority);
      if (app !== undefined) (app.server as TlsServer).setSecureContext({ ...tlsOptions(authority), key, cert });
    };
    const everyMs = Math.min(LOOK_EVERY_MS * 24, (options.gateways.certificateLifeMs * 2) / 3);
    timer = setInterval(() => {
      renew().catch((error: unknown) =>
        logger.error({ err: error }, "The gateways listener's certificate is not renewed."),
      );
    }, everyMs).unref();
    const url = urlOf(context, portOf(app));
    logger.info({ url }, 'Gateways can join.');
    return url;
  };

  return {
    async start() {
      if (!options.gateways.accept) return undefined;
      const authority = await findAuthority(context.db.read, context.masterKeys.secretBox());
      if (authority === undefined) return undefined;
      opening ??= listen();
      try {
        return await opening;
      } catch (error) {
        opening = undefined;
        throw error;
      }
    },
    async open() {
      if (!options.gateways.accept)
        throw new ProblemError('unavailable', 'Joining is turned off (GATEWRIGHT_MANAGER_ACCEPT_GATEWAYS=false).');
      opening ??= listen();
      try {
        return await opening;
      } catch (error) {
        opening = undefined;
        if (error instanceof ConfigurationError) throw new ProblemError('unavailable', error.message);
        throw error;
      }
    },
    async close() {
      clearInterval(timer);
      await opening?.catch(() => {});
      await app?.close();
    },
  };
}

interface Keys {
  readonly authority: KeyedCertificate;
  readonly certificate: KeyedCertificate;
}

function tlsOptions(authority: KeyedCertificate) {
  return {
    ca: authority.certificate,
    minVersion: 'TLSv1.3',
    // A resumed session shows no certificate: each connection proves anew who it is.
    secureOptions: constants.SSL_OP_NO_TICKET,
  } as const;
}

function createApp(context: ManagerContext, { authority, certificate }: Keys): FastifyInstance {
  const app = Fastify<TlsServer>({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    genReqId: () => newId('req', context.random),
    requestIdHeader: false,
    https: {
      ...tlsOptions(authority),
      ...{ key: certificate.key, cert: certificate.certificate },
      // Joining has no certificate yet; every other route looks at it.
      ...{ requestCert: true, rejectUnauthorized: false },
    },
  }) as unknown as FastifyInstance;
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = asProblem(error) ?? new ProblemError('internal_error', '');
    if (problem.code === 'internal_error') context.logger.error({ err: error }, 'A gateway was answered 500.');
    return reply.code(problem.status).type(PROBLEM_MEDIA_TYPE).send(problemAnswer(problem, request.id));
  });
  app.setNotFoundHandler(() => {
    throw new ProblemError('not_found', 'Here gateways reach their manager. The management API is elsewhere.');
  });
  registerInternal(app, context, (request) => certified(context, request));
  registerMembership(app, context);
  return app;
}

function registerMembership(app: FastifyInstance, context: ManagerContext): void {
  const failed = createFailedAttempts(context.clock);
  app.post('/internal/v1/join', async (request) => {
    failed.check(request.ip);
    try {
      return await joinGateway(context, parseWith(joinBody, request.body));
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'join_token_wrong') failed.note(request.ip);
      throw error;
    }
  });
  app.post('/internal/v1/renew', async (request) => {
    const { gatewayId, serial } = certified(context, request);
    const member = context.services.members.find(gatewayId);
    if (member === undefined) throw notAMember();
    const { certificateRequest } = parseWith(renewBody, request.body);
    return renewCertificate(context, member, { serial, request: certificateRequest });
  });
}

/**
 * Who shows this certificate. Checked by OpenSSL (issued by the authority, not ended), then against the members of now: a removed gateway
 * and a certificate that was replaced are refused.
 * @throws ProblemError `gateway_removed`, `unauthenticated`
 */
function certified(context: ManagerContext, request: FastifyRequest): CertifiedGateway & { readonly serial: string } {
  const { members } = context.services;
  const { socket } = request.raw;
  const certificate = socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined)
    throw new ProblemError('unauthenticated', `Show a gateway's certificate. ${problemOf(socket)}`.trim());
  const named = namedGateway(certificate);
  if (named === undefined) throw new ProblemError('unauthenticated', 'The certificate names no gateway.');
  if (members.orderOf(named.gatewayId) === 'removed') throw notAMember();
  const serial = certificate.serialNumber;
  const member = members.find(named.gatewayId);
  if (member === undefined || member.serverGroup !== named.serverGroup || !member.serials.includes(serial))
    throw new ProblemError('unauthenticated', 'The certificate is not that of a gateway here, or was replaced.');
  if (member.serials.length > 1 && member.serials[0] === serial) void forgetPrevious(context, member);
  const endsAt = certificate.validToDate.getTime();
  return {
    ...{ gatewayId: member.id, name: member.name, serverGroup: member.serverGroup, serial },
    isOver: () => context.clock.now() > endsAt || members.find(member.id)?.serials.includes(serial) !== true,
  };
}

function notAMember(): ProblemError {
  return new ProblemError('gateway_removed', 'This gateway was removed from its server group.');
}

function problemOf(socket: unknown): string {
  if (!(socket instanceof TLSSocket) || socket.getPeerX509Certificate() === undefined) return '';
  const code = String(socket.authorizationError ?? '');
  return code === 'CERT_HAS_EXPIRED'
    ? 'The one that was shown has ended.'
    : 'The one that was shown is not of this manager.';
}

/** The new certificate arrived, so that the one before it is let in no more. */
async function forgetPrevious({ db, services, logger }: ManagerContext, { id }: Member): Promise<void> {
  try {
    await db.write.updateTable('joined_gateways').set({ previous_serial: null }).where('id', '=', id).execute();
    await services.members.reload();
  } catch (error) {
    logger.warn({ err: error }, "A gateway's certificate before its renewal is still let in.");
  }
}

/** Any free port is the one of last time when it is free: joined gateways know no other. */
async function listenAt(app: FastifyInstance, { db, options }: ManagerContext): Promise<void> {
  const { host, port } = options.gateways;
  const last = port === 0 ? Number((await readSetting(db.read, PORT_SETTING)) ?? 0) : port;
  try {
    await app.listen({ host, port: last });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    if (port !== 0)
      throw new ConfigurationError(
        `The port ${port} on ${host}, on which joined gateways reach the manager, is in use. Choose another one (GATEWRIGHT_MANAGER_GATEWAY_PORT).`,
      );
    await app.listen({ host, port: 0 });
  }
  const chosen = portOf(app);
  if (port === 0 && chosen !== last)
    await db.write.transaction().execute((tx) => writeSetting(tx, PORT_SETTING, String(chosen)));
}

function portOf(app: FastifyInstance): number {
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function publicHost({ options }: ManagerContext): string | undefined {
  return options.publicUrl !== undefined && URL.canParse(options.publicUrl)
    ? new URL(options.publicUrl).hostname.replace(/^\[|\]$/g, '')
    : undefined;
}

/** Under which names the listener may be reached. Gateways go by the authority and the URI, others may look at the name. */
function namesOf(context: ManagerContext): string[] {
  const { host } = context.options.gateways;
  const names = [...LOOPBACK, hostname(), publicHost(context) ?? '', ...context.options.hosts, host];
  return [...new Set(names)].filter((name) => name !== '' && !ANY_ADDRESS.includes(name));
}

function urlOf(context: ManagerContext, port: number): string {
  const { url, host } = context.options.gateways;
  if (url !== '') return url.replace(/\/+$/, '');
  const reached = ANY_ADDRESS.includes(host) ? (publicHost(context) ?? hostname()) : host;
  return `https://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}
