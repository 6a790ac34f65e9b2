import { Refusal } from '#core/errors';
import type { Message } from '#core/message';
import { cutPairs, type FormPair, findPairs } from './form-pairs.ts';
import type { Config } from './schema.ts';

const FORM = 'application/x-www-form-urlencoded';
/** The largest form body in which a token is looked for (decision 19). */
const BODY_LIMIT_BYTES = 65_536;
const SCHEME_CHARACTERS = 20;

type Place = Config['tokenIn'][number];

/** The token of a message and how to cut it out. */
export interface PresentedToken {
  readonly value: string;
  readonly place: Place;
  /** Takes the token out of the message, byte for byte nothing else. */
  remove(): void;
}

/**
 * Finds the access token (RFC 6750 §2). Header and query are always looked at, so that a token in two places is noticed wherever the policy
 * reads; the form body only when it is ticked, because it has to be kept in memory.
 * @throws Refusal `token_missing`, `token_scheme_wrong`, `token_twice`; `body_too_large`
 */
export function compileFindToken(config: Config): (message: Message) => PresentedToken | Promise<PresentedToken> {
  const { tokenIn, queryParameter } = config;
  const readHeader = compileReadHeader(config);
  const readsBody = tokenIn.includes('body');

  return (message) => {
    const header = readHeader(message);
    const { query } = message.request;
    const pairs = query === '' ? [] : findPairs(query, queryParameter);
    const found = pairs.map((pair) => presentInQuery(message, pairs, pair));
    if (header.token !== undefined) found.unshift(header.token);
    const choose = (all: readonly PresentedToken[]) => chooseToken(all, header.scheme, config);
    if (!readsBody || !isForm(message)) return choose(found);
    return readBody(message, config).then((inBody) => choose([...found, ...inBody]));
  };
}

interface HeaderRead {
  readonly token: PresentedToken | undefined;
  /** The first word of a field that has another one than is expected. */
  readonly scheme: string | undefined;
}

function compileReadHeader({ headerName, headerPrefix }: Config): (message: Message) => HeaderRead {
  const name = headerName.toLowerCase();
  const prefix = headerPrefix.toLowerCase();

  return (message) => {
    const { headers } = message.request;
    const given = headers.get(name);
    if (given === undefined) return { token: undefined, scheme: undefined };
    if (headers.count(name) > 1) throw new Refusal('token_twice', { foundIn: ['header', 'header'] });
    const value = given.trim();
    const space = value.indexOf(' ');
    const scheme = prefix === '' || space === -1 ? value : value.slice(0, space);
    if (prefix !== '' && scheme.toLowerCase() !== prefix) {
      const isWord = space !== -1; // without a space it may be a bare token, which must not be noted
      return { token: undefined, scheme: isWord ? scheme.slice(0, SCHEME_CHARACTERS) : '' };
    }
    const token = prefix === '' ? value : value.slice(scheme.length).trim();
    return {
      token: { value: token, place: 'header', remove: () => headers.remove(name) },
      scheme: undefined,
    };
  };
}

function presentInQuery(message: Message, pairs: readonly FormPair[], { value }: FormPair): PresentedToken {
  return {
    value,
    place: 'query',
    remove() {
      message.request.query = cutPairs(message.request.query, pairs);
    },
  };
}

async function readBody(message: Message, { bodyParameter }: Config): Promise<PresentedToken[]> {
  const body = (await message.readBody(BODY_LIMIT_BYTES)).toString('latin1'); // one character a byte: cutting keeps the others
  const pairs = findPairs(body, bodyParameter);
  return pairs.map(({ value }) => ({
    value,
    place: 'body',
    remove: () => message.replaceBody(Buffer.from(cutPairs(body, pairs), 'latin1')),
  }));
}

function isForm({ request }: Message): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false; // RFC 6750 §2.2
  return request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase() === FORM;
}

function chooseToken(
  found: readonly PresentedToken[],
  scheme: string | undefined,
  { tokenIn, headerPrefix }: Config,
): PresentedToken {
  const [token, second] = found;
  if (second !== undefined) throw new Refusal('token_twice', { foundIn: found.map(({ place }) => place) });
  if (token !== undefined && tokenIn.includes(token.place)) return token;
  if (token === undefined && scheme !== undefined && tokenIn.includes('header')) {
    throw new Refusal('token_scheme_wrong', { scheme: scheme === '' ? undefined : scheme, expected: headerPrefix });
  }
  throw new Refusal('token_missing', { lookedIn: tokenIn, foundIn: token?.place });
}
