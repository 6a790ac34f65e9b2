import type { FastifyInstance } from 'fastify';
import { ConfigurationError } from '#core/errors';
import { parseAllowList } from '#egress/destination';
import { createEgress } from '#egress/egress';
import type { Authentication } from './access/authenticate.ts';
import { createFailedAttempts } from './access/failed-attempts.ts';
import { createLastUsed } from './access/last-used.ts';
import type { BaseContext, ManagerContext, ManagerOptions } from './context.ts';
import { type ManagerDatabase, openDatabase } from './database.ts';
import { prepareStart } from './first-start.ts';
import { createGatewayListener } from './gateways/listener.ts';
import { registerInternal } from './gateways/routes.ts';
import { createApp } from './http/app.ts';
import { type Certificates, openCertificates } from './http/certificate.ts';
import { describeApi } from './http/openapi.ts';
import { isLoopback } from './http/origin-check.ts';
import { listenOnSocket } from './http/socket-listener.ts';
import type { Operation } from './operation.ts';
import { listOperations } from './operations/list.ts';
import { createPeople } from './people/services.ts';
import { createServices } from './services.ts';
import { startSigningKeyRotation } from './signing-keys/rotate.ts';
import { startMovingStores } from './token-stores/moving.ts';

const LOOK_FOR_AUTHORITY_MS = 5000;

/** What a manager is made of. */
export interface ManagerDeps extends Omit<BaseContext, 'db' | 'egress'> {
  /** The configuration's SQLite file, made when it is missing, or the URL of its PostgreSQL database (`postgres://…`). */
  readonly database: string;
}

/** Where a manager listens. */
export interface Listening {
  /** Origin of the TCP listener, e.g. `http://127.0.0.1:9000`. */
  readonly address: string;
  /** The one-time link that makes the first management key; undefined when there is one. */
  readonly setupLink: string | undefined;
}

/** A running manager. */
export interface Manager {
  /** Opens both listeners. */
  listen(): Promise<Listening>;
  /** True from listening to closing. */
  ready(): boolean;
  /** Stops taking requests, ends streams, writes what is left and closes the database. */
  close(): Promise<void>;
}

/**
 * Makes a manager: opens and migrates its database, makes what a first start needs, and builds its listeners without opening them.
 * @throws ConfigurationError for a master key, certificate or address that cannot be used, and for data of a newer version
 */
export async function createManager(deps: ManagerDeps): Promise<Manager> {
  checkAddress(deps.options);
  const certificates = deps.options.tls === undefined ? undefined : openCertificates(deps.options.tls);
  const db = await openDatabase(deps.database);
  try {
    return await startManager(deps, { db, certificates });
  } catch (error) {
    await db[Symbol.asyncDispose]();
    throw error;
  }
}

interface Opened {
  readonly db: ManagerDatabase;
  readonly certificates: Certificates | undefined;
}

async function startManager(deps: ManagerDeps, { db, certificates }: Opened): Promise<Manager> {
  const { options, clock, logger } = deps;
  const allow = parseAllowList(options.outbound.allow);
  const ownPorts = new Set(options.outbound.ownPorts);
  const gatewayPorts = () =>
    services.gateways.list({ epoch: '', seq: 0, horizon: 0 }).map(({ address }) => portOf(address));
  const egress = createEgress({ allow, logger, ownPorts: () => new Set([...ownPorts, ...gatewayPorts()]) });
  const base: BaseContext = { ...deps, db, egress };
  const services = await createServices(base);
  let publicOrigin: string | undefined;
  const context: ManagerContext = {
    ...{ ...base, services, publicOrigin: () => publicOrigin },
    gatewayUrl: async () => {
      const url = await gatewayListener.open();
      ownPorts.add(portOf(url));
      return url;
    },
  };
  const gatewayListener = createGatewayListener(context);
  const setupToken = await db
    .alone(() => prepareStart(context))
    .catch(async (error: unknown) => {
      await services.close();
      throw error;
    });
  const failed = createFailedAttempts(clock);
  const lastUsed = createLastUsed(db, logger);
  const people = createPeople(base, {
    ...{ failed, lastUsed, passwords: services.owners.passwords },
    origin: () => publicOrigin,
  });
  const { cookies } = people;
  const authentication: Authentication = { read: db.read, clock, failed, lastUsed, cookies };
  let description: Promise<Record<string, unknown>> | undefined;
  const operations: readonly Operation[] = listOperations({
    people,
    describeApi: () => (description ??= describeApi(operations, options.version)),
  });
  const parts = { context, operations, authentication };
  const api = await createApp({ ...parts, via: 'api', tls: certificates?.serverOptions });
  const local = await createApp({
    ...parts,
    via: 'socket',
    tls: undefined,
    also: (app) => registerInternal(app, context),
  });
  const stops: (() => void | Promise<void>)[] = [];
  /** The first join token may be made at another manager of the database. */
  const openWhenOthersDo = () => {
    const look = () =>
      gatewayListener.start().catch((error: unknown) => logger.warn({ err: error }, 'Gateways cannot join here.'));
    const timer = setInterval(look, LOOK_FOR_AUTHORITY_MS).unref();
    return () => clearInterval(timer);
  };
  let isReady = false;

  return {
    async listen() {
      if (options.socketPath !== undefined) stops.push(await listenOnSocket(local, options.socketPath));
      const address = await listenOnTcp(api, options);
      const gatewayUrl = await gatewayListener.start();
      if (gatewayUrl !== undefined) ownPorts.add(portOf(gatewayUrl));
      if (certificates !== undefined) stops.push(certificates.watch(api.server, logger));
      if (db.sharedUrl !== undefined) stops.push(openWhenOthersDo());
      const leading = { ...context, db: services.lease.leading };
      stops.push(startSigningKeyRotation(leading), startMovingStores(leading));
      isReady = true;
      ownPorts.add(portOf(address));
      publicOrigin = (options.publicUrl ?? address).replace(/\/+$/, '');
      const setupLink = setupToken === undefined ? undefined : `${publicOrigin}/setup/${setupToken}`;
      return { address, setupLink };
    },
    ready: () => isReady,
    async close() {
      isReady = false;
      services.endStreams();
      for (const stop of stops.splice(0)) await stop();
      await api.close();
      await gatewayListener.close();
      await local.close();
      await lastUsed[Symbol.asyncDispose]();
      await services.close();
      await db[Symbol.asyncDispose]();
    },
  };
}

/** Port of an origin; 0 when it is none. */
function portOf(origin: string): number {
  if (!URL.canParse(origin)) return 0;
  const { port, protocol } = new URL(origin);
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** Plain HTTP would show management keys to the network (decision 29). */
function checkAddress(options: ManagerOptions): void {
  if (isLoopback(options.host) || options.tls !== undefined || options.allowPlainHttp) return;
  throw new ConfigurationError(
    `The manager would listen on ${options.host} without TLS, so that keys cross the network readable. Give it a certificate (GATEWRIGHT_MANAGER_CERT_FILE, GATEWRIGHT_MANAGER_KEY_FILE), or set GATEWRIGHT_MANAGER_ALLOW_PLAIN_HTTP=true when something in front of it does TLS.`,
  );
}

async function listenOnTcp(app: FastifyInstance, options: ManagerOptions): Promise<string> {
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
      throw new ConfigurationError(
        `The port ${options.port} on ${options.host} is in use. Choose another one (GATEWRIGHT_MANAGER_PORT), or 0 for any.`,
      );
    throw error;
  }
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return `${options.tls === undefined ? 'http' : 'https'}://${host}:${port}`;
}
