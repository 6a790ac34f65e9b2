import { TRY_TICKET_FIELD } from '#core/try-ticket';

/** What the gateway does with a header field of a request or an answer. Numbers, because every field of every message is looked up. */
export const FIELD = {
  pass: 0,
  /** Hop-by-hop (RFC 9110 §7.6.1): ends here. */
  drop: 1,
  connection: 2,
  host: 3,
  authorization: 4,
  contentLength: 5,
  transferEncoding: 6,
  upgrade: 7,
  requestId: 8,
  forwardedFor: 9,
  forwardedProto: 10,
  forwardedHost: 11,
  forwarded: 12,
  /** Says who the caller is: only we, or a trusted proxy, may (decision 20). */
  identity: 13,
  expect: 14,
  /** A ticket of the manager (core/try-ticket.ts): never passed on. */
  ticket: 15,
  /** Cookies of the console are taken out (console-cookie.ts). */
  cookie: 16,
  setCookie: 17,
} as const;

const CLASSES: Readonly<Record<string, number>> = {
  'keep-alive': FIELD.drop,
  'proxy-connection': FIELD.drop,
  'proxy-authenticate': FIELD.drop,
  'proxy-authorization': FIELD.drop,
  'proxy-authentication-info': FIELD.drop,
  te: FIELD.drop,
  trailer: FIELD.drop,
  'http2-settings': FIELD.drop,
  connection: FIELD.connection,
  host: FIELD.host,
  authorization: FIELD.authorization,
  'content-length': FIELD.contentLength,
  'transfer-encoding': FIELD.transferEncoding,
  upgrade: FIELD.upgrade,
  'x-request-id': FIELD.requestId,
  'x-forwarded-for': FIELD.forwardedFor,
  'x-forwarded-proto': FIELD.forwardedProto,
  'x-forwarded-host': FIELD.forwardedHost,
  forwarded: FIELD.forwarded,
  expect: FIELD.expect,
  cookie: FIELD.cookie,
  'set-cookie': FIELD.setCookie,
  [TRY_TICKET_FIELD]: FIELD.ticket,
};

const IDENTITY =
  /^(?:x-forwarded-.*|x-consumer-.*|x-real-ip|forwarded|x-request-id|client-cert(?:-chain)?|gatewright-.*|x-client-cert.*|x-ssl-client-.*)$/;

/** Fields that no `Connection` may name away: framing, routing, what we vouch for. */
const ESSENTIAL = /^(?:host|content-length|transfer-encoding|content-type|via|date|set-cookie)$/;

const KNOWN_LIMIT = 1000;
const known = new Map<string, number>();

/** The class of a field by its name as spelled; spellings are remembered, up to a bound. */
export function classifyField(name: string): number {
  const found = known.get(name);
  if (found !== undefined) return found;
  const lower = name.toLowerCase();
  const found2 = Object.hasOwn(CLASSES, lower) ? CLASSES[lower] : undefined;
  // `_` becomes `-` in CGI-like targets: X_Forwarded_For would pass for ours.
  const fieldClass = found2 ?? (IDENTITY.test(lower.replaceAll('_', '-')) ? FIELD.identity : FIELD.pass);
  if (known.size < KNOWN_LIMIT) known.set(name, fieldClass);
  return fieldClass;
}

/** The names that a `Connection` value removes from the message, in lower case; undefined for the usual `keep-alive` and `close`. */
export function namedByConnection(value: string): string[] | undefined {
  if (value === 'keep-alive' || value === 'Keep-Alive' || value === 'close') return undefined;
  const names = value
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter(
      (name) =>
        name !== '' &&
        name !== 'close' &&
        name !== 'keep-alive' &&
        !ESSENTIAL.test(name) &&
        !IDENTITY.test(name.replaceAll('_', '-')),
    );
  return names.length === 0 ? undefined : names;
}

/** Removes the fields with these lower-case names from a flat list, in place. */
export function removeFields(raw: string[], lowerNames: readonly string[]): void {
  let kept = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (lowerNames.includes(name.toLowerCase())) continue;
    raw[kept] = name;
    raw[kept + 1] = raw[i + 1] ?? '';
    kept += 2;
  }
  raw.length = kept;
}
