import { hash, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import tls, { type DetailedPeerCertificate } from 'node:tls';
import type { Clock } from '#core/clock';
import { isOtherManager, type ManagerLink, portOf, tlsLink } from '../manager-link.ts';
import { requestCertificate } from './certificate-request.ts';
import type { Membership } from './membership.ts';

const TIMEOUT_MS = 10_000;
const ANSWER_LIMIT_BYTES = 65_536;

/** Why a gateway did not join. */
export class JoinError extends Error {
  override readonly name = 'JoinError';
  /**
   * token_malformed: it was cut or is something else. join_token_wrong: unknown, used or ended. manager_unknown: another manager answers than
   * the token names. unreachable: nobody does. refused: anything else that the manager said.
   */
  readonly code: 'token_malformed' | 'join_token_wrong' | 'manager_unknown' | 'unreachable' | 'refused';

  constructor(code: JoinError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** What a gateway joins with. */
export interface JoinWish {
  /** https URL of the manager's gateway listener. */
  readonly manager: string;
  readonly token: string;
  readonly name: string;
  readonly clock: Clock;
}

/**
 * Joins: makes a key, looks whether the one who answers has the authority that the token names, and only then shows the token and gets a
 * certificate.
 * @throws JoinError
 */
export async function joinManager({ manager, token, name, clock }: JoinWish): Promise<Membership> {
  const url = parseManager(manager);
  const { secret, fingerprint } = parseToken(token);
  const authority = await authorityOf(url, fingerprint);
  const { key, request } = await requestCertificate();
  const link = tlsLink(url, () => ({ ca: authority }));
  try {
    const answer = await post(link, '/internal/v1/join', { token: secret, name, certificateRequest: request });
    const { gatewayId, serverGroup, certificate } = parseJoined(answer);
    const { validToDate } = new X509Certificate(certificate);
    return {
      ...{ manager: url.origin === 'null' ? manager : `https://${url.host}`, authority, gatewayId, name, serverGroup },
      ...{ certificate, key, certificateAt: clock.now(), certificateEndsAt: validToDate.getTime() },
    };
  } finally {
    link.close();
  }
}

/** Posts JSON and gives the answer's. @throws JoinError for every answer that is not 2xx, and for none */
export async function post(link: ManagerLink, path: string, body: unknown): Promise<Readonly<Record<string, unknown>>> {
  const text = JSON.stringify(body);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const sent = link.request({ method: 'POST', path, headers });
    sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error('no answer')));
    sent.on('response', resolve).on('error', (error) => reject(connectionError(error, link.place)));
    sent.end(text);
  });
  const value = await readJson(answer, link.place);
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return value;
  const detail = typeof value.detail === 'string' ? value.detail : `The manager answered ${status}.`;
  throw new JoinError(value.code === 'join_token_wrong' ? 'join_token_wrong' : 'refused', detail);
}

function parseManager(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' && url.hostname !== '') return url;
  throw new JoinError('token_malformed', `${text} is no manager's address. Write https://<host>:9003.`);
}

function parseToken(text: string): { readonly secret: string; readonly fingerprint: string } {
  const match = /^(gwj_[0-9A-Za-z]{49})\.([A-Za-z0-9_-]{43})$/.exec(text.trim());
  if (match !== null) return { secret: match[1] ?? '', fingerprint: match[2] ?? '' };
  throw new JoinError(
    'token_malformed',
    'This is no join token: it has the form gwj_….… and is made with `gatewright group join-token <group>`.',
  );
}

/** The certificate (PEM) of the authority that answers, when it is the one of the token. Nothing is said to anybody on this connection. */
async function authorityOf(url: URL, fingerprint: string): Promise<string> {
  const certificate = await new Promise<DetailedPeerCertificate>((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // Whose certificate it is, is what is asked here; the next connection believes this authority only.
    const socket = tls.connect({ host, port: portOf(url), rejectUnauthorized: false, minVersion: 'TLSv1.3' });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer')));
    socket.once('error', (error) => reject(connectionError(error, url.host)));
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate(true));
      socket.destroy();
    });
  });
  let top = certificate;
  while (
    top.issuerCertificate !== undefined &&
    top.issuerCertificate.raw !== top.raw &&
    !isSame(top.issuerCertificate, top)
  )
    top = top.issuerCertificate;
  if (top.raw === undefined || hash('sha256', top.raw, 'base64url') !== fingerprint)
    throw new JoinError(
      'manager_unknown',
      `Who answers at ${url.host} is not the manager that made this token. The token was not shown to it.`,
    );
  return new X509Certificate(top.raw).toString();
}

function isSame(a: DetailedPeerCertificate, b: DetailedPeerCertificate): boolean {
  return a.fingerprint256 === b.fingerprint256;
}

function connectionError(error: Error, place: string): JoinError {
  if (isOtherManager(error))
    return new JoinError('manager_unknown', `Who answers at ${place} is not the manager that made this token.`, error);
  const reason = 'code' in error && error.code === 'EPROTO' ? 'what answers there does not speak TLS' : error.message;
  return new JoinError(
    'unreachable',
    `The manager cannot be reached at ${place}: ${reason}. Its port for gateways is 9003 unless set otherwise.`,
    error,
  );
}

async function readJson(answer: IncomingMessage, place: string): Promise<Readonly<Record<string, unknown>>> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer) {
    bytes += (part as Buffer).length;
    if (bytes > ANSWER_LIMIT_BYTES) throw new JoinError('refused', `The answer of ${place} is too long.`);
    parts.push(part as Buffer);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(parts).toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new JoinError('refused', `The answer of ${place} is not understood.`);
}

function parseJoined({ gatewayId, serverGroup, certificate }: Readonly<Record<string, unknown>>) {
  if (typeof gatewayId === 'string' && typeof serverGroup === 'string' && typeof certificate === 'string')
    return { gatewayId, serverGroup, certificate };
  throw new JoinError('refused', "The manager's answer to the join is not understood.");
}
