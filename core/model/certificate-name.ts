import * as z from 'zod';

/** Where in a certificate the name stands by which a client is known (RFC 8705 §2.1.2). */
export const CERTIFICATE_NAME_FIELDS = ['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email'] as const;
type CertificateNameField = (typeof CERTIFICATE_NAME_FIELDS)[number];

const HOST =
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/;
/** One `type=value` of a distinguished name; a comma, plus or quote in a value is escaped (RFC 4514 §2.4). */
const RELATIVE_NAME = /^\s*(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=(?:\\.|[^\\"])+$/s;

const FORMS: Readonly<Record<CertificateNameField, readonly [isFit: (value: string) => boolean, message: string]>> = {
  subject_dn: [isDistinguishedName, 'A subject as RFC 4514 writes it: CN=shop,O=Example.'],
  san_dns: [(value) => HOST.test(value), 'A host name, whole and without wildcard: shop.example.com.'],
  san_uri: [
    (value) => /^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$/.test(value) && URL.canParse(value),
    'A URI with its scheme: spiffe://example.com/shop.',
  ],
  san_ip: [
    (value) => z.ipv4().safeParse(value).success || z.ipv6().safeParse(value).success,
    'An IP address, without prefix length: 192.0.2.1 or 2001:db8::1.',
  ],
  san_email: [(value) => z.email().safeParse(value).success, 'An e-mail address: shop@example.com.'],
};

/** What is wrong with a name of a kind, so that no certificate could bear it; undefined: nothing. */
export function certificateNameFault(field: CertificateNameField, value: string): string | undefined {
  const [isFit, message] = FORMS[field];
  return isFit(value) ? undefined : message;
}

function isDistinguishedName(value: string): boolean {
  const parts = value.match(/(?:\\.|[^\\,])+/gs) ?? [];
  return parts.join(',') === value && parts.every((part) => RELATIVE_NAME.test(part));
}
