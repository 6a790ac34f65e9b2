import type { Socket } from 'node:net';
import { type DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { ClientCertificate } from '#core/message';
import { type ClientAuthorities, clientCertificateOf } from './client-authorities.ts';

/** Longer chains are not looked through. */
const LONGEST_CHAIN = 20;

/** What was found out of a connection's handshake, and by which authorities: once for each, however many requests it carries. */
const known = new WeakMap<Socket, { readonly found: ClientCertificate | undefined; readonly by: ClientAuthorities }>();

/**
 * The certificate that a client showed; undefined: none.
 * @param authorities those of ours, as they are now: a connection is held against them again when they change
 */
export function shownCertificate(socket: Socket, authorities: ClientAuthorities): ClientCertificate | undefined {
  const before = known.get(socket);
  if (before?.by === authorities) return before.found;
  const found = readCertificate(socket, authorities);
  known.set(socket, { found, by: authorities });
  return found;
}

/** The name that a client asked for (SNI); undefined: none. */
export function shownServerName(socket: Socket): string | undefined {
  const name = socket instanceof TLSSocket && 'servername' in socket ? socket.servername : undefined;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function readCertificate(socket: Socket, authorities: ClientAuthorities): ClientCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  return clientCertificateOf(certificate.raw, socket.authorized && endsAt(socket, authorities));
}

/** Whether the chain that `node:tls` believed in the handshake ends at one of these: one may have been taken away since. */
function endsAt(socket: TLSSocket, authorities: ClientAuthorities): boolean {
  let one: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  for (let depth = 0; depth < LONGEST_CHAIN && one?.raw !== undefined; depth += 1) {
    if (authorities.includes(one.raw)) return true;
    if (one.issuerCertificate === one) return false;
    one = one.issuerCertificate;
  }
  return false;
}
