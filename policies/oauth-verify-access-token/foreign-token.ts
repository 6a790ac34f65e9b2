import type { Message } from '#core/message';
import type { ForeignToken } from '#core/token-verifier';

/** Whose token it was, for the record: there is no client here that could be named. */
export function noteForeign(message: Message, { prefix, issuer, subject, clientId }: ForeignToken): void {
  message.note({ token: prefix, issuer, subject, foreignClient: clientId });
}

/** Leaves on the whiteboard what later policies may want to know. */
export function describeForeign({ whiteboard }: Message, token: ForeignToken): void {
  const { prefix, scopes, issuedAt, expiresAt, subject } = token;
  whiteboard.set('accesstoken', { prefix, scopes, issuedAt, expiresAt, parameters: {} });
  whiteboard.set('authentication.subject.id', subject);
}
