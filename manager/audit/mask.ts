/** Fields that hold a secret wherever they stand. A flag or a number of such a name is none. */
const SECRET_FIELDS = new Set([
  ...['password', 'passwordhash', 'secret', 'clientsecret', 'consumersecret', 'privatekey', 'sealed', 'hash'],
  ...['token', 'accesstoken', 'refreshtoken', 'authorization', 'recoverycodes', 'totpsecret', 'csrftoken'],
]);

const MASK = '***';

/**
 * What the trail keeps of a state: the same without secrets. What is handed in holds none by rule; this is for the day somebody forgets:
 * fields with telling names, values of secret variables, and texts that are formed like a secret of ours, a private key or a URL's password.
 */
export function maskSecrets(value: unknown): unknown {
  if (typeof value === 'string') return maskText(value);
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value);
  const isSecretVariable = fields.some(([name, inner]) => name === 'secret' && inner === true);
  return Object.fromEntries(
    fields.map(([name, inner]) => {
      const isSecret = SECRET_FIELDS.has(name.toLowerCase()) || (isSecretVariable && name === 'value');
      return [name, isSecret && isText(inner) ? MASK : maskSecrets(inner)];
    }),
  );
}

function isText(value: unknown): boolean {
  return (
    (typeof value === 'string' && value !== '') ||
    (Array.isArray(value) && value.every((item) => typeof item === 'string'))
  );
}

function maskText(text: string): string {
  return text
    .replace(/\bgw[smj]_[0-9A-Za-z]{20,}/g, MASK)
    .replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, MASK)
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^/?#@\s]*@/gi, `$1${MASK}@`);
}
