import { X509Certificate } from 'node:crypto';
import type { Clock } from '#core/clock';
import { Refusal } from '#core/errors';
import type { Logger } from '#core/logger';
import type { ClientCertificate } from '#core/message';
import type { DataPlaneOptions } from './data-plane.ts';
import { type ClientAuthorities, clientCertificateOf, watchClientAuthorities } from './http/client-authorities.ts';
import type { HttpCall } from './http/engine.ts';
import { plainAddress, type TrustedProxies } from './trusted-proxies.ts';

/**
 * The certificate that a trusted proxy passes on: `:base64 of the DER:` (RFC 9440 §2.1), or PEM with percent-encoding, as nginx writes it.
 * That the proxy checked the chain is not believed: it is trusted when one of the gateway's own authorities issued it.
 * @throws Refusal `request_invalid` when it cannot be read
 */
function readForwardedCertificate(
  value: string,
  { authorities, now }: { readonly authorities: ClientAuthorities; readonly now: number },
): ClientCertificate | undefined {
  if (value === '') return undefined;
  const certificate = parse(value);
  if (certificate === undefined) throw new Refusal('request_invalid', { problem: 'client_certificate' });
  return clientCertificateOf(certificate.raw, authorities.haveIssued(certificate, now));
}

function parse(value: string): X509Certificate | undefined {
  try {
    const base64 = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(value)?.[1];
    if (base64 !== undefined) return new X509Certificate(Buffer.from(base64, 'base64'));
    const pem = decodeURIComponent(value);
    return pem.startsWith('-----BEGIN CERTIFICATE-----') ? new X509Certificate(pem) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the certificates of clients. */
export interface CertificateReader {
  /** The certificate of a request's client. @throws Refusal `request_invalid`, `host_misdirected` */
  read(call: HttpCall, host: string): ClientCertificate | undefined;
  close(): void;
}

/**
 * Makes the reader; undefined when nobody is asked for certificates. A trusted proxy speaks for its clients: its own certificate is never
 * taken for theirs, and what it passes on counts only in the field that is named (decision 20).
 */
export function createCertificateReader(
  options: Pick<DataPlaneOptions, 'clientCertificates' | 'clientCaFile' | 'clientCertificateField'>,
  { proxies, clock, logger }: { readonly proxies: TrustedProxies; readonly clock: Clock; readonly logger: Logger },
): CertificateReader | undefined {
  const { clientCertificates = false, clientCaFile = '', clientCertificateField: field = '' } = options;
  if (!clientCertificates && field === '') return undefined;
  const authorities = watchClientAuthorities(field === '' ? '' : clientCaFile, logger);
  return {
    read(call, host) {
      if (proxies.any && proxies.isTrusted(plainAddress(call.remoteAddress))) {
        const value = field === '' ? '' : onlyField(call.rawHeaders, field.toLowerCase());
        return readForwardedCertificate(value, { authorities: authorities.present, now: clock.now() });
      }
      const { clientCertificate } = call;
      if (clientCertificate !== undefined) checkServerName(call.serverName, host);
      return clientCertificate;
    },
    close: () => authorities.close(),
  };
}

function onlyField(raw: readonly string[], lowerName: string): string {
  const values = raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === lowerName);
  if (values.length > 1) throw new Refusal('request_invalid', { problem: 'client_certificate_twice' });
  return values[0]?.trim() ?? '';
}

/**
 * Where client certificates count, a connection is for the one name that it was opened for (RFC 9110 §7.4): else a client could show its
 * certificate to one host and speak to another.
 * @param serverName what the client asked for in its handshake (SNI); undefined: nothing, as when it was opened to an address
 * @throws Refusal `host_misdirected`
 */
function checkServerName(serverName: string | undefined, host: string): void {
  if (serverName === undefined ? /^[\d.]+$|^\[/.test(host) : serverName.toLowerCase() === host) return;
  throw new Refusal('host_misdirected', { host, serverName: serverName ?? 'none' });
}
