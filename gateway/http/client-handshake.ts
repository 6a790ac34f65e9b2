import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ClientCertificate } from '#core/message';
import { clientCertificateOf } from './client-authorities.ts';

/** What was found out of a connection's handshake: once for each, however many requests it carries. */
const known = new WeakMap<Socket, ClientCertificate | 'none'>();

/**
 * The certificate that a client showed; undefined: none.
 * @param believesAuthorities whether there are authorities of ours: without, no chain counts
 */
export function shownCertificate(socket: Socket, believesAuthorities: boolean): ClientCertificate | undefined {
  const found = known.get(socket) ?? readCertificate(socket, believesAuthorities) ?? 'none';
  known.set(socket, found);
  return found === 'none' ? undefined : found;
}

/** The name that a client asked for (SNI); undefined: none. */
export function shownServerName(socket: Socket): string | undefined {
  const name = socket instanceof TLSSocket && 'servername' in socket ? socket.servername : undefined;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function readCertificate(socket: Socket, believesAuthorities: boolean): ClientCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  return clientCertificateOf(certificate.raw, believesAuthorities && socket.authorized);
}
