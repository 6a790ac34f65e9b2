import http from 'node:http';
import https from 'node:https';
import type { PeerCertificate } from 'node:tls';

/** One request to the manager. */
export interface ManagerCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: http.OutgoingHttpHeaders;
  /** True: on the one connection that is kept for such calls; else on a connection of its own. */
  readonly isKept?: boolean;
}

/** How the manager is reached: over the Unix socket of the data directory, or over TLS. */
export interface ManagerLink {
  /** Begins a request; its body is the caller's to send. */
  request(call: ManagerCall): http.ClientRequest;
  /** Where the manager is, for people. */
  readonly place: string;
  close(): void;
}

/** The link of a gateway on the manager's data directory. Whoever may open the socket's file is let in. */
export function socketLink(socketPath: string): ManagerLink {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  return {
    place: socketPath,
    request: ({ isKept, ...call }) => http.request({ socketPath, ...call, agent: isKept === true ? agent : false }),
    close: () => agent.destroy(),
  };
}

/** What a gateway that joined shows and believes; PEM each. */
export interface LinkIdentity {
  /** The authority of the manager: nobody else's certificate is believed. */
  readonly ca: string;
  /** Left out while it has none: then it can only join. */
  readonly own?: { readonly key: string; readonly certificate: string };
}

/** The URI that the certificate of a manager's listener carries. */
const MANAGER_URI = 'URI:gatewright:manager';

/**
 * The link of a gateway that joined: TLS 1.3, both sides with certificates of the manager's authority. By which name the manager is reached
 * does not matter: the authority signs nothing but its own listener and its gateways, and theirs are no server certificates.
 * @param identity asked at each connection: a renewed certificate is shown from then on
 */
export function tlsLink(manager: URL, identity: () => LinkIdentity): ManagerLink {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, maxCachedSessions: 0 });
  return {
    place: manager.origin,
    request({ isKept, ...call }) {
      const { ca, own } = identity();
      return https.request({
        ...call,
        ...(own !== undefined && { key: own.key, cert: own.certificate }),
        ca,
        host: manager.hostname.replace(/^\[|\]$/g, ''),
        port: portOf(manager),
        agent: isKept === true ? agent : false,
        minVersion: 'TLSv1.3',
        checkServerIdentity: (_: string, { subjectaltname }: PeerCertificate) =>
          (subjectaltname ?? '').split(', ').includes(MANAGER_URI)
            ? undefined
            : new NotTheManager('Its certificate is not that of a manager.'),
      });
    },
    close: () => agent.destroy(),
  };
}

/** Who answers is not the manager that the gateway joined. */
class NotTheManager extends Error {
  override readonly name = 'NotTheManager';
}

/** True when a connection failed because of whose certificate answered. */
export function isOtherManager(error: unknown): boolean {
  if (error instanceof NotTheManager) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_|CERT_|INVALID_CA|INVALID_PURPOSE)/.test(
    code,
  );
}

/** The port of managers for gateways, unless the URL says another. */
const DEFAULT_PORT = 9003;

/** The port that a manager's URL means. */
export function portOf({ port }: URL): number {
  return port === '' ? DEFAULT_PORT : Number(port);
}
