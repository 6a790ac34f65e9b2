import { Refusal } from '#core/errors';

const MIN_LENGTH = 22;
const MAX_LENGTH = 512;

/**
 * A token of ours has 22 to 512 characters of base 62; anything else is refused before it costs more.
 * @throws Refusal `token_malformed`
 */
export function checkTokenForm(token: string): void {
  const { length } = token;
  if (length < MIN_LENGTH || length > MAX_LENGTH) {
    throw new Refusal('token_malformed', { length, expected: `${MIN_LENGTH} to ${MAX_LENGTH}` });
  }
  if (!/^[0-9A-Za-z]+$/.test(token)) throw new Refusal('token_malformed', { length });
}
