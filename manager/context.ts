import type { Clock } from '#core/clock';
import type { Egress } from '#core/egress';
import type { Logger } from '#core/logger';
import type { Metrics } from '#core/metrics';
import type { AnyPolicyType } from '#core/policy';
import type { Random } from '#core/random';
import type { SecretBox } from '#core/secret-box';
import type { TokenStoreDesk } from '#core/token-stores';
import type { ManagerDatabase } from './database.ts';
import type { Retention } from './exchanges/exchange-store.ts';
import type { TlsFiles } from './http/certificate.ts';
import type { Services } from './services.ts';

/** The master keys, kept by the process that starts the manager. */
export interface MasterKeys {
  /** The box that seals with the current key and opens what older ones sealed. Asked anew each time: a rotation changes it. */
  secretBox(): SecretBox;
  /** Makes a new current key; the older ones still open. Resolves when it is on disk. @throws ProblemError `unavailable` when it cannot be written */
  rotate(): Promise<void>;
}

/** Bounds of the calls to the outside. */
export interface Outbound {
  /** Hosts, host:port, addresses and CIDR blocks that may be called although they are loopback, link-local, metadata or, with a port, our own. */
  readonly allow: readonly string[];
  /** Ports of this product that are known from the start; those of listeners and gateways are added. */
  readonly ownPorts: readonly number[];
}

/** The listener for gateways that join from elsewhere. */
export interface GatewayListening {
  /** False: none may join, and those that did are not heard. */
  readonly accept: boolean;
  readonly host: string;
  /** 0: the one of last time, else any free one. */
  readonly port: number;
  /** Where gateways reach it; empty: where it listens. */
  readonly url: string;
  /** How long a certificate is valid; gateways renew theirs at two thirds of it. */
  readonly certificateLifeMs: number;
}

/** How the audit trail is kept. */
export interface AuditOptions {
  /** Days; 0: for ever; undefined: as Settings say. */
  readonly retentionDays: number | undefined;
  /** File that every checkpoint is appended to. */
  readonly checkpointFile: string | undefined;
  /** URL that every checkpoint is posted to. */
  readonly checkpointUrl: string | undefined;
}

/** Where the manager listens and what it demands of callers. */
export interface ManagerOptions {
  /** Host to bind, e.g. 127.0.0.1. */
  readonly host: string;
  /** Port; 0: any free one. */
  readonly port: number;
  /** The Unix socket for the CLI on this machine and the gateways; undefined: none. */
  readonly socketPath: string | undefined;
  /** Certificate and key files (PEM), further ones by SNI; read again when they change. Undefined: plain HTTP. */
  readonly tls: TlsFiles | undefined;
  /** Host names it answers on, without port; loopback names are always allowed. */
  readonly hosts: readonly string[];
  /** Becomes the management key "bootstrap" when there is none yet. */
  readonly bootstrapToken: string | undefined;
  /** Allows plain HTTP on a host that is not loopback. */
  readonly allowPlainHttp: boolean;
  /** Origin under which people reach it, for links; undefined: where it listens. */
  readonly publicUrl: string | undefined;
  /** Most API calls a second for one key. */
  readonly requestsPerSecond: number;
  /** How gateways from elsewhere reach it. */
  readonly gateways: GatewayListening;
  /** How long, and up to how many bytes, exchange records are kept. */
  readonly records: Retention;
  readonly audit: AuditOptions;
  /** What may be called besides deployed targets (decision 25). */
  readonly outbound: Outbound;
  /** The folder of the built console; left out, or without a build: a page of text says what there is. */
  readonly consoleDir?: string | undefined;
  /** Version of this program. */
  readonly version: string;
}

/** What the manager is made of before its services run. Reads go to `db.read`, changes through `change` in unit-of-work.ts. */
export interface BaseContext {
  readonly db: ManagerDatabase;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly policyTypes: readonly AnyPolicyType[];
  readonly masterKeys: MasterKeys;
  readonly tokenStores: TokenStoreDesk;
  /** The way out (decision 25). */
  readonly egress: Egress;
  readonly dataDir: string;
  readonly options: ManagerOptions;
}

/** What every part of the manager has at hand. */
export interface ManagerContext extends BaseContext {
  readonly services: Services;
  /** Origin under which people reach the manager; undefined until it listens. */
  publicOrigin(): string | undefined;
  /** Origin under which gateways from elsewhere reach it; opens their listener. @throws ProblemError `unavailable` */
  gatewayUrl(): Promise<string>;
}
