import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '#core/errors';
import { checkCertificate } from './check-certificate.ts';

type Token = Parameters<typeof checkCertificate>[0];
const shown = (thumbprint: string) => ({ thumbprint, der: Buffer.alloc(0), isTrusted: false });
const tokenBoundTo = (certificate: string | undefined) =>
  ({ token: { details: { certificate } }, client: { name: 'app', displayName: 'App' }, prefix: '0a1b2c3d' }) as Token;
const refused = (problem: string) => (error: unknown) =>
  error instanceof Refusal && error.code === 'token_certificate' && error.facts.problem === problem;

test('RFC 8705 §3: a bound token is refused without its certificate, and with another one', () => {
  checkCertificate(tokenBoundTo('A'), shown('A'));
  assert.throws(() => checkCertificate(tokenBoundTo('A'), undefined), refused('missing'));
  assert.throws(() => checkCertificate(tokenBoundTo('A'), shown('B')), refused('other'));
});

test('a token that is bound to nothing comes with any certificate or none', () => {
  checkCertificate(tokenBoundTo(undefined), undefined);
  checkCertificate(tokenBoundTo(undefined), shown('A'));
});
