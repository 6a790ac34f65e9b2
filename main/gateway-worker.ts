import { createTokenIssuer, type IssuerDependencies } from '#auth/issuer';
import { createSigningKeys } from '#auth/keys/signing-keys';
import { createRevocationLag } from '#auth/revocation-lag';
import { createRevocationWatch } from '#auth/revocation-watch';
import { createTokenVerifier } from '#auth/verifier';
import type { FeedServerGroup } from '#core/change-feed';
import { systemClock } from '#core/clock';
import { systemRandom } from '#core/random';
import type { SealContext } from '#core/secret-box';
import { parseAllowList } from '#egress/destination';
import { createEgress } from '#egress/egress';
import { createDataPlane } from '#gateway/data-plane';
import { createPresentEndpoints } from '#gateway/deployed-endpoints';
import { createOwnerDesk } from '#gateway/owner-desk';
import { createTicketDesk } from '#gateway/try/ticket-desk';
import { runWorker, type WorkerHost, type WorkerParts } from '#gateway/worker';
import { policyTypes } from '#policies/registry';
import { openCounters } from '#stores/counters/open';
import { createLogger } from '#telemetry/logger';
import { createMetrics } from '#telemetry/metrics';
import { runChild } from './child.ts';
import type { Config } from './config-schema.ts';
import { openDataDir } from './data-dir.ts';
import { openMasterKeyFile } from './master-key.ts';
import { openTokenStores } from './token-store.ts';
import { openSealed, openTokenTags } from './token-tags.ts';
import { wantedStores } from './wanted-stores.ts';

/** How often the token store's own feed is read: well within the second that a revocation may take. */
const STORE_FEED_MS = 250;

await runChild(import.meta.url, (config) => {
  const logger = createLogger({ level: config.log.level, name: 'gateway-worker' });
  const metrics = createMetrics();
  return runWorker({
    clock: systemClock,
    logger,
    metrics,
    open: (host) => openParts(config, host, { logger, metrics }),
  });
});

/** Puts a worker together: token store, authorization server and data plane over the registry that it is handed. */
async function openParts(
  config: Config,
  host: WorkerHost,
  {
    logger,
    metrics: source,
  }: { readonly logger: ReturnType<typeof createLogger>; readonly metrics: ReturnType<typeof createMetrics> },
): Promise<WorkerParts> {
  const { metrics } = source;
  const { registry } = host;
  const dir = openDataDir(config.dataDir);
  // What the manager sealed for gateways is sealed to this one; the master key is for a replica of a version before that.
  const masterKey = host.isJoined
    ? undefined
    : openMasterKeyFile(config.masterKeyFile === '' ? dir.masterKey : config.masterKeyFile, {
        create: config.masterKeyFile === '',
        random: systemRandom,
      });
  const openers = { masterKey, openLetter: host.openLetter };
  const tagKeys = openTokenTags(openers, () => registry.findTokenKeys(), logger);
  const open = (sealed: string, context: SealContext) => openSealed(sealed, context, openers);
  const signingKeys = createSigningKeys({ find: () => registry.findSigningKeys(), open, logger });
  const egress = createEgress({
    allow: parseAllowList(config.outbound.allow),
    ownPorts: () => ownPortsOf(config, host),
    logger,
  });
  const endpoints = createPresentEndpoints();
  const store = await openTokenStores(config, dir, { clock: systemClock, logger, metrics });
  const takeStores = async () => {
    const listed = registry.listTokenStores();
    if (listed.length > 0) await store.use(wantedStores(listed, { open, logger }));
  };
  await takeStores();
  const measureLag = createRevocationLag({ store, clock: systemClock, metrics });
  const watch = createRevocationWatch({
    store,
    clock: systemClock,
    logger,
    intervalMs: STORE_FEED_MS,
    onChange(change) {
      tokenVerifier.forget(change);
      measureLag(change);
    },
  });
  const tokenVerifier = createTokenVerifier({
    store,
    registry,
    clock: systemClock,
    metrics,
    freshness: watch,
    limits: config.limits,
    tagKeys,
    signingKeys,
    egress,
    serverGroupName: (id) => registry.findServerGroup(id)?.name ?? id,
  });
  const owners = createOwnerDesk({
    directories: () => registry.listDirectories(),
    ask: (question) => host.askOwners(question),
  });
  const counters = await openCounters(config.counterStore.url, {
    ...{ clock: systemClock, logger, metrics },
    ask: (asks) => host.askCounters(asks),
  });
  const issuerParts: IssuerDependencies = {
    counters,
    mtls: {
      isOffered: config.gateway.clientCertificates || config.gateway.clientCertificateField !== '',
      origin: config.gateway.mtlsUrl,
    },
    owners,
    signingKeys,
    egress,
    endpoints,
    openSealed: open,
    store,
    registry,
    clock: systemClock,
    random: systemRandom,
    metrics,
    limits: config.limits,
    tagKeys,
    storageLow: () => {
      const { level, freeBytes } = host.storage();
      return level === 3 ? { freeBytes, minFreeBytes: config.minFreeBytes } : undefined;
    },
  };
  const tokenIssuer = createTokenIssuer(issuerParts);
  watch.start();
  const lag = metrics.gauge(
    'token_store_staleness_seconds',
    'Age of the last news of revocations, from the manager or the token store.',
  );
  const lagTimer = setInterval(() => lag.set(watch.lagSeconds()), 1_000).unref();
  const dataPlane = createDataPlane({
    policyTypes,
    services: {
      ...{ clock: systemClock, random: systemRandom, metrics, registry, egress },
      ...{ tokenIssuer, tokenVerifier, authorizationEndpoint: tokenIssuer, counters },
    },
    endpoints,
    logger,
    gatewayId: host.gatewayId,
    name: host.gatewayName,
    options: { ...config.gateway, host: host.host, port: host.port },
    tryIt: {
      clock: systemClock,
      tokens: tokenIssuer,
      desk: createTicketDesk({
        gatewayId: host.gatewayId,
        clock: systemClock,
        publicKey: () => registry.findTryKey()?.publicKey,
        takeOnce: ({ id, at, endsAt }) => host.takeTicket({ id, at, endsAt }),
      }),
    },
    onRecords: (batch) => host.onRecords(batch),
  });
  return {
    dataPlane: {
      apply: (set) => dataPlane.apply({ ...set, serverGroup: withPublicUrl(set.serverGroup, config, host) }),
      listen: () => dataPlane.listen(),
      drain: () => dataPlane.drain(),
      close: () => dataPlane.close(),
      sizes: () => ({ ...dataPlane.sizes(), ...tokenVerifier.sizes(), ...counters.sizes() }),
    },
    onRegistryChange(changed) {
      if (changed !== 'everything' && !changed.some(({ kind }) => kind === 'token-store')) return;
      takeStores().catch((error: unknown) => logger.error({ err: error }, 'the token stores could not be taken over'));
    },
    staleForMs: () => watch.staleForMs(),
    onFeedHeard: () => watch.heardFromManager(),
    async close() {
      clearInterval(lagTimer);
      watch.close();
      await counters[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** The product's own ports, which nothing that it calls may be (decision 25). */
function ownPortsOf({ manager, gateway, admin }: Config, listening: WorkerHost): ReadonlySet<number> {
  return new Set([manager.port, manager.gatewayPort, gateway.port, admin.port, listening.port]);
}

/** A group without a public URL is reached where this gateway listens. */
function withPublicUrl(group: FeedServerGroup, config: Config, listening: WorkerHost): FeedServerGroup {
  if (group.publicUrl !== '') return group;
  const host = listening.host.includes(':') ? `[${listening.host}]` : listening.host;
  return { ...group, publicUrl: `${config.gateway.certFile === '' ? 'http' : 'https'}://${host}:${listening.port}` };
}
