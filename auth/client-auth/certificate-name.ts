import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { FeedClient } from '#core/change-feed';

/** The name by which a client is known (RFC 8705 §2.1.2). */
export type CertificateName = NonNullable<FeedClient['certificateName']>;

/** Checks of OpenSSL look at the alternative names only, letter by letter: no wildcards, never the subject. */
const EXACT = { subject: 'never', wildcards: false, partialWildcards: false } as const;

/** Whether a certificate bears a name. */
export function bearsName(certificate: X509Certificate, { field, value }: CertificateName): boolean {
  switch (field) {
    case 'subject_dn':
      return distinguishedName(certificate.subject) === normalName(value);
    case 'san_dns':
      return certificate.checkHost(value, EXACT) !== undefined;
    case 'san_email':
      return certificate.checkEmail(value, { subject: 'never' }) !== undefined;
    case 'san_ip':
      return isIP(value) !== 0 && certificate.checkIP(value) !== undefined;
    case 'san_uri':
      return urisOf(certificate.subjectAltName ?? '').includes(value);
  }
}

/**
 * A subject as RFC 4514 §2.1 writes it, the last one first. Node gives a line for each relative name, in the certificate's order, with values
 * escaped as RFC 2253 does, so that no value can pass for two.
 */
function distinguishedName(subject: string): string {
  return normalName(subject.split('\n').reverse().join(','));
}

/** Without spaces around separators, and types of attributes in capitals: `CN=shop,O=Example`. */
function normalName(name: string): string {
  return partsOf(name)
    .map((part) => part.trimStart().replace(/^([A-Za-z0-9.]+)\s*=\s*/, (_, type: string) => `${type.toUpperCase()}=`))
    .join(',');
}

/** What stands between commas that are not escaped. */
function partsOf(name: string): string[] {
  return name.match(/(?:\\.|[^\\,])+/gs) ?? [];
}

/** URIs out of Node's list of alternative names; what would be ambiguous in it is quoted as JSON. */
function urisOf(subjectAltName: string): string[] {
  const entries = subjectAltName.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return [...entries].flatMap(([, type, text = '']) => {
    if (type !== 'URI') return [];
    const value: unknown = text.startsWith('"') ? JSON.parse(text) : text;
    return typeof value === 'string' ? [value] : [];
  });
}
