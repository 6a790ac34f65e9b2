const MOST_SCOPES = 200;

/** `scope` as words (RFC 9068 §2.2.3, RFC 7662 §2.2), or as the list `scp` that some issuers send. At most 200. */
export function scopesOf({ scope, scp }: Readonly<Record<string, unknown>>): string[] {
  const given = scope ?? scp;
  const words = Array.isArray(given) ? given : typeof given === 'string' ? given.split(' ') : [];
  return words.filter((word) => typeof word === 'string' && word !== '').slice(0, MOST_SCOPES);
}
