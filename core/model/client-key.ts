import * as z from 'zod';

/** Most public keys of a client. */
const MAX_KEYS = 10;

/** Members that only private or secret keys have (RFC 7518 §6.2.2, §6.3.2, §6.4.1, RFC 8037 §2). */
const PRIVATE_MEMBERS: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** Members that say where a key is to be fetched: never followed, so never taken. */
const REMOTE_MEMBERS: readonly string[] = ['x5u', 'jku'];

const text = z.string().max(2048);

/** A public key (RFC 7517 §4). What is private is refused: who sent it has to make another key. */
const publicKey = z
  .looseObject({
    kty: z.enum(['RSA', 'EC', 'OKP']).describe('Kind of key. Symmetric keys (oct) are refused.'),
    use: z.literal('sig').optional(),
    kid: z.string().min(1).max(256).optional().describe('Id of the key, as the head of a JWT names it.'),
    alg: z.enum(['RS256', 'PS256', 'ES256', 'EdDSA']).optional().describe('The one algorithm of this key.'),
    crv: z.enum(['P-256', 'Ed25519']).optional(),
    n: text.optional(),
    e: z.string().max(16).optional(),
    x: text.optional(),
    y: text.optional(),
    x5c: z.array(z.string().max(16_384)).min(1).max(5).optional().describe('Its certificate first (RFC 7517 §4.7).'),
  })
  .superRefine((key, { addIssue }) => {
    for (const name of Object.keys(key)) {
      if (PRIVATE_MEMBERS.includes(name))
        addIssue({ code: 'custom', path: [name], message: 'This is part of a private key: make another one.' });
      else if (REMOTE_MEMBERS.includes(name))
        addIssue({ code: 'custom', path: [name], message: 'Keys are not fetched from where a key says.' });
    }
    for (const name of membersOf(key.kty))
      if (key[name] === undefined) addIssue({ code: 'custom', path: [name], message: 'The key lacks this.' });
  });

/** Members without which a key of its kind is none. */
function membersOf(kty: 'RSA' | 'EC' | 'OKP'): readonly string[] {
  switch (kty) {
    case 'RSA':
      return ['n', 'e'];
    case 'EC':
      return ['crv', 'x', 'y'];
    case 'OKP':
      return ['crv', 'x'];
  }
}

/** A client's public keys (RFC 7591 §2 `jwks`). */
export const clientKeys = z
  .strictObject({ keys: z.array(publicKey).min(1).max(MAX_KEYS) })
  .superRefine(({ keys }, { addIssue }) => {
    const ids = new Set<string>();
    for (const [index, { kid }] of keys.entries()) {
      if (kid !== undefined && ids.has(kid))
        addIssue({ code: 'custom', path: ['keys', index, 'kid'], message: 'Two keys have this id.' });
      if (kid !== undefined) ids.add(kid);
    }
    if (JSON.stringify(keys).length > 65_536) addIssue({ code: 'custom', path: ['keys'], message: 'At most 64 KiB.' });
  })
  .describe('Public keys as a JWK Set (RFC 7517). Never a private key.');
export type ClientKeys = z.infer<typeof clientKeys>;
