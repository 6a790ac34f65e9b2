import { Refusal } from '#core/errors';
import { ownerCookiesOf, withoutConsoleCookies } from './console-cookie.ts';
import { classifyField, FIELD, namedByConnection, removeFields } from './field-class.ts';
import { parseHost } from './host.ts';
import type { HttpCall } from './http/engine.ts';
import { fitCallerRequestId } from './request-id.ts';
import { plainAddress, type TrustedProxies } from './trusted-proxies.ts';

/** The head of a request, checked and cleaned: read once, in one pass over its fields. */
export interface RequestHead {
  /** Host without port, lower case; empty when an HTTP/1.0 request names none. */
  readonly host: string;
  /** Fields for the target: hop-by-hop and foreign identity fields gone, forwarding fields and Via written anew. Not yet X-Request-Id. */
  readonly fields: string[];
  readonly scheme: 'http' | 'https';
  readonly remoteAddress: string;
  readonly callerRequestId: string | undefined;
  /** undefined: no Content-Length. */
  readonly contentLength: number | undefined;
  readonly chunked: boolean;
  /** The manager's ticket, unchecked. */
  readonly ticket: string | undefined;
  /** Cookies of the sign-in pages, taken out of the fields. */
  readonly ownCookies: string | undefined;
}

/** Most header fields of a request. */
const FIELDS_LIMIT = 200;

/**
 * Reads the head's fields.
 * @throws Refusal `request_invalid` when it can be read in more than one way, `upgrade_refused`, `header_too_large`
 */
export function readHead(call: HttpCall, proxies: TrustedProxies): RequestHead {
  const raw = call.rawHeaders;
  if (raw.length > 2 * FIELDS_LIMIT)
    throw new Refusal('header_too_large', { limitBytes: 0, limitFields: FIELDS_LIMIT });
  const peer = plainAddress(call.remoteAddress);
  const trusted = proxies.any && proxies.isTrusted(peer);
  const fields: string[] = [];
  let hostField: string | undefined;
  let authorizations = 0;
  let contentLength: number | undefined;
  let chunked = false;
  let connection: string | undefined;
  let callerId: string | undefined;
  let forwardedFor = '';
  let forwardedProto: string | undefined;
  let forwardedHost: string | undefined;
  let forwarded = '';
  let ticket: string | undefined;
  let ownCookies: string | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    switch (classifyField(name)) {
      case FIELD.pass:
        fields.push(name, value);
        break;
      case FIELD.cookie: {
        const kept = withoutConsoleCookies(value);
        if (kept !== undefined) fields.push(name, kept);
        if (kept !== value) {
          const own = ownerCookiesOf(value);
          ownCookies = own === undefined || ownCookies === undefined ? (own ?? ownCookies) : `${ownCookies}; ${own}`;
        }
        break;
      }
      case FIELD.setCookie: // of no meaning in a request, and none of ours to judge
        fields.push(name, value);
        break;
      case FIELD.host:
        if (hostField !== undefined) throw invalid('host_twice');
        hostField = value;
        break;
      case FIELD.authorization:
        authorizations += 1;
        if (authorizations > 1) throw invalid('authorization_twice');
        fields.push(name, value);
        break;
      case FIELD.contentLength:
        if (contentLength !== undefined) throw invalid('length_twice');
        if (!/^\d{1,15}$/.test(value)) throw invalid('length_malformed');
        contentLength = Number(value);
        fields.push(name, value);
        break;
      case FIELD.transferEncoding:
        // A second transfer coding would reach the target undecoded and unnamed.
        if (chunked || value.toLowerCase() !== 'chunked') throw invalid('transfer_coding');
        chunked = true;
        break;
      case FIELD.connection:
        connection = connection === undefined ? value : `${connection},${value}`;
        break;
      case FIELD.upgrade:
        // h2c is an offer that a server may leave (RFC 9110 §7.8) and that some clients make with every call.
        if (value.toLowerCase() !== 'h2c') throw new Refusal('upgrade_refused', { protocol: value.slice(0, 40) });
        break;
      case FIELD.expect:
        if (value.toLowerCase() !== '100-continue') throw invalid('expectation');
        break;
      case FIELD.requestId:
        callerId = fitCallerRequestId(value);
        break;
      case FIELD.forwardedFor:
        if (trusted) forwardedFor = forwardedFor === '' ? value : `${forwardedFor}, ${value}`;
        break;
      case FIELD.forwardedProto:
        if (trusted) forwardedProto = value.toLowerCase() === 'https' ? 'https' : 'http';
        break;
      case FIELD.forwardedHost:
        if (trusted && parseHost(value) !== undefined) forwardedHost = value;
        break;
      case FIELD.forwarded:
        if (trusted) forwarded = forwarded === '' ? value : `${forwarded}, ${value}`;
        break;
      case FIELD.ticket:
        if (ticket !== undefined) throw invalid('ticket_twice');
        ticket = value;
        break;
      case FIELD.identity:
        // Underscored spellings are nobody's; a trusted proxy may pass on what it found out (a client certificate, say).
        if (trusted && !name.includes('_')) fields.push(name, value);
        break;
      default:
        break;
    }
  }
  if (chunked && (contentLength !== undefined || call.minorVersion === 0)) throw invalid('length_and_chunked');
  if (hostField === undefined && call.minorVersion > 0) throw invalid('host_missing');
  const host = hostField === undefined || hostField === '' ? '' : parseHost(hostField);
  if (host === undefined) throw invalid('host_malformed');
  const named = connection === undefined ? undefined : namedByConnection(connection);
  if (named !== undefined) removeFields(fields, named);

  const scheme =
    forwardedProto === undefined ? (call.encrypted ? 'https' : 'http') : forwardedProto === 'https' ? 'https' : 'http';
  fields.push('X-Forwarded-For', forwardedFor === '' ? peer : `${forwardedFor}, ${peer}`, 'X-Forwarded-Proto', scheme);
  const originalHost = forwardedHost ?? hostField;
  if (originalHost !== undefined && originalHost !== '') fields.push('X-Forwarded-Host', originalHost);
  if (forwarded !== '') fields.push('Forwarded', `${forwarded}, for=${quotedNode(peer)};proto=${scheme}`);
  fields.push('Via', '1.1 gatewright');
  return {
    host,
    fields,
    scheme,
    remoteAddress: forwardedFor === '' ? peer : proxies.clientOf(peer, forwardedFor),
    callerRequestId: callerId,
    contentLength,
    chunked,
    ticket,
    ownCookies,
  };
}

function invalid(problem: string): Refusal {
  return new Refusal('request_invalid', { problem });
}

/** A node of `Forwarded` (RFC 7239 §6): IPv6 in brackets and quotes. */
function quotedNode(address: string): string {
  return address.includes(':') ? `"[${address}]"` : address;
}
